"""The density of known points."""

from __future__ import annotations

import numpy as np
import pytest

from aetui.latent.density import REGIONS, bandwidth, centres, density, levels


def test_the_density_of_normal_points_is_that_of_a_slightly_wider_normal() -> None:
    points = np.random.default_rng(0).normal(size=(20_000, 2))
    raster = density(points, (-3, 3), (-3, 3), 60, 60)
    # A sample of N(0, 1) with a Gaussian kernel of width h is in the mean N(0, 1 + h²).
    width = 1 + bandwidth(points[:, 0]) ** 2
    xs = centres(-3, 3, 60)
    wanted = np.exp(-(xs[:, None] ** 2 + xs**2) / (2 * width)) / (2 * np.pi * width)
    assert np.abs(raster - wanted).max() < 0.02  # the peak is 0.16


def test_the_density_of_one_point_is_highest_there_and_sums_to_one() -> None:
    raster = density(np.array([[0.32, -0.78]]), (-1, 1), (-1, 1), 20, 40)
    assert int(raster.argmax()) == 35 * 20 + 13
    wide = density(np.array([[0.0, 0.0]]), (-10, 10), (-10, 10), 50, 50)
    assert wide.sum() * (20 / 50) ** 2 == pytest.approx(1, abs=1e-3)


def test_the_kernel_density_is_the_mean_of_the_kernels() -> None:
    points = np.array([[0.0, 0.0], [1.0, 2.0], [2.0, 1.0]])
    raster = density(points, (-2, 4), (-2, 4), 30, 30)
    x, y = centres(-2, 4, 30)[7], centres(-2, 4, 30)[::-1][11]
    h = bandwidth(points[:, 0])
    kernels = [np.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * h**2)) / (2 * np.pi * h**2) for a, b in points]
    assert raster[11, 7] == pytest.approx(np.mean(kernels))


def test_regions_hold_their_shares_of_the_points() -> None:
    at_points = np.random.default_rng(1).random(10_000)
    found = levels(at_points, at_points)
    assert [float((found >= place + 1).mean()) for place in range(len(REGIONS))] == pytest.approx(REGIONS, abs=1e-3)


def test_no_points_have_no_density() -> None:
    raster = density(np.empty((0, 2)), (0, 1), (0, 1), 4, 3)
    assert raster.shape == (3, 4)
    assert not raster.any()
    assert not levels(raster, np.empty(0)).any()


def test_points_on_a_line_are_seen_and_far_ones_cost_no_warning() -> None:
    points = np.stack([np.linspace(0, 1, 50), np.zeros(50)], axis=1)
    raster = density(points, (-1e6, 1e6), (-1, 1), 10, 10)
    assert np.isfinite(raster).all()
    assert raster.max() > 0
