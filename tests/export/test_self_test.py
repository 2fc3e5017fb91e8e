"""A runtime that answers otherwise than the bundle's vectors is found, and told apart from vectors that are wrong."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from export.card import self_test_vectors
from export.errors import ExitCode, ToolError
from export.manifest import file_table
from export.runtimes import RUNTIMES, find_runtimes
from export.verify import examine, verify_bundle

INSTALLED = [name for name, runtime in RUNTIMES.items() if runtime.is_installed()]


def with_wrong_weight(graph: bytes, name: str, by: float) -> bytes:
    """``graph`` with ``by`` added to every number of one weight."""
    model = onnx.load_model_from_string(graph)
    for weight in model.graph.initializer:
        if weight.name == name:
            weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight) + np.float32(by), name))
            return model.SerializeToString()
    raise KeyError(name)


def wrong(name: str, weight: str, by: float = 0.1):
    """The runtime ``name``, with a weight of the decoder that it reads wrongly."""
    whole = RUNTIMES[name]

    def open_wrongly(graph, outputs):
        is_decoder = "reconstruction" in [port.name for port in onnx.load_model_from_string(graph).graph.output]
        return whole.open(with_wrong_weight(graph, weight, by) if is_decoder else graph, outputs)

    return dataclasses.replace(whole, open=open_wrongly)


def refused(folder, *runtimes):
    with pytest.raises(ToolError) as caught:
        verify_bundle(folder, runtimes or ("ort",))
    return caught.value


def replace_all(forge, folder, files, **fields):
    """Put ``files`` into the bundle, with a manifest that says ``fields`` and agrees."""
    manifest = json.loads((folder / "manifest.json").read_text()) | fields
    (folder / "manifest.json").write_text(json.dumps(manifest))
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        forge(folder, name, content)


def graphs_of(folder):
    return {name: (folder / name).read_bytes() for name in ("encoder.onnx", "decoder.onnx")}


def rounded_to_steps(graph: bytes, scale: float, zero: int) -> bytes:
    """``graph`` whose input is quantised first: the QDQ pair of an int8 graph, opset 18."""
    model = onnx.load_model_from_string(graph)
    name = model.graph.input[0].name
    for node in model.graph.node:
        node.input[:] = [f"{name}_rounded" if value == name else value for value in node.input]
    model.graph.initializer.append(numpy_helper.from_array(np.array(scale, np.float32), "q_scale"))
    model.graph.initializer.append(numpy_helper.from_array(np.array(zero, np.uint8), "q_zero"))
    quantum = ["q_scale", "q_zero"]
    model.graph.node.insert(0, helper.make_node("QuantizeLinear", [name, *quantum], ["q"], name="Quantize"))
    model.graph.node.insert(1, helper.make_node("DequantizeLinear", ["q", *quantum], [f"{name}_rounded"], name="Back"))
    return model.SerializeToString()


@pytest.mark.parametrize("weight", ["weight_0", "bias_0", "weight_1", "weight_2"])
@pytest.mark.parametrize("name", INSTALLED)
def test_a_runtime_that_computes_wrongly_is_told_the_node(name, weight, bundle, monkeypatch):
    monkeypatch.setitem(RUNTIMES, name, wrong(name, weight))
    (found,) = examine(bundle, find_runtimes([name])).runtimes
    assert found.first_difference["node"] == "Gemm_" + weight[-1]
    assert found.first_difference["inputs"] < 1e-5
    assert found.first_difference["difference"] > 0.01
    assert found.first_difference["oracle"].startswith("reference" if name == "ort" else "ort")
    assert found.self_test is None
    error = refused(bundle, name)
    assert error.exit_code == ExitCode.DAMAGED
    assert "decoder.onnx: reconstruction differs from its test vector by 0." in error.what
    assert f"Gemm_{weight[-1]} (Gemm, node " in error.why
    assert RUNTIMES[name].package in error.do


@pytest.mark.parametrize("name", INSTALLED)
def test_vectors_of_other_weights_are_no_fault_of_the_runtime(name, bundle, forge):
    forge(bundle, "decoder.onnx", with_wrong_weight(graphs_of(bundle)["decoder.onnx"], "weight_1", 0.1))
    error = refused(bundle, name)
    assert error.exit_code == ExitCode.DAMAGED
    assert "the vectors are of other weights than the graph" in error.why
    assert "is damaged: decoder.onnx: reconstruction differs from its test vector" in error.what


def test_a_wrong_runtime_beside_wrong_vectors_is_both(bundle, forge, monkeypatch):
    forge(bundle, "decoder.onnx", with_wrong_weight(graphs_of(bundle)["decoder.onnx"], "weight_1", 0.1))
    monkeypatch.setitem(RUNTIMES, "ort", wrong("ort", "weight_0"))
    error = refused(bundle)
    assert "Gemm_0 (Gemm" in error.why
    assert "the vector is neither's" in error.why


def test_only_the_batch_of_one_may_be_wrong(bundle, monkeypatch):
    whole = RUNTIMES["ort"]

    def open_wrongly(graph, outputs):
        run = whole.open(graph, outputs)
        return lambda given: [
            answer + np.float32(0.5) * (len(answer) == 1) for answer in run(given)
        ]  # fmt: skip

    monkeypatch.setitem(RUNTIMES, "ort", dataclasses.replace(whole, open=open_wrongly))
    assert "at batch 1;" in refused(bundle).what


def test_an_empty_batch_has_to_be_one(bundle, monkeypatch):
    whole = RUNTIMES["ort"]

    def open_wrongly(graph, outputs):
        run = whole.open(graph, outputs)
        return lambda given: run(given) if len(next(iter(given.values()))) else [np.zeros((1, 3), np.float32)] * 2

    monkeypatch.setitem(RUNTIMES, "ort", dataclasses.replace(whole, open=open_wrongly))
    assert "has shape [1, 3], its test vector [0, 3]" in refused(bundle).what


def test_without_a_second_runtime_the_difference_is_still_told(bundle, monkeypatch):
    monkeypatch.setitem(RUNTIMES, "ort", wrong("ort", "weight_0"))
    for name in set(RUNTIMES) - {"ort"}:
        # Deleted, they would come back in another order, and their order says who speaks first.
        monkeypatch.setitem(RUNTIMES, name, dataclasses.replace(RUNTIMES[name], module="not_installed_here"))
    error = refused(bundle)
    assert "differs from its test vector" in error.what
    assert "no second runtime" in error.why


def test_a_runtime_that_cannot_run_the_graphs_is_not_called_wrong(bundle, forge):
    steps = {
        "encoder.onnx": rounded_to_steps(graphs_of(bundle)["encoder.onnx"], 1 / 255, 0),
        "decoder.onnx": rounded_to_steps(graphs_of(bundle)["decoder.onnx"], 0.05, 128),
    }
    images = np.random.default_rng(0).random((8, 1, 8, 8), np.float32)
    replace_all(forge, bundle, {**steps, **self_test_vectors(steps, images)}, precision="int8")
    ort, reference = examine(bundle, find_runtimes(["ort", "reference"])).runtimes
    assert ort.error is None
    assert reference.self_test is None
    assert (reference.error["exit_code"], reference.first_difference) == (ExitCode.FAILED, None)
    assert "cannot run encoder.onnx" in reference.error["what"]
    assert "DequantizeLinear" in reference.error["why"]
    assert refused(bundle, "ort", "reference").exit_code == ExitCode.FAILED


@pytest.mark.parametrize("name", [name for name in INSTALLED if name not in ("reference", "opencv")])
def test_int8_is_compared_in_quanta(name, bundle, forge):
    steps = {
        "encoder.onnx": rounded_to_steps(graphs_of(bundle)["encoder.onnx"], 1 / 255, 0),
        "decoder.onnx": rounded_to_steps(graphs_of(bundle)["decoder.onnx"], 0.02, 128),
    }
    vectors = self_test_vectors(steps, np.random.default_rng(0).random((8, 1, 8, 8), np.float32))
    replace_all(forge, bundle, {**steps, **vectors}, precision="int8")
    assert max(verify_bundle(bundle, [name]).self_test.values()) < 0.02
    file = "test_data_set_0/decoder/output_0.pb"
    answer = numpy_helper.to_array(onnx.TensorProto.FromString(vectors[file])).copy()
    answer[0, 0, 0, 0] += 0.03  # one pixel, eight steps off
    forge(bundle, file, numpy_helper.from_array(answer).SerializeToString())
    verify_bundle(bundle, [name])
    forge(bundle, file, numpy_helper.from_array(answer + np.float32(0.03)).SerializeToString())
    assert "a root mean square of" in refused(bundle, name).what


def pixels_in(graph: bytes) -> bytes:
    """An encoder that takes bytes."""
    model = onnx.load_model_from_string(graph)
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.UINT8
    for node in model.graph.node:
        node.input[:] = ["unit" if value == "image" else value for value in node.input]
    model.graph.initializer.append(numpy_helper.from_array(np.array(1 / 255, np.float32), "step"))
    model.graph.node.insert(0, helper.make_node("Cast", ["image"], ["float"], name="Cast_0", to=TensorProto.FLOAT))
    model.graph.node.insert(1, helper.make_node("Mul", ["float", "step"], ["unit"], name="Mul_9"))
    return model.SerializeToString()


def pixels_out(graph: bytes) -> bytes:
    """A decoder that gives bytes."""
    model = onnx.load_model_from_string(graph)
    model.graph.output[0].type.tensor_type.elem_type = TensorProto.UINT8
    model.graph.node[-1].output[0] = "unit"
    model.graph.initializer.append(numpy_helper.from_array(np.array(255, np.float32), "steps"))
    model.graph.initializer.append(numpy_helper.from_array(np.array(0.5, np.float32), "half"))
    model.graph.node.append(helper.make_node("Mul", ["unit", "steps"], ["scaled"], name="Mul_8"))
    model.graph.node.append(helper.make_node("Add", ["scaled", "half"], ["raised"], name="Add_8"))
    model.graph.node.append(
        helper.make_node("Cast", ["raised"], ["reconstruction"], name="Cast_8", to=TensorProto.UINT8)
    )
    return model.SerializeToString()


@pytest.fixture
def with_pixels(bundle, forge):
    graphs = graphs_of(bundle)
    both = {"encoder.onnx": pixels_in(graphs["encoder.onnx"]), "decoder.onnx": pixels_out(graphs["decoder.onnx"])}
    vectors = self_test_vectors(both, np.random.default_rng(0).integers(0, 256, (8, 1, 8, 8), np.uint8))
    renamed = {name.replace("coder", "coder_u8"): content for name, content in {**both, **vectors}.items()}
    replace_all(forge, bundle, renamed, uint8="NCHW")
    return bundle


@pytest.mark.parametrize("name", INSTALLED)
def test_graphs_of_bytes_are_tested_too(name, with_pixels):
    tested = verify_bundle(with_pixels, [name]).self_test
    heads = [f"{part}.{head}" for part in ("encoder", "encoder_u8") for head in ("mean", "log_variance")]
    assert set(tested) == {*heads, "decoder.reconstruction", "decoder_u8.reconstruction"}
    assert tested["decoder_u8.reconstruction"] in (0, 1)


def test_a_byte_that_is_off_by_two_is_found(with_pixels, forge):
    file = "test_data_set_0/decoder_u8/output_0.pb"
    wanted = numpy_helper.to_array(onnx.TensorProto.FromString((with_pixels / file).read_bytes())).copy()
    for off, good in ((1, True), (2, False)):
        changed = wanted.copy()
        changed[5, 0, 3, 3] += off if changed[5, 0, 3, 3] < 128 else -off
        forge(with_pixels, file, numpy_helper.from_array(changed).SerializeToString())
        if good:
            verify_bundle(with_pixels)
        else:
            assert "decoder_u8.onnx: reconstruction differs from its test vector by 2" in refused(with_pixels).what


def test_graphs_of_bytes_without_vectors_are_refused(with_pixels):
    manifest = json.loads((with_pixels / "manifest.json").read_text())
    for name in [name for name in manifest["files"] if "encoder_u8/" in name]:
        del manifest["files"][name]
    text = json.dumps(manifest)
    (with_pixels / "manifest.json").write_text(text)
    table = {**manifest["files"], **file_table([("manifest.json", text.encode())])}
    sums = "".join(f"{entry['sha256']}  {name}\n" for name, entry in sorted(table.items()))
    (with_pixels / "SHA256SUMS").write_text(sums)
    assert "encoder_u8/output_0.pb is not listed" in refused(with_pixels).what


def test_a_second_graph_may_not_lie_elsewhere_or_need_foreign_operators(with_pixels, forge):
    whole = (with_pixels / "encoder_u8.onnx").read_bytes()
    model = onnx.load_model_from_string(whole)
    model.graph.initializer[0].ClearField("raw_data")
    model.graph.initializer[0].data_location = TensorProto.EXTERNAL
    model.graph.initializer[0].external_data.add(key="location", value="/etc/passwd")
    forge(with_pixels, "encoder_u8.onnx", model.SerializeToString())
    assert "external data" in refused(with_pixels).why
    model = onnx.load_model_from_string(whole)
    model.opset_import.add(domain="com.example", version=1)
    forge(with_pixels, "encoder_u8.onnx", model.SerializeToString())
    assert "foreign domain" in refused(with_pixels).why
