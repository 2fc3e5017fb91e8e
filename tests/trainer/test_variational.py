"""The variational variant against a model in which everything has a closed form, and its options.

The model: z ~ N(0, I), x | z ~ N(Wz + b, σ²I). Then x ~ N(b, WWᵀ + σ²I), and p(z | x) is normal, too.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.distributions import MultivariateNormal, kl_divergence

from export.errors import ToolError
from trainer.evaluate import HeldOutImages
from trainer.noise import Noise
from trainer.variants import Output, Variational, variational

PIXELS, LATENT, VARIANCE = 6, 2, 0.3
GAUSSIAN = Variational(likelihood="gaussian", variance=VARIANCE)


class LinearGaussian(nn.Module):
    """That model with an encoder whose posterior is the exact one, or ``shift`` away from it and ``widen`` as wide."""

    def __init__(self, *, covariance: str, shift: float = 0.0, widen: float = 1.0) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(5)
        self.w = nn.Parameter(torch.randn(PIXELS, LATENT, generator=generator).double())
        self.b = nn.Parameter(torch.randn(PIXELS, generator=generator).double())
        self.covariance, self.shift, self.widen = covariance, shift, widen

    def posterior(self, x: Tensor) -> MultivariateNormal:
        precision = torch.eye(LATENT).double() + self.w.T @ self.w / VARIANCE
        mean = torch.linalg.solve(precision, self.w.T @ (x.flatten(1) - self.b).T / VARIANCE).T
        return MultivariateNormal(mean, precision_matrix=precision)

    def q(self, x: Tensor) -> MultivariateNormal:
        exact = self.posterior(x)
        factor = self.widen * exact.scale_tril
        if self.covariance == "diagonal":
            factor = torch.diag_embed(factor.diagonal(dim1=-2, dim2=-1))
        return MultivariateNormal(exact.mean + self.shift, scale_tril=factor)

    def encode(self, x: Tensor) -> dict[str, Tensor]:
        q = self.q(x)
        if self.covariance == "full":
            return {"mean": q.mean, "scale_tril": q.scale_tril}
        return {"mean": q.mean, "log_variance": q.variance.log()}

    def decode(self, z: Tensor) -> Output:
        pre_activation = (z @ self.w.T + self.b).reshape(-1, 1, 2, 3)
        return Output(pre_activation=pre_activation, squash=nn.Identity())

    def log_evidence(self, x: Tensor) -> Tensor:
        covariance = self.w @ self.w.T + VARIANCE * torch.eye(PIXELS).double()
        return MultivariateNormal(self.b, covariance).log_prob(x.flatten(1))


@pytest.fixture(autouse=True)
def _no_gradients() -> Any:
    with torch.no_grad():
        yield


def drawn(count: int) -> np.ndarray:
    """Images that the model itself would draw: float64 [count, 1, 2, 3]."""
    model = LinearGaussian(covariance="full")
    generator = torch.Generator().manual_seed(7)
    z = torch.randn(count, LATENT, generator=generator).double()
    x = z @ model.w.T + model.b + VARIANCE**0.5 * torch.randn(count, PIXELS, generator=generator).double()
    return x.reshape(count, 1, 2, 3).numpy()


def viewed(model: LinearGaussian, images: np.ndarray, **options: Any) -> HeldOutImages:
    return HeldOutImages(model, images, seed=3, **options)  # type: ignore[arg-type]


def fitting(covariance: str) -> Variational:
    return dataclasses.replace(GAUSSIAN, covariance=covariance)


@pytest.mark.parametrize("samples", [1, 2, 50])
def test_with_the_exact_posterior_the_importance_weighted_bound_is_the_evidence(samples: int) -> None:
    model, images = LinearGaussian(covariance="full"), drawn(20)
    expected = -float(model.log_evidence(torch.from_numpy(images)).mean())
    found = fitting("full").nll_nats(viewed(model, images), images=20, samples=samples)
    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
def test_the_elbo_is_the_evidence_minus_the_gap(covariance: str) -> None:
    """log p(x) − KL(q ‖ p(z | x)) = ELBO, up to the one draw of z per image."""
    images = drawn(40_000)
    model = LinearGaussian(covariance=covariance, shift=0.2, widen=0.8)
    x = torch.from_numpy(images)
    expected = model.log_evidence(x) - kl_divergence(model.q(x), model.posterior(x))
    metrics = fitting(covariance).metrics(viewed(model, images))
    assert metrics["elbo_nats"] == pytest.approx(float(expected.mean()), abs=0.03)


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
def test_kl_nats_is_the_divergence_from_the_prior(covariance: str) -> None:
    model, images = LinearGaussian(covariance=covariance, widen=0.7), drawn(50)
    q = model.q(torch.from_numpy(images))
    prior = MultivariateNormal(torch.zeros(LATENT).double(), torch.eye(LATENT).double())
    metrics = fitting(covariance).metrics(viewed(model, images))
    assert metrics["kl_nats"] == pytest.approx(float(kl_divergence(q, prior).mean()), abs=1e-9)


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
def test_more_draws_bring_the_bound_closer_and_never_past_the_evidence(covariance: str) -> None:
    images = drawn(4000)
    model = LinearGaussian(covariance=covariance, shift=0.2, widen=1.3)
    evidence = -float(model.log_evidence(torch.from_numpy(images)).mean())
    view = viewed(model, images)
    bounds = [fitting(covariance).nll_nats(view, images=4000, samples=samples) for samples in (1, 5, 50, 500)]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[0] > evidence + 0.1
    assert bounds[-1] == pytest.approx(evidence, abs=0.02)


def test_the_bound_does_not_depend_on_how_many_draws_fit_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    model, images = LinearGaussian(covariance="diagonal", widen=0.9), drawn(400)
    whole = fitting("diagonal").nll_nats(viewed(model, images), images=400)
    monkeypatch.setattr(variational, "_MOST_VALUES", 1)
    assert fitting("diagonal").nll_nats(viewed(model, images), images=400) == pytest.approx(whole, abs=0.02)


def test_the_bound_is_of_as_many_images_as_the_view_says() -> None:
    model, images = LinearGaussian(covariance="full"), drawn(30)
    expected = -float(model.log_evidence(torch.from_numpy(images[:7])).mean())
    metrics = fitting("full").metrics(viewed(model, images, nll_images=7))
    assert metrics["nll_nats"] == pytest.approx(expected, abs=1e-9)
    more = fitting("full").metrics(viewed(model, images, nll_images=1000))
    assert more["nll_nats"] == pytest.approx(-float(model.log_evidence(torch.from_numpy(images)).mean()), abs=1e-9)


@pytest.mark.parametrize("likelihood", ["bernoulli", "continuous-bernoulli"])
def test_with_a_posterior_that_is_the_prior_and_a_code_that_says_nothing_the_bound_is_the_likelihood(
    likelihood: Any,
) -> None:
    class Silent(LinearGaussian):
        def encode(self, x: Tensor) -> dict[str, Tensor]:
            zeros = x.new_zeros(len(x), LATENT)
            return {"mean": zeros, "log_variance": zeros}

        def decode(self, z: Tensor) -> Output:
            return Output(pre_activation=self.b.expand(len(z), -1).reshape(-1, 1, 2, 3), squash=nn.Sigmoid())

    model, images = Silent(covariance="diagonal"), np.random.default_rng(0).uniform(size=(9, 1, 2, 3))
    variant = Variational(likelihood=likelihood)
    expected = float(variant.reconstruction(model.decode(torch.zeros(9, LATENT)), torch.from_numpy(images)).mean())
    metrics = variant.metrics(viewed(model, images))
    assert metrics["nll_nats"] == pytest.approx(expected, abs=1e-9)
    assert metrics["elbo_nats"] == pytest.approx(-expected, abs=1e-9)
    assert metrics["active_units"] == 0


def test_a_variance_that_is_not_given_is_that_of_the_training_images() -> None:
    """E‖x − x̂‖² per pixel, over training images and draws from q."""
    model = LinearGaussian(covariance="full")
    training, images = drawn(20_000), drawn(50) * 3
    x = torch.from_numpy(training)
    z = model.q(x).sample((4,))
    expected = float((z @ model.w.T + model.b - x.flatten(1)).square().mean())
    free = dataclasses.replace(fitting("full"), variance=None)
    metrics = free.metrics(viewed(model, images, training=viewed(model, training)))
    assert metrics["variance"] == pytest.approx(expected, rel=0.02)
    given = dataclasses.replace(free, variance=metrics["variance"]).metrics(viewed(model, images))
    assert given == metrics


def test_only_a_gaussian_reports_a_variance() -> None:
    model, images = LinearGaussian(covariance="full"), drawn(5).clip(0, 1)
    assert "variance" not in Variational(covariance="full").metrics(viewed(model, images))
    assert fitting("full").metrics(viewed(model, images))["variance"] == VARIANCE


def test_active_units_are_those_whose_mean_varies() -> None:
    model, images = LinearGaussian(covariance="full"), drawn(500)
    variances = model.q(torch.from_numpy(images)).mean.var(dim=0)
    assert (variances > 0.01).all()
    assert fitting("full").metrics(viewed(model, images))["active_units"] == LATENT
    assert fitting("full").metrics(viewed(model, images[:1]))["active_units"] == 0


def test_without_a_word_pixels_are_bernoulli_and_points_gaussian() -> None:
    assert Variational().settled(points=False) == Variational(likelihood="bernoulli")
    assert Variational(beta=2).settled(points=True) == Variational(likelihood="gaussian", beta=2)


@pytest.mark.parametrize("points", [False, True])
def test_a_gaussian_goes_with_anything(points: bool) -> None:
    assert GAUSSIAN.settled(points=points) == GAUSSIAN


@pytest.mark.parametrize("likelihood", ["bernoulli", "continuous-bernoulli"])
def test_a_likelihood_of_pixels_does_not_go_with_points(likelihood: Any) -> None:
    variant = Variational(likelihood=likelihood)
    assert variant.settled(points=False) == variant
    with pytest.raises(ToolError) as caught:
        variant.settled(points=True)
    assert caught.value.exit_code == 2
    assert f"--variational.likelihood {likelihood}" in caught.value.what
    assert "gaussian" in caught.value.do


def test_an_unsettled_likelihood_scores_as_bernoulli() -> None:
    x = torch.rand(3, 1, 2, 2)
    output = Output(pre_activation=torch.randn(3, 1, 2, 2), squash=nn.Sigmoid())
    unsettled, settled = Variational(), Variational(likelihood="bernoulli")
    assert torch.equal(unsettled.reconstruction(output, x), settled.reconstruction(output, x))


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
def test_codes_in_training_are_draws_from_q(covariance: str) -> None:
    model = LinearGaussian(covariance=covariance)
    x = torch.from_numpy(drawn(1)).expand(100_000, 1, 2, 3)
    q = model.q(x[:1])
    z = fitting(covariance).code(model.encode(x), Noise(1, 2))
    assert torch.allclose(z.mean(0), q.mean[0], atol=0.01)
    assert torch.allclose(torch.cov(z.T), q.covariance_matrix[0], atol=0.01)


def test_the_warm_up_is_told_in_steps_with_a_warning_where_the_run_ends_inside_it() -> None:
    assert Variational().advice(100) == []
    (said,) = Variational(kl_warmup=30).advice(100)
    assert "30 of 100 steps" in said
    assert "warning" not in said
    for steps in (30, 20):
        (said,) = Variational(kl_warmup=30).advice(steps)
        assert said.startswith("warning")
        assert "30 steps" in said
        assert f"{steps}" in said


def test_the_weight_of_kl_grows_to_beta_over_the_warm_up() -> None:
    variant = Variational(kl_warmup=4, beta=2)
    assert [variant.weights(step, 10)["kl"] for step in range(6)] == [0.5, 1, 1.5, 2, 2, 2]
    assert Variational(beta=3).weights(0, 10) == {"kl": 3}
