"""The gate on what smaller weights cost."""

from __future__ import annotations

import numpy as np
import pytest
from torch import nn

from export.errors import ToolError
from export.graphs import lower_graphs
from export.layers import Affine
from export.precision.quality import check_quality

IMAGES = np.random.default_rng(0).random((40, 1, 2, 2), dtype=np.float32)


def graphs(scale, shift=0.0):
    """A network that multiplies an image by ``scale`` and adds ``shift``."""
    decoder = nn.Sequential(Affine(scale, shift), nn.Unflatten(1, (1, 2, 2)))
    return lower_graphs(nn.Flatten(), decoder, (1, 2, 2), 4).files


def test_the_figures_are_those_of_the_closed_form():
    found = check_quality("int8", graphs(0.9), graphs(0.9005), IMAGES, (0.0, 1.0))
    power = float(np.square(IMAGES, dtype=np.float64).mean())
    assert found["fp32_mse"] == pytest.approx(0.01 * power, rel=1e-4)
    assert found["mse"] == pytest.approx(0.0995**2 * power, rel=1e-4)
    assert found["growth"] == pytest.approx(0.995**2 - 1, abs=1e-4)
    assert found["images"] == 40


@pytest.mark.parametrize(("precision", "growth", "passes"), [
    ("int8", 0.009, True), ("int8", 0.011, False), ("fp16", 0.0009, True), ("fp16", 0.0011, False),
])  # fmt: skip
def test_the_gate_is_where_it_is_said_to_be(precision, growth, passes):
    worse = graphs(1 - 0.1 * np.sqrt(1 + growth))
    if passes:
        check_quality(precision, graphs(0.9), worse, IMAGES, (0.0, 1.0))
        return
    with pytest.raises(ToolError) as caught:
        check_quality(precision, graphs(0.9), worse, IMAGES, (0.0, 1.0))
    assert caught.value.exit_code == 1
    assert f"{growth:.2%}" in caught.value.what


def test_where_there_is_no_error_one_that_nobody_sees_is_allowed():
    assert check_quality("int8", graphs(1.0), graphs(1.0, 1e-5), IMAGES, (0.0, 1.0))["fp32_mse"] == 0
    with pytest.raises(ToolError):
        check_quality("int8", graphs(1.0), graphs(1.0, 1e-3), IMAGES, (0.0, 1.0))


def test_answers_that_are_not_numbers_are_refused():
    with pytest.raises(ToolError):
        check_quality("fp16", graphs(0.9), graphs(float("nan")), IMAGES, (0.0, 1.0))
