"""Half precision: half the bytes, the same ports, the errors of 11 bits."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

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
        kinds = {weight.data_type for weight in half.graph.initializer}
        assert onnx.TensorProto.FLOAT not in kinds


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
