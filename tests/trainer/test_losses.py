from __future__ import annotations

import math

import pytest
import torch
from torch import distributions

from trainer import losses


@pytest.fixture
def x() -> torch.Tensor:
    return torch.rand(5, 1, 4, 3, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def logits() -> torch.Tensor:
    return torch.randn(5, 1, 4, 3, generator=torch.Generator().manual_seed(2)) * 3


def test_squared_error_sums_over_the_pixels_of_each_image(x: torch.Tensor) -> None:
    assert torch.allclose(losses.squared_error(x + 0.5, x), torch.full((5,), 12 * 0.25))


def test_bernoulli_nll_is_minus_the_log_probability_of_binary_pixels(x: torch.Tensor, logits: torch.Tensor) -> None:
    binary = (x > 0.5).float()
    oracle = -distributions.Bernoulli(logits=logits).log_prob(binary).flatten(1).sum(1)
    assert torch.allclose(losses.bernoulli_nll(logits, binary), oracle, atol=1e-4)


def test_continuous_bernoulli_nll_is_minus_the_log_density(x: torch.Tensor, logits: torch.Tensor) -> None:
    logits[0] = 1e-4  # near λ = 1/2 the closed form is 0/0
    oracle = -distributions.ContinuousBernoulli(logits=logits.double()).log_prob(x.double()).flatten(1).sum(1)
    assert torch.allclose(losses.continuous_bernoulli_nll(logits, x).double(), oracle, atol=1e-3)


def test_continuous_bernoulli_has_gradients_at_zero_logits() -> None:
    logits = torch.zeros(1, 4, requires_grad=True)
    losses.continuous_bernoulli_nll(logits, torch.full((1, 4), 0.25)).sum().backward()
    assert logits.grad is not None
    assert torch.allclose(logits.grad, torch.full((1, 4), 0.25))  # d/da [softplus(a) − xa − log C] = ½ − x at 0


@pytest.mark.parametrize("variance", [0.01, 0.3])
def test_gaussian_nll_is_minus_the_log_density(x: torch.Tensor, variance: float) -> None:
    mean = x.flip(0)
    oracle = -distributions.Normal(mean, math.sqrt(variance)).log_prob(x).flatten(1).sum(1)
    assert torch.allclose(losses.gaussian_nll(mean, x, variance), oracle, rtol=1e-4)


def test_the_optimal_variance_beats_every_other(x: torch.Tensor) -> None:
    mean = x.flip(0)
    best = losses.gaussian_nll(mean, x).mean()
    optimum = float((mean - x).square().mean())
    assert torch.isclose(best, losses.gaussian_nll(mean, x, optimum).mean(), rtol=1e-5)
    assert all(best <= losses.gaussian_nll(mean, x, optimum * factor).mean() for factor in (0.5, 0.9, 1.1, 2.0))


def test_kl_agrees_with_an_independent_closed_form() -> None:
    generator = torch.Generator().manual_seed(3)
    mean, log_variance = torch.randn(7, 4, generator=generator), torch.randn(7, 4, generator=generator)
    posterior = distributions.Normal(mean, (0.5 * log_variance).exp())
    oracle = distributions.kl_divergence(posterior, distributions.Normal(0.0, 1.0))
    assert torch.allclose(losses.kl_to_standard_normal(mean, log_variance), oracle, atol=1e-5)


def test_kl_is_zero_only_at_the_prior() -> None:
    zero = torch.zeros(1, 1)
    assert losses.kl_to_standard_normal(zero, zero).item() == 0
    for other in (0.1, -0.1):
        assert losses.kl_to_standard_normal(zero + other, zero).item() > 0
        assert losses.kl_to_standard_normal(zero, zero + other).item() > 0


def test_kl_of_a_full_covariance_agrees_with_an_independent_closed_form() -> None:
    generator = torch.Generator().manual_seed(6)
    mean = torch.randn(5, 3, generator=generator)
    factor = torch.randn(5, 3, 3, generator=generator).tril(-1) + torch.diag_embed(
        torch.rand(5, 3, generator=generator) + 0.3
    )
    prior = distributions.MultivariateNormal(torch.zeros(3), torch.eye(3))
    oracle = distributions.kl_divergence(distributions.MultivariateNormal(mean, scale_tril=factor), prior)
    assert torch.allclose(losses.kl_of_full_covariance(mean, factor), oracle, atol=1e-5)


def test_a_diagonal_factor_costs_what_a_diagonal_covariance_costs() -> None:
    mean, log_variance = torch.tensor([[0.3, -1.0]]), torch.tensor([[0.5, -0.7]])
    full = losses.kl_of_full_covariance(mean, torch.diag_embed((0.5 * log_variance).exp()))
    assert torch.allclose(full, losses.kl_to_standard_normal(mean, log_variance).sum(1))


def test_kl_to_rate_agrees_with_the_divergence_of_two_coins() -> None:
    activations = torch.rand(50, 6, generator=torch.Generator().manual_seed(4))
    oracle = distributions.kl_divergence(
        distributions.Bernoulli(torch.tensor(0.05)), distributions.Bernoulli(activations.mean(0))
    ).sum()
    assert torch.isclose(losses.kl_to_rate(activations, 0.05), oracle, rtol=1e-4)


def test_the_elbo_is_log_evidence_minus_the_gap_for_a_linear_gaussian_decoder() -> None:
    """log p(x) − KL(q ‖ p(z|x)) = ELBO, where all three have closed forms: p(x) = N(b, WWᵀ + σ²I)."""
    torch.manual_seed(5)
    pixels, latent, variance = 6, 2, 0.3
    w, b, x = torch.randn(pixels, latent).double(), torch.randn(pixels).double(), torch.randn(pixels).double()
    mean, log_variance = torch.randn(latent).double(), torch.randn(latent).double()
    # Over these points of equal weight a quadratic has exactly its expectation under q.
    offsets = math.sqrt(latent) * torch.diag((0.5 * log_variance).exp())
    z = torch.cat([mean + offsets, mean - offsets])
    expected_nll = losses.gaussian_nll(z @ w.T + b, x.expand(2 * latent, pixels), variance).mean()
    elbo = -expected_nll - losses.kl_to_standard_normal(mean[None], log_variance[None]).sum()

    identity = torch.eye(pixels).double()
    evidence = distributions.MultivariateNormal(b, w @ w.T + variance * identity).log_prob(x)
    precision = torch.eye(latent).double() + w.T @ w / variance
    posterior = distributions.MultivariateNormal(
        torch.linalg.solve(precision, w.T @ (x - b) / variance), precision_matrix=precision
    )
    q = distributions.MultivariateNormal(mean, torch.diag(log_variance.exp()))
    assert torch.isclose(elbo, evidence - distributions.kl_divergence(q, posterior), atol=1e-9)
