"""Eight bits: a quarter of the bytes, ranges from real inputs, the form that runtimes know."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from torch import nn

from export.lower import lower_encoder
from export.precision.int8 import to_int8
from export.runtime import open_session


def network(*widths):
    torch.manual_seed(5)
    layers = [layer for a, b in pairwise(widths) for layer in (nn.Linear(a, b), nn.ReLU())]
    return nn.Sequential(nn.Flatten(), *layers[:-1])


@pytest.fixture(scope="module")
def given():
    return np.random.default_rng(1).random((256, 1, 28, 28), dtype=np.float32)


@pytest.fixture(scope="module")
def models(given):
    model = lower_encoder(network(784, 512, 256, 32), (1, 28, 28))
    return model, to_int8(model, given)


def run(model, values):
    return open_session(model.SerializeToString(), ["CPUExecutionProvider"]).run(None, {"image": values})[0]


def test_an_mlp_shrinks_to_less_than_three_tenths(models):
    exact, small = models
    assert small.ByteSize() <= 0.30 * exact.ByteSize()


def test_answers_stay_within_a_hundredth_of_their_spread(models, given):
    exact, small = models
    wanted = run(exact, given)
    assert np.sqrt(np.square(run(small, given) - wanted).mean()) <= 0.02 * wanted.std()


def test_weights_have_seven_bits_and_a_scale_per_output(models):
    weights = {weight.name: weight for weight in models[1].graph.initializer}
    eight = [numpy_helper.to_array(w) for w in weights.values() if w.data_type == onnx.TensorProto.INT8]
    matrices = [array for array in eight if array.ndim == 2]
    assert sorted(array.shape for array in matrices) == [(32, 256), (256, 512), (512, 784)]
    assert all(np.abs(array.astype(int)).max() == 64 for array in matrices)
    scales = [node.input[1] for node in models[1].graph.node if node.op_type == "DequantizeLinear"]
    assert {512, 256, 32} <= {weights[name].dims[0] for name in scales if weights[name].dims}


def test_every_operator_is_of_the_standard_domain_and_the_ports_are_the_same(models):
    exact, small = models
    onnx.checker.check_model(small, full_check=True)
    assert [(opset.domain, opset.version) for opset in small.opset_import] == [("", 18)]
    assert {node.domain for node in small.graph.node} == {""}
    assert (list(small.graph.input), list(small.graph.output)) == (list(exact.graph.input), list(exact.graph.output))


def test_the_bytes_repeat_and_the_float_graph_is_not_changed(models, given):
    exact, small = models
    before = exact.SerializeToString(deterministic=True)
    again = to_int8(exact, given)
    assert again.SerializeToString(deterministic=True) == small.SerializeToString(deterministic=True)
    assert exact.SerializeToString(deterministic=True) == before


def test_ranges_come_from_the_inputs_that_are_given(models, given):
    narrow = to_int8(models[0], given[:8] / 10)
    assert not np.allclose(run(narrow, given), run(models[1], given), atol=1e-3)


def test_convolutions_both_ways_are_quantised(given):
    torch.manual_seed(2)
    layers = [nn.Conv2d(1, 32, 4, 2, 1), nn.ReLU(), nn.Conv2d(32, 64, 4, 2, 1), nn.ReLU()]
    layers += [nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(32 * 14 * 14, 16)]
    exact = lower_encoder(nn.Sequential(*layers), (1, 28, 28))
    small = to_int8(exact, given[:64])
    assert small.ByteSize() <= 0.40 * exact.ByteSize()
    wanted = run(exact, given[:64])
    assert np.sqrt(np.square(run(small, given[:64]) - wanted).mean()) <= 0.1 * wanted.std()


def test_nothing_is_printed(models, given, capfd, caplog):
    to_int8(models[0], given[:8])
    assert capfd.readouterr() == ("", "")
    assert not caplog.records
