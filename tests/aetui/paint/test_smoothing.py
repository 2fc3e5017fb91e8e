from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.paint.smoothing import WEIGHTS, smooth


def test_smoothing_is_the_weighted_mean_of_what_came_before() -> None:
    ys = np.random.default_rng(0).random(30)
    weights = 0.9 ** np.arange(30)
    expected = [(weights[: n + 1][::-1] * ys[: n + 1]).sum() / weights[: n + 1].sum() for n in range(30)]
    np.testing.assert_allclose(smooth(ys, 0.9), expected)
    np.testing.assert_array_equal(smooth(ys, 0), ys)


def test_smoothing_steps_over_gaps_and_leaves_them() -> None:
    found = smooth(np.array([1.0, np.nan, 1.0]), 0.5)
    np.testing.assert_allclose(found, [1.0, np.nan, 1.0])


@given(
    ys=st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), max_size=300),
    weight=st.sampled_from(WEIGHTS) | st.floats(0.001, 0.9999),
)
def test_blocks_give_what_the_plain_recursion_gives(ys: list[float], weight: float) -> None:
    total, norm, expected = 0.0, 0.0, []
    for y in ys:
        if np.isfinite(y):
            total = weight * total + (1 - weight) * y
            norm = weight * norm + (1 - weight)
        expected.append(total / norm if np.isfinite(y) and norm else y)
    found = smooth(np.array(ys, np.float64), weight)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("weight", WEIGHTS)
def test_a_constant_stays_what_it_is(weight: float) -> None:
    np.testing.assert_allclose(smooth(np.full(20_000, 3.25), weight), 3.25, rtol=1e-12)


def test_a_spike_decays_by_the_weight() -> None:
    ys = np.zeros(5000)
    ys[2000] = 1.0
    found = smooth(ys, 0.99)
    np.testing.assert_allclose(found[2001:2501] / found[2000:2500], 0.99, rtol=1e-6)
    assert (found[:2000] == 0).all()
