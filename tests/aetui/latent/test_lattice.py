"""Codes on a lattice."""

from __future__ import annotations

import numpy as np
import pytest

from aetui.latent.lattice import lattice, spacing_of
from aetui.latent.nearest import Codes
from aetui.latent.space import Space, of_codes
from aetui.latent.window import ALL


def space(codes: Codes) -> Space:
    n = len(codes)
    return of_codes(codes, np.zeros(n, np.int64), None, np.arange(n), codes[:4], 7)


def normal(n: int, d: int) -> Codes:
    return np.random.default_rng(0).normal(size=(n, d)).astype(np.float32)


def test_rows_go_down_and_columns_to_the_right() -> None:
    found = space(normal(200, 3))
    x, y = found.axes["dims"][:2]
    grid = lattice(found, x, y, 4, 3, quantiles=True, windows=(ALL, ALL))
    assert grid.codes.shape == (12, 3)
    assert grid.a.reshape(3, 4)[1] == pytest.approx([-1.15035, -0.31864, 0.31864, 1.15035], abs=1e-4)
    assert grid.b.reshape(3, 4)[:, 2] == pytest.approx([0.96742, 0, -0.96742], abs=1e-4)
    assert grid.codes[:, 0] == pytest.approx(grid.a, abs=1e-6)
    assert grid.codes[:, 1] == pytest.approx(grid.b, abs=1e-6)
    assert grid.codes[:, 2] == pytest.approx(np.full(12, found.base[2]))


def test_far_ones_are_farther_from_every_code_than_codes_are_from_each_other() -> None:
    codes = np.stack(np.meshgrid(np.arange(10.0), np.arange(10.0)), axis=-1).reshape(-1, 2).astype(np.float32)
    found = space(codes)
    x, y = found.axes["dims"]
    grid = lattice(found, x, y, 5, 1, quantiles=False, windows=((-1.0, 0.0), ALL))
    to_nearest = np.array([np.linalg.norm(codes - code, axis=1).min() for code in grid.codes])
    assert grid.far.tolist() == (to_nearest > 1).tolist()
    assert grid.far[0]
    assert not lattice(found, x, y, 5, 5, quantiles=False, windows=(ALL, ALL)).far.any()


def test_a_code_of_one_dimension_goes_on_from_row_to_row() -> None:
    found = space(normal(100, 1))
    for x, y in (found.axes["dims"], found.axes["dims"][::-1]):
        grid = lattice(found, x, y, 5, 4, quantiles=False, windows=(ALL, ALL))
        assert grid.y is None
        assert grid.x.name == "z1"
        assert (np.diff(grid.codes[:, 0]) > 0).all()
        low, high = np.quantile(found.axes["dims"][0].values, (0.01, 0.99))
        assert grid.a[[0, -1]] == pytest.approx([low + (high - low) / 40, high - (high - low) / 40])


def test_equal_codes_still_have_a_range() -> None:
    found = space(np.ones((10, 2), np.float32))
    assert spacing_of(found.axes["dims"][0], quantiles=False).at([0, 1]) == pytest.approx([1, 2])
