"""Half precision: half the bytes, the same ports, the errors of 11 bits."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from export.graph import PRODUCTS
from export.lower import lower_decoder, lower_encoder
from export.precision.fp16 import to_fp16
from export.runtime import open_session


def lowered(built):
    encoder = lower_encoder(built.encoder.eval(), built.image_shape)
    return encoder, lower_decoder(built.decoder.eval(), built.latent_dim, built.image_shape)


def run(model, values):
    session = open_session(model.SerializeToString(), ["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: values})


def test_a_half_precision_graph_computes_the_same_to_eleven_bits(kind, make_networks):
    built = make_networks(kind)
    encoder, decoder = lowered(built)
    images = built.images(64)
    exact = run(encoder, images)
    for model, values, wanted in ((encoder, images, exact), (decoder, exact[0], run(decoder, exact[0]))):
        for found, one in zip(run(to_fp16(model), values), wanted, strict=True):
            assert found.dtype == np.float32
            assert np.abs(found - one).max() <= 4e-3 * (1 + np.abs(one).max())


def test_its_ports_domain_and_facts_are_those_of_the_float_graph(kind, make_networks):
    for model in lowered(make_networks(kind)):
        half = to_fp16(model)
        onnx.checker.check_model(half, full_check=True)
        assert list(half.graph.input) == list(model.graph.input)
        assert list(half.graph.output) == list(model.graph.output)
        assert list(half.metadata_props) == list(model.metadata_props)
        assert (half.opset_import, half.ir_version) == (model.opset_import, model.ir_version)
        weights = {weight.name: weight.data_type for weight in half.graph.initializer}
        products = [node for node in half.graph.node if node.op_type in PRODUCTS]
        assert products
        assert {weights[node.input[1]] for node in products} == {onnx.TensorProto.FLOAT16}


def test_the_float_graph_is_not_changed_and_the_bytes_repeat(make_networks):
    model, _ = lowered(make_networks("variational"))
    before = model.SerializeToString(deterministic=True)
    twice = [to_fp16(model).SerializeToString(deterministic=True) for _ in range(2)]
    assert model.SerializeToString(deterministic=True) == before
    assert twice[0] == twice[1] != before


@pytest.mark.parametrize("value", [3e4, 2e-7])
def test_weights_that_a_half_can_hold_are_not_clipped(value):
    import torch

    layer = torch.nn.Linear(1, 1, bias=False)
    layer.weight.data.fill_(value)
    model = to_fp16(lower_encoder(torch.nn.Sequential(torch.nn.Flatten(), layer), (1, 1, 1)))
    (found,) = run(model, np.ones((1, 1, 1, 1), np.float32))
    assert found.item() == np.float16(value)


@pytest.mark.parametrize("value", [1e5, 1.0001])
def test_what_comes_in_and_goes_out_is_not_rounded_to_a_half(value):
    """A center far from zero is taken off, and put on again, in float32."""
    model = chain([("Sub", "image", "center"), ("MatMul", "0", "weight"), ("Relu", "1"), ("Add", "2", "center")], value)
    half = to_fp16(model)
    assert [node.op_type for node in half.graph.node] == ["Sub", "Cast", "MatMul", "Cast", "Relu", "Add"]
    given = np.float32(value) + np.float32([0.0, 0.5]).reshape(2, 1, 1)
    (found,) = run(half, given)
    assert (found == given).all()


def test_a_port_that_is_used_again_stays_one_value():
    model = chain([("MatMul", "image", "weight"), ("Relu", "0"), ("Add", "1", "center")], 3.0, outputs=("1", "2"))
    half = to_fp16(model)
    onnx.checker.check_model(half, full_check=True)
    once, more = run(half, np.float32([-1.0, 0.5]).reshape(2, 1, 1))
    assert once.ravel().tolist() == [0.0, 0.5]
    assert more.ravel().tolist() == [3.0, 3.5]


def test_without_a_product_everything_is_half():
    half = to_fp16(chain([("Sub", "image", "center"), ("Relu", "0")], 1.0))
    assert [node.op_type for node in half.graph.node] == ["Cast", "Sub", "Relu", "Cast"]


def chain(steps, center, outputs=None):
    """A model of one pixel: each step an operator and its inputs, its output its number; ``center``, a weight of 1."""
    weights = {"center": np.full((1, 1), center, np.float32), "weight": np.eye(1, dtype=np.float32)}
    used = {name for _, *given in steps for name in given}
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node(op, given, [str(i)], name=f"{op}_{i}") for i, (op, *given) in enumerate(steps)],
        "g",
        [onnx.helper.make_tensor_value_info("image", onnx.TensorProto.FLOAT, ["batch", 1, 1])],
        [
            onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["batch", 1, 1])
            for name in outputs or [str(len(steps) - 1)]
        ],
        [onnx.numpy_helper.from_array(array, name) for name, array in weights.items() if name in used],
    )
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=10)
