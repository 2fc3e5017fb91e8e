from __future__ import annotations

import numpy as np
import pytest

from aetui.latent.prior import Prior, fitted_prior


def test_the_prior_is_standard_normal_and_temperature_its_deviation() -> None:
    drawn = Prior(width=3).draw(100_000, 7)
    assert drawn.mean(axis=0) == pytest.approx([0, 0, 0], abs=0.02)
    assert np.cov(drawn.T) == pytest.approx(np.eye(3), abs=0.02)
    assert Prior(width=3).draw(100_000, 7, 0.5) == pytest.approx(drawn / 2)
    assert not Prior(width=3).draw(4, 7, 0.0).any()


def test_a_seed_gives_the_same_draws_whatever_their_number() -> None:
    prior = Prior(width=5)
    assert (prior.draw(9, 3)[:4] == prior.draw(4, 3)).all()
    assert (prior.draw(4, 3) != prior.draw(4, 4)).any()


def test_a_fitted_prior_has_the_mean_and_covariance_of_the_codes() -> None:
    draw = np.random.default_rng(0)
    codes = (draw.standard_normal((2000, 2)) @ np.array([[1, 0.5], [0, 0.3]]) + [4, -1]).astype(np.float32)
    prior = fitted_prior(codes)
    drawn = prior.draw(100_000, 0)
    assert drawn.mean(axis=0) == pytest.approx(codes.mean(axis=0), abs=0.02)
    assert np.cov(drawn.T) == pytest.approx(np.cov(codes.T), abs=0.03)
    cold = prior.draw(100_000, 0, 0.5)
    assert np.cov(cold.T) == pytest.approx(np.cov(codes.T) / 4, abs=0.03)
    assert cold.mean(axis=0) == pytest.approx(codes.mean(axis=0), abs=0.02)


def test_where_no_code_is_negative_no_draw_is() -> None:
    codes = np.abs(np.random.default_rng(0).standard_normal((100, 4))).astype(np.float32)
    assert (fitted_prior(codes).draw(500, 0) >= 0).all()
    assert (fitted_prior(-codes).draw(500, 0) < 0).any()


def test_a_code_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        fitted_prior(np.full((3, 2), np.nan, np.float32))
