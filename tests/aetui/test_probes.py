"""Probe images, corrupted the same way each time."""

from __future__ import annotations

import numpy as np
import pytest

from aetui.probes import corrupted


def test_an_image_is_corrupted_the_same_way_wherever_it_stands() -> None:
    x = np.full((4, 1, 3, 3), 0.5, np.float32)
    index = np.array([7, 3, 9, 1])
    whole = corrupted(x, index, "gaussian", 0.3)
    assert np.array_equal(corrupted(x[1:3], index[1:3], "gaussian", 0.3), whole[1:3])
    assert not np.array_equal(whole[0], whole[1])
    assert whole.dtype == np.float32
    assert corrupted(x[:0], index[:0], "masking", 0.3).shape == (0, 1, 3, 3)


def test_the_noise_stays_while_the_level_moves() -> None:
    x, index = np.zeros((2, 1, 8, 8), np.float32), np.array([0, 1])
    small, large = (corrupted(x, index, "gaussian", level, clip=False) for level in (0.1, 0.4))
    assert large == pytest.approx(4 * small, rel=1e-5)
    ones = np.ones_like(x)
    few, many = (corrupted(ones, index, "masking", level) == 0 for level in (0.2, 0.6))
    assert (many[few]).all()
    assert few.sum() < many.sum()


def test_another_draw_is_another_noise() -> None:
    x, index = np.full((1, 1, 8, 8), 0.5, np.float32), np.array([5])
    first, second = (corrupted(x, index, "gaussian", 0.3, draw=draw) for draw in (0, 1))
    assert not np.array_equal(first, second)


def test_points_are_not_clipped() -> None:
    x, index = np.full((1, 1, 1, 2), 3.0, np.float32), np.array([0])
    assert corrupted(x, index, "gaussian", 0.1).max() <= 1
    assert corrupted(x, index, "gaussian", 0.1, clip=False).min() > 2
