"""Which provider runs which node, held against onnxruntime's own profiler."""

from __future__ import annotations

import json
import os
import shutil

import numpy as np
import onnx
import onnxruntime
import pytest

from export.doctor.placement import Placement, bundles_in, placements
from export.errors import ExitCode, ToolError
from export.runtime import session_options


def profiled(path, folder):
    """How many kernels a run of the graph takes, and on which providers, as the profiler saw them."""
    options = session_options()
    options.enable_profiling = True
    options.profile_file_prefix = str(folder / path.stem)
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    session.run(None, {given.name: np.zeros((1, *given.shape[1:]), np.float32)})
    with open(session.end_profiling()) as file:
        events = json.load(file)
    ran = [event["args"] for event in events if event.get("name", "").endswith("_kernel_time")]
    return len(ran), {args["provider"] for args in ran}


def test_every_node_is_counted_and_so_is_every_kernel_that_runs(bundle, tmp_path):
    encoder, decoder = placements(bundle)
    assert (encoder.graph, decoder.graph) == ("encoder.onnx", "decoder.onnx")
    for placement in (encoder, decoder):
        path = bundle / placement.graph
        assert placement.in_file == len(onnx.load(path).graph.node)
        if set(placement.nodes) == {"CPU"}:
            assert placement.nodes == {"CPU": placement.in_file}
            assert profiled(path, tmp_path) == (placement.run_as, {"CPUExecutionProvider"})
            assert placement.run_as < placement.in_file


def test_what_is_said_of_a_placement():
    def said(**changes):
        return str(
            Placement(**{"bundle": "b", "graph": "g", "in_file": 7, "nodes": {"CPU": 7}, "run_as": 7, **changes})
        )

    assert said() == "CPU 7 of 7 nodes"
    assert said(nodes={"CUDA": 7}, run_as=5) == "CUDA 7 of 7 nodes, fused into 5"
    assert said(nodes={"CPU": 1, "CUDA": 6}, on_cpu=("TopK pick",)) == (
        "CUDA 6 of 7 nodes, CPU 1 of 7 nodes; on the CPU: TopK pick"
    )
    assert "cannot say" in said(nodes=None)


def test_a_node_that_falls_to_the_cpu_is_worth_a_note():
    mixed = Placement(bundle="b", graph="g", in_file=2, nodes={"CUDA": 1, "CPU": 1}, run_as=2, on_cpu=("TopK pick",))
    assert not mixed.runs_on("CUDA")
    assert Placement(bundle="b", graph="g", in_file=2, nodes={"CUDA": 2}, run_as=2).runs_on("CUDA")


def test_a_folder_of_bundles_and_a_run_are_taken_for_what_is_in_them(bundle, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(bundle, run / "export" / "fp32")
    shutil.copytree(bundle, run / "export" / "int8")
    shutil.copytree(bundle, run / "live")
    assert bundles_in(bundle) == [bundle]
    assert bundles_in(run / "export") == [run / "export/fp32", run / "export/int8"]
    assert bundles_in(run) == bundles_in(run / "export")


def test_what_is_no_bundle_is_exit_2_and_what_is_damaged_exit_3(bundle, tmp_path):
    with pytest.raises(ToolError) as caught:
        placements(tmp_path / "nowhere")
    assert caught.value.exit_code == ExitCode.USAGE
    graph = bundle / "decoder.onnx"
    graph.write_bytes(graph.read_bytes()[:-1])
    with pytest.raises(ToolError, match=r"decoder.onnx has \d+ bytes") as caught:
        placements(bundle)
    assert caught.value.exit_code == ExitCode.DAMAGED


def test_an_onnxruntime_that_cannot_say_is_said_to(bundle, changed_onnxruntime, monkeypatch):
    changes = changed_onnxruntime(
        "del onnxruntime.capi.onnxruntime_inference_collection.Session.get_provider_graph_assignment_info"
    )
    monkeypatch.setenv("PYTHONPATH", changes["PYTHONPATH"])
    assert {placement.nodes for placement in placements(bundle)} == {None}
    assert str(placements(bundle)[0]) == "this onnxruntime cannot say which node runs where"


def test_an_onnxruntime_that_crashes_is_an_error_and_no_crash(bundle, changed_onnxruntime, monkeypatch):
    crash = (
        "import signal\nonnxruntime.InferenceSession.__init__ = lambda *a, **k: os.kill(os.getpid(), signal.SIGSEGV)"
    )
    monkeypatch.setenv("PYTHONPATH", changed_onnxruntime(crash)["PYTHONPATH"])
    with pytest.raises(ToolError, match="ended badly") as caught:
        placements(bundle)
    assert (caught.value.exit_code, caught.value.why) == (ExitCode.DAMAGED, "it was ended by SIGSEGV")


def test_the_command_shows_it_in_the_table_and_in_json(bundle, packages, torch, doctor, command):
    torch("2.13.0+cpu", None)
    _, answer = doctor(None, str(bundle))
    assert [placement["graph"] for placement in answer["placement"]] == ["encoder.onnx", "decoder.onnx"]
    assert sum(answer["placement"][0]["nodes"].values()) == len(onnx.load(bundle / "encoder.onnx").graph.node)
    shown = command("aetrain", "doctor", bundle, env={**os.environ, "PYTHONPATH": str(packages)}).stdout
    count = answer["placement"][0]["in_file"]
    assert f"{count} of {count} nodes" in next(line for line in shown.splitlines() if "encoder.onnx" in line)
    assert doctor()[1]["placement"] is None
