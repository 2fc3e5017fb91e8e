from __future__ import annotations

import math

import numpy as np
import pytest

from aetui.latent.posterior import Posterior, kl_per_dimension, posterior_of


def heads(mean: list[list[float]], log_variance: list[list[float]]) -> dict[str, np.ndarray]:
    return {"mean": np.array(mean, np.float32), "log_variance": np.array(log_variance, np.float32)}


def test_kl_is_zero_only_at_the_prior() -> None:
    found = posterior_of(heads([[0, 0, 1]], [[0, math.log(4), 0]]))
    assert found is not None
    assert kl_per_dimension(found)[0] == pytest.approx([0, 0.5 * (4 - 1 - math.log(4)), 0.5], rel=1e-6)


def test_kl_is_that_of_a_numerical_integral() -> None:
    mean, sigma = 0.7, 0.3
    z = np.linspace(-6, 6, 200_001)
    q = np.exp(-0.5 * ((z - mean) / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))
    log_ratio = -0.5 * ((z - mean) / sigma) ** 2 - math.log(sigma) + 0.5 * z**2
    expected = float((q * log_ratio).sum() * (z[1] - z[0]))
    found = posterior_of(heads([[mean]], [[2 * math.log(sigma)]]))
    assert found is not None
    assert kl_per_dimension(found)[0, 0] == pytest.approx(expected, rel=1e-5)


def test_a_full_covariance_gives_each_dimension_its_own_variance() -> None:
    tril = np.array([[[2, 0], [3, 4]]], np.float32)
    found = posterior_of({"mean": np.zeros((1, 2), np.float32), "scale_tril": tril})
    assert found is not None
    assert found.variance.tolist() == [[4, 25]]
    # The whole: half of trace - d - log det; it is never less than the sum over the dimensions.
    whole = 0.5 * (4 + 9 + 16 - 2 - math.log(4 * 16))
    assert kl_per_dimension(found).sum() == pytest.approx(0.5 * (29 - 2 - math.log(100)), rel=1e-6)
    assert kl_per_dimension(found).sum() <= whole


@pytest.mark.parametrize("full", [False, True])
def test_draws_have_the_mean_and_covariance_of_the_posterior(full: bool) -> None:
    mean = np.array([[9, 9], [1, -2]], np.float32)
    tril = np.array([np.eye(2), [[0.5, 0], [0.6, 0.8]]], np.float32)
    if full:
        posterior = posterior_of({"mean": mean, "scale_tril": tril})
        expected = np.array([[0.25, 0.3], [0.3, 1.0]])
    else:
        posterior = posterior_of({"mean": mean, "log_variance": np.log(np.array([[1, 1], [0.25, 1.0]], np.float32))})
        expected = np.array([[0.25, 0], [0, 1.0]])
    assert posterior is not None
    noise = np.random.default_rng(0).standard_normal((200_000, 2)).astype(np.float32)
    drawn = posterior.draw(1, noise)
    assert drawn.dtype == np.float32
    assert drawn.mean(axis=0) == pytest.approx([1, -2], abs=0.01)
    assert np.cov(drawn.T) == pytest.approx(expected, abs=0.01)
    assert posterior.draw(1, np.zeros((1, 2), np.float32)).tolist() == [[1, -2]]


def test_a_code_without_a_distribution_has_no_posterior() -> None:
    assert posterior_of({"latent": np.zeros((3, 2), np.float32)}) is None
    assert posterior_of({"mean": np.zeros((3, 2), np.float32)}) is None
    assert posterior_of({"mean": np.zeros((3, 2), np.float32), "scale_tril": np.zeros((3, 3), np.float32)}) is None


def test_a_log_variance_beyond_all_bounds_still_gives_numbers() -> None:
    found = posterior_of(heads([[0, 0]], [[1e4, -1e4]]))
    assert isinstance(found, Posterior)
    assert np.isfinite(kl_per_dimension(found)).all()
