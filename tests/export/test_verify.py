"""Verifying: every file counts, and so does what the graphs answer."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, numpy_helper

from export.errors import ExitCode, ToolError
from export.live import write_live
from export.verify import examine_in_subprocess, verify_bundle, verify_in_subprocess


def refused(folder, match=None):
    with pytest.raises(ToolError, match=match) as caught:
        verify_bundle(folder)
    assert caught.value.exit_code == ExitCode.DAMAGED
    return caught.value


def test_a_whole_bundle_is_good(bundle):
    verdict = verify_bundle(bundle)
    assert (verdict.name, verdict.variant, verdict.step, verdict.verified) == (
        "run-variational",
        "variational",
        400,
        True,
    )
    assert set(verdict.self_test) == {"encoder.mean", "encoder.log_variance", "decoder.reconstruction"}
    assert max(verdict.self_test.values()) < 1e-6


def test_one_flipped_bit_in_any_file_is_found(bundle):
    for path in sorted(path for path in bundle.rglob("*") if path.is_file()):
        whole = path.read_bytes()
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        refused(bundle)
        path.write_bytes(whole)
    verify_bundle(bundle)


def test_a_missing_file_is_named_whichever_it_is(bundle):
    for path in sorted(path for path in bundle.rglob("*") if path.is_file()):
        path.rename(bundle.parent / "away")
        refused(bundle, path.name)
        (bundle.parent / "away").rename(path)
    verify_bundle(bundle)


def test_files_of_the_user_beside_ours_do_no_harm(bundle):
    (bundle / "notes.txt").write_text("mine")
    verify_bundle(bundle)


@pytest.mark.parametrize("extra", ["0" * 64 + "  ../../etc/passwd\n", "\x1b[31m\n", "0  \x1b]0;x\x07\n"])
def test_sums_that_list_something_else_are_refused(bundle, extra):
    with open(bundle / "SHA256SUMS", "a") as file:
        file.write(extra)
    assert "\x1b" not in str(refused(bundle, "SHA256SUMS"))


def test_answers_that_differ_from_the_test_vectors_are_found_though_every_hash_fits(bundle, forge):
    name = "test_data_set_0/decoder/output_0.pb"
    tensor = onnx.TensorProto.FromString((bundle / name).read_bytes())
    forge(bundle, name, numpy_helper.from_array(numpy_helper.to_array(tensor) + np.float32(0.01)).SerializeToString())
    refused(bundle, "differs from its test vector by 0.01")
    forge(bundle, name, numpy_helper.from_array(np.zeros((2, 2), np.float32)).SerializeToString())
    refused(bundle, "shape")


@pytest.mark.parametrize("content", [b"garbage", b"", b"\xff" * 40])
def test_a_test_vector_that_is_no_tensor_is_refused(bundle, forge, content):
    forge(bundle, "test_data_set_0/encoder/input_0.pb", content)
    refused(bundle)


def test_a_test_vector_that_lies_elsewhere_is_refused(bundle, forge):
    tensor = TensorProto(data_type=TensorProto.FLOAT, dims=[3], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="/etc/passwd")
    forge(bundle, "test_data_set_0/encoder/input_0.pb", tensor.SerializeToString())
    refused(bundle, "not a tensor")


def test_a_graph_that_the_checker_refuses_is_named_though_its_hash_fits(bundle, forge):
    model = onnx.load_model_from_string((bundle / "decoder.onnx").read_bytes())
    model.graph.node[0].input[0] = "nobody"
    forge(bundle, "decoder.onnx", model.SerializeToString())
    refused(bundle, r"decoder\.onnx does not pass the ONNX checker")


def test_live_weights_have_no_self_test(tmp_path, make_networks):
    built = make_networks("sparse")
    write_live(
        encoder=built.encoder, decoder=built.decoder, name="n", variant="sparse", arch="mlp", data="digits", step=9,
        image_shape=built.image_shape, latent_dim=built.latent_dim, link=tmp_path / "live",
    )  # fmt: skip
    verdict = verify_bundle(tmp_path / "live")
    assert (verdict.files, verdict.verified, verdict.self_test) == (2, False, None)


def test_a_process_of_its_own_comes_to_the_same_verdict(bundle, tmp_path):
    assert verify_in_subprocess(bundle) == verify_bundle(bundle)
    graph = (bundle / "decoder.onnx").read_bytes()
    (bundle / "decoder.onnx").write_bytes(graph[:-40] + bytes([graph[-40] ^ 1]) + graph[-39:])
    with pytest.raises(ToolError, match=r"decoder\.onnx has sha256") as caught:
        verify_in_subprocess(bundle)
    assert caught.value.exit_code == ExitCode.DAMAGED
    with pytest.raises(ToolError, match="is not a bundle") as caught:
        verify_in_subprocess(tmp_path)
    assert caught.value.exit_code == ExitCode.USAGE


def test_a_check_that_does_not_end_is_an_error(bundle):
    with pytest.raises(ToolError, match="takes more than") as caught:
        verify_in_subprocess(bundle, timeout_s=0.001)
    assert caught.value.exit_code == ExitCode.DAMAGED


def test_a_check_that_crashes_is_an_error(bundle, monkeypatch, tmp_path):
    crashing = tmp_path / "python"
    crashing.write_text("#!/bin/sh\nkill -SEGV $$\n")
    crashing.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(crashing))
    with pytest.raises(ToolError, match="signal 11") as caught:
        verify_in_subprocess(bundle)
    assert caught.value.exit_code == ExitCode.DAMAGED


@pytest.fixture
def tract_that(monkeypatch, tmp_path):
    """Puts a module in the place of tract, in every process: what a runtime does that is not in order."""

    def put(code):
        (tmp_path / "modules").mkdir()
        (tmp_path / "modules" / "tract.py").write_text(code)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / "modules"))
        monkeypatch.syspath_prepend(tmp_path / "modules")

    return put


def test_a_runtime_that_crashes_takes_nobody_with_it(bundle, tract_that):
    tract_that("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    verdict = examine_in_subprocess(bundle, ["tract", "ort"])
    tract, ort = verdict.runtimes
    assert tract.error["exit_code"] == ExitCode.FAILED
    assert "tract cannot run the graphs" in tract.error["what"]
    assert "signal 11" in tract.error["what"]
    assert (tract.self_test, ort.error) == (None, None)
    assert verdict.self_test == ort.self_test
    with pytest.raises(ToolError, match="signal 11"):
        verify_in_subprocess(bundle, ["tract"])


def test_a_runtime_that_does_not_end_is_stopped(bundle, tract_that):
    tract_that("import time\ntime.sleep(600)\n")
    (tract,) = examine_in_subprocess(bundle, ["tract"], timeout_s=5).runtimes
    assert "takes more than 5 s" in tract.error["what"]
    assert tract.error["exit_code"] == ExitCode.FAILED


def test_a_runtime_that_cannot_be_imported_is_a_usage_error_with_its_own_words(bundle, tract_that):
    tract_that("print('noise')\nraise ImportError('libcuriously.so: cannot open')\n")
    with pytest.raises(ToolError, match="tract is not installed") as caught:
        verify_in_subprocess(bundle, ["ort", "tract"])
    assert caught.value.exit_code == ExitCode.USAGE
    assert "libcuriously.so" in caught.value.why
    assert caught.value.do == "python -m pip install tract"


def test_a_damaged_bundle_is_so_in_any_runtime(bundle):
    (bundle / "probe.npz").write_bytes(b"")
    for runtimes in (["reference"], ["reference", "ort"]):
        with pytest.raises(ToolError, match=r"probe\.npz has 0 bytes") as caught:
            verify_in_subprocess(bundle, runtimes)
        assert caught.value.exit_code == ExitCode.DAMAGED


def test_several_runtimes_come_to_one_verdict(bundle):
    verdict = verify_in_subprocess(bundle, ["reference", "ort"])
    assert verdict == verify_bundle(bundle, ["reference", "ort"])
    assert [one.runtime for one in verdict.runtimes] == ["reference", "ort"]
    assert [one.version for one in verdict.runtimes] == [onnx.__version__, onnxruntime.__version__]
    for name, value in verdict.self_test.items():
        assert value == max(one.self_test[name] for one in verdict.runtimes)


def test_no_runtime_brings_torch(bundle):
    code = (
        "import sys\nfrom pathlib import Path\nfrom export.verify import verify_bundle\n"
        "verify_bundle(Path(sys.argv[1]), ['all'])\nassert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code, str(bundle)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_module_prints_one_object_and_nothing_else(bundle):
    command = [sys.executable, "-m", "export.verify", str(bundle)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["verified"]
