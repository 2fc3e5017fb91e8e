"""Principal components against numpy's singular value decomposition."""

from __future__ import annotations

import numpy as np
import pytest

from aetui.latent.pca import principal


@pytest.mark.parametrize(("n", "d"), [(200, 5), (30, 100), (64, 784), (3, 2)])
def test_directions_and_shares_are_those_of_the_singular_value_decomposition(n: int, d: int) -> None:
    codes = np.random.default_rng(0).normal(size=(n, d)) * np.linspace(1, 3, d)
    found = principal(codes, 2)
    centred = codes - codes.mean(axis=0)
    _, singular, directions = np.linalg.svd(centred, full_matrices=False)
    assert np.abs((found.directions * directions[:2]).sum(axis=1)) == pytest.approx([1, 1])
    assert found.shares == pytest.approx((singular**2 / (singular**2).sum())[:2])
    assert found.scores(codes) == pytest.approx(centred @ found.directions.T)


def test_the_same_codes_lie_the_same_way_round_whatever_their_order() -> None:
    codes = np.random.default_rng(1).normal(size=(50, 4)) * [4, 3, 2, 1]
    assert principal(codes[::-1], 3).directions == pytest.approx(principal(codes, 3).directions)


def test_equal_codes_have_directions_without_spread() -> None:
    found = principal(np.ones((10, 3)), 2)
    assert found.shares == pytest.approx([0, 0])
    assert found.directions @ found.directions.T == pytest.approx(np.eye(2))


def test_one_code_alone_is_its_own_mean() -> None:
    found = principal([[1.0, 2.0]], 2)
    assert found.mean == pytest.approx([1, 2])
    assert found.scores([[1.0, 2.0]]) == pytest.approx(np.zeros((1, 2)))
