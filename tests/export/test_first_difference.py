"""The node that is named is the one that is wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from export.first_difference import FirstDifference, first_difference, oracles
from export.graph import serialized
from export.lower import lower_decoder, lower_encoder
from export.runtimes import RUNTIMES, Runtime

ORT, REFERENCE = RUNTIMES["ort"], RUNTIMES["reference"]


def wrong_in(node: str, by: float = 0.25, *, only_fused: bool = False) -> Runtime:
    """A runtime that adds ``by`` to the result of one node; only_fused: unless somebody looks at that result."""

    def open_wrongly(graph, outputs):
        model = onnx.load_model_from_string(graph)
        (place,) = (i for i, one in enumerate(model.graph.node) if one.name == node)
        value = model.graph.node[place].output[0]
        if not (only_fused and value in [port.name for port in model.graph.output]):
            model.graph.node[place].output[0] = "right"
            model.graph.initializer.append(numpy_helper.from_array(np.array(by, np.float32), "by"))
            model.graph.node.insert(place + 1, onnx.helper.make_node("Add", ["right", "by"], [value]))
        return ORT.open(model.SerializeToString(), outputs)

    return dataclasses.replace(ORT, name="stand-in", open=open_wrongly)


@pytest.fixture
def graph(make_networks: Callable[..., object]) -> Callable[[str, str], tuple[bytes, dict[str, np.ndarray]]]:
    def make(kind: str, part: str) -> tuple[bytes, dict[str, np.ndarray]]:
        built = make_networks(kind)
        if part == "encoder":
            return serialized(lower_encoder(built.encoder, built.image_shape)), {"image": built.images(3)}
        model = lower_decoder(built.decoder, built.latent_dim, built.image_shape)
        return serialized(model), {"latent": np.random.default_rng(2).random((3, built.latent_dim), np.float32)}

    return make


@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_whichever_node_is_wrong_it_is_named(kind, part, graph):
    bytes_, given = graph(kind, part)
    nodes = onnx.load_model_from_string(bytes_).graph.node
    for place, node in enumerate(nodes):
        found = first_difference(bytes_, given, wrong_in(node.name), REFERENCE)
        assert (found.node, found.operator, found.index, found.of) == (node.name, node.op_type, place + 1, len(nodes))
        assert found.difference == pytest.approx(0.25, abs=1e-5)
        assert found.inputs < 1e-6
        assert not found.fused


@pytest.mark.parametrize("name", [name for name in RUNTIMES if name != "ort"])
def test_the_runtimes_themselves_agree_at_every_node(name, kind, graph):
    runtime = RUNTIMES[name]
    if not runtime.is_installed():
        pytest.skip(f"needs {name}: python -m pip install {runtime.package}")
    for part in ("encoder", "decoder"):
        assert first_difference(*graph(kind, part), runtime, ORT) is None
        assert first_difference(*graph(kind, part), wrong_in("Gemm_0"), runtime).node == "Gemm_0"


def test_a_fault_that_hides_when_it_is_looked_at_is_named_as_one_of_fusing(graph):
    bytes_, given = graph("undercomplete", "decoder")
    found = first_difference(bytes_, given, wrong_in("Relu_1", only_fused=True), REFERENCE)
    assert (found.node, found.fused) == ("Relu_1", True)
    assert found.difference > 1e-3
    assert "goes wrong where it fuses" in found.sentence("stand-in")


def test_no_difference_is_none(graph):
    bytes_, given = graph("variational", "encoder")
    assert first_difference(bytes_, given, wrong_in("Gemm_1", by=0.0), REFERENCE) is None
    assert first_difference(bytes_, given, wrong_in("Gemm_1", by=1e-6), REFERENCE) is None
    assert first_difference(bytes_, given, wrong_in("Gemm_1", by=1e-3), REFERENCE) is not None
    assert first_difference(bytes_, given, wrong_in("Gemm_1", by=1e-3), REFERENCE, "fp16") is None


def test_what_is_not_a_number_is_found(graph):
    bytes_, given = graph("undercomplete", "encoder")
    found = first_difference(bytes_, given, wrong_in("Relu_0", by=float("nan")), REFERENCE)
    assert (found.node, found.difference) == ("Relu_0", float("inf"))


def test_the_sentence_names_the_node_and_what_it_was_given():
    where = FirstDifference(
        node="Gemm_2", operator="Gemm", index=5, of=8, difference=0.0314, inputs=1.2e-7, oracle="ort 1.31"
    )
    assert where.sentence("opencv") == (
        "Gemm_2 (Gemm, node 5 of 8) is the first that differs from ort 1.31: by 0.0314; its inputs agree to 1e-07"
    )
    assert dataclasses.replace(where, inputs=0.0).sentence("opencv").endswith("its inputs are the same")


def test_the_others_speak_for_onnxruntime_and_it_for_them():
    assert next(oracles(ORT)).name == "reference"
    for runtime in RUNTIMES.values():
        assert runtime.name not in [oracle.name for oracle in oracles(runtime)]
    assert next(oracles(REFERENCE)).name == "ort"
