"""The walk along r(x) − x, against the linear model r(x) = m + g·(x − m), whose walk has a closed form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.field.walk import Walk, errors, lengths, step_of

MIDDLE = np.array([1.0, -2.0], np.float32).reshape(1, 1, 1, 2)


def linear(x: np.ndarray, gain: float) -> np.ndarray:
    return np.asarray(MIDDLE + gain * (x - MIDDLE), np.float32)


def walked(start: np.ndarray, rate: float, gain: float, steps: int) -> Walk:
    walk = Walk(start.astype(np.float32), rate)
    while len(walk.rs) <= steps:
        if walk.needs is not None:
            walk.answer(linear(walk.needs, gain))
        walk.forward()
    walk.arrive()
    return walk


@given(rate=st.sampled_from([0.1, 0.5, 1.0]), gain=st.floats(-0.5, 0.9), steps=st.integers(0, 20))
def test_the_distance_to_the_fixed_point_of_a_linear_model_shrinks_geometrically(
    rate: float, gain: float, steps: int
) -> None:
    start = np.array([[3.0, 1.0], [-1.0, 0.5]]).reshape(2, 1, 1, 2)
    walk = walked(start, rate, gain, steps)
    expected = MIDDLE + (1 - rate * (1 - gain)) ** steps * (start - MIDDLE)
    np.testing.assert_allclose(walk.xs[steps], expected, atol=1e-5)
    shrunk = (1 - rate * (1 - gain)) ** np.arange(steps + 1)
    distance = np.linalg.norm((start - MIDDLE)[0]) * (1 - gain)
    np.testing.assert_allclose(walk.lengths(0), np.abs(distance * shrunk), atol=1e-5)


def test_at_rate_one_a_step_is_the_reconstruction_itself() -> None:
    x, r = np.full((1, 1, 1, 1), 0.1, np.float32), np.full((1, 1, 1, 1), 0.7, np.float32)
    assert step_of(x, r, 1.0) == r
    assert step_of(x, r, 0.25)[0, 0, 0, 0] == pytest.approx(0.25)


def test_the_error_is_to_the_clean_image_per_pixel() -> None:
    walk = walked(np.zeros((1, 1, 1, 2)), 0.5, 0.0, 3)
    clean = MIDDLE[0]
    # Half of what is left at every step; (1 + 4)/2 to begin with.
    np.testing.assert_allclose(walk.errors(0, clean), 2.5 * 0.25 ** np.arange(4), rtol=1e-6)
    assert errors(np.zeros((2, 1, 1, 2), np.float32), np.zeros((2, 1, 1, 2), np.float32)).tolist() == [0, 0]


def test_lengths_are_euclidean_whatever_the_shape() -> None:
    assert lengths(np.array([[3.0, 4.0], [0.0, 0.0]]).reshape(2, 1, 1, 2)).tolist() == [5.0, 0.0]
    assert lengths(np.empty((0, 2))).tolist() == []


def test_a_walk_is_stepped_through_forwards_and_backwards() -> None:
    walk = walked(np.zeros((1, 1, 1, 2)), 0.5, 0.0, 3)
    assert walk.at == 3
    walk.back()
    assert walk.at == 2
    assert walk.trails().shape == (3, 1, 1, 1, 2)
    assert walk.forward()
    assert walk.at == 3
    for _ in range(9):
        walk.back()
    assert walk.at == 0


def test_another_rate_forgets_only_what_comes_after() -> None:
    walk = walked(np.zeros((1, 1, 1, 2)), 0.5, 0.0, 3)
    walk.at = 1
    walk.turn(1.0)
    assert len(walk.xs) == len(walk.rs) == 2
    assert walk.needs is None
    walk.forward()
    np.testing.assert_allclose(walk.xs[-1], MIDDLE)
    assert walk.needs is not None


def test_a_walk_ends_at_its_longest_and_where_the_numbers_do() -> None:
    walk = Walk(np.zeros((1, 1, 1, 1), np.float32), 1.0, longest=2)
    for _ in range(10):
        if walk.needs is not None:
            walk.answer(walk.needs + 1)
        walk.forward()
    assert len(walk.rs) == 3
    assert walk.over
    broken = Walk(np.zeros((1, 1, 1, 1), np.float32), 1.0)
    broken.answer(np.full((1, 1, 1, 1), np.nan, np.float32))
    assert broken.over
    assert not broken.forward()
