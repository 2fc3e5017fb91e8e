"""Places along an axis."""

from __future__ import annotations

import pytest

from aetui.latent.spacing import Even, Quantiles, middles


def test_quantiles_of_the_prior_are_those_of_the_tables() -> None:
    assert Quantiles().at([0.025, 0.5, 0.975]) == pytest.approx([-1.959964, 0, 1.959964], abs=1e-6)
    assert Quantiles(mean=2.0).at([0.5]) == pytest.approx([2])


def test_quantiles_beyond_the_prior_stay_finite() -> None:
    low, high = Quantiles().at([-3.0, 1.0])
    assert (low, high) == pytest.approx((-3.2905, 3.2905), abs=1e-4)


def test_even_steps_go_on_beyond_their_ends() -> None:
    assert Even(low=-1, high=3).at([0, 0.5, 1, 1.5]) == pytest.approx([-1, 1, 3, 5])


def test_middles_of_equal_parts() -> None:
    assert middles((0, 1), 4) == pytest.approx([0.125, 0.375, 0.625, 0.875])
    assert middles((1, 2), 1) == pytest.approx([1.5])
