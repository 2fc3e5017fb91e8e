"""The gate in front of every bundle: close passes, far does not, and nothing that is not a number does."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from export.errors import ToolError
from export.graph import serialized
from export.lower import lower_decoder, lower_encoder
from export.parity import check_parity, tolerance


class Shifted(nn.Module):
    """The network beside the one that was lowered, a little off."""

    def __init__(self, network: nn.Module, shift: float) -> None:
        super().__init__()
        self.network = network
        self.shift = shift

    def forward(self, x):
        return self.network(x) + self.shift


@pytest.fixture
def lowered(make_networks):
    built = make_networks("undercomplete")
    files = {
        "encoder.onnx": serialized(lower_encoder(built.encoder, built.image_shape)),
        "decoder.onnx": serialized(lower_decoder(built.decoder, built.latent_dim, built.image_shape)),
    }
    return files, built


def test_what_was_lowered_passes_at_every_batch_size(lowered):
    files, built = lowered
    found = check_parity(files, built.encoder.eval(), built.decoder.eval(), built.images(300))
    assert found["max_difference"] == max(found["encoder"]["latent"], found["decoder"]["reconstruction"])
    assert found["max_difference"] < 1e-6


class RoundedBadly(Shifted):
    """Off in float32 only, as a sum in a bad order is: the same network in float64 is right."""

    def forward(self, x):
        return super().forward(x) if x.dtype == torch.float32 else self.network(x)


@pytest.mark.parametrize(
    ("shift", "passes"), [(5e-6, True), (5e-5, False), (float("nan"), False), (float("inf"), False)]
)
def test_the_gate_is_where_it_is_said_to_be(lowered, shift, passes):
    files, built = lowered
    decoder = RoundedBadly(built.decoder, shift)
    if passes:
        assert check_parity(files, built.encoder, decoder, built.images(8))["decoder"]["reconstruction"] > 1e-6
        return
    with pytest.raises(ToolError, match=r"decoder\.onnx does not compute|decoder gives values that are not numbers"):
        check_parity(files, built.encoder, decoder, built.images(8))


def test_a_graph_much_further_from_float64_than_torch_is_refused_though_the_difference_is_small(lowered):
    files, built = lowered
    check_parity(files, built.encoder, Shifted(built.decoder, 3e-8), built.images(8))
    with pytest.raises(ToolError) as caught:
        check_parity(files, built.encoder, Shifted(built.decoder, 5e-6), built.images(8))
    assert "float64" in caught.value.why


def test_the_errors_of_both_against_float64_are_noted(lowered):
    files, built = lowered
    errors = check_parity(files, built.encoder, built.decoder, built.images(64))["errors_against_float64"]
    with torch.inference_mode():
        double = built.encoder.double()(torch.from_numpy(built.images(64)).double())["latent"].numpy()
        single = built.encoder.float()(torch.from_numpy(built.images(64)))["latent"].numpy()
    assert errors["encoder"]["latent"]["torch"] == pytest.approx(np.abs(single - double).max())
    assert 0 < errors["encoder"]["latent"]["onnxruntime"] < 1e-6


def test_the_tolerance_grows_with_the_output():
    assert tolerance(np.zeros(3, np.float32)) == 1e-6
    assert tolerance(np.array([-2, 1], np.float32)) == pytest.approx(1e-6 + 2e-5)


def test_a_graph_that_does_not_run_is_a_mismatch_too(lowered):
    files, built = lowered
    with pytest.raises(ToolError, match=r"encoder\.onnx"):
        check_parity({**files, "encoder.onnx": b"garbage"}, built.encoder, built.decoder, built.images(2))
