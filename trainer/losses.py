"""The terms of the objectives. Each is a sum over pixels or dimensions, one value per image: shape (batch,)."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as f
from torch import Tensor


def squared_error(x_hat: Tensor, x: Tensor) -> Tensor:
    """‖x − x̂‖² per image. x_hat, x: (batch, …) float. Returns (batch,) float, ≥ 0; differentiable by x_hat, twice."""
    if x.requires_grad or torch.compiler.is_compiling():
        return (x_hat - x).square().flatten(1).sum(dim=1)
    found: Tensor = _SquaredError.apply(x_hat, x)  # type: ignore[no-untyped-call]
    return found


class _SquaredError(torch.autograd.Function):
    """Half the passes over the pixels that autograd makes, and the same bits: the difference becomes the gradient."""

    @staticmethod
    def forward(ctx: Any, x_hat: Tensor, x: Tensor) -> Tensor:
        difference = x_hat - x
        ctx.save_for_backward(x_hat, x)
        ctx.difference = difference
        return difference.square().flatten(1).sum(dim=1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        per_image = gradient.reshape(-1, *(1 for _ in ctx.difference.shape[1:]))
        if torch.is_grad_enabled():  # to be differentiated again
            x_hat, x = ctx.saved_tensors
            return 2 * (x_hat - x) * per_image, None
        difference, ctx.difference = ctx.difference, None
        if difference is None:
            raise RuntimeError("squared_error went backward twice; keep its inputs and call it again")
        return difference.mul_(2 * per_image), None


def bernoulli_nll(logits: Tensor, x: Tensor) -> Tensor:
    """−log p(x | logits) of independent Bernoulli pixels, in nats per image.

    logits: (batch, …) float, log-odds. x: the same shape, in [0, 1] (gray values count as probabilities).
    Source: Kingma & Welling 2014, appendix C.1.
    """
    return f.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(dim=1)


def continuous_bernoulli_nll(logits: Tensor, x: Tensor) -> Tensor:
    """−log p(x) of the continuous Bernoulli, whose density on [0, 1] is normalised, in nats per image.

    logits, x: as in ``bernoulli_nll``. With λ = sigmoid(a) the constant is log(a / tanh(a / 2)), since
    2 artanh(1 − 2λ) = −a and 1 − 2λ = −tanh(a / 2); at a = 0 it is log 2, by its Taylor series there.
    Source: Loaiza-Ganem & Cunningham 2019, equation 5.
    """
    small = logits.abs() < 1e-2
    safe = torch.where(small, torch.ones_like(logits), logits)
    exact = torch.log(safe / torch.tanh(safe / 2))
    series = math.log(2) + logits.square() / 12
    constant = torch.where(small, series, exact)
    return bernoulli_nll(logits, x) - constant.flatten(1).sum(dim=1)


def gaussian_nll(x_hat: Tensor, x: Tensor, variance: float | None = None) -> Tensor:
    """−log N(x; x_hat, σ²I), in nats per image.

    variance: σ² > 0; None takes the one that is optimal for this batch, its mean squared error, in closed form.
    Source: Rybkin, Daniilidis & Levine 2021, "Simple and effective VAE training with calibrated decoders", eq. 8.
    """
    error = squared_error(x_hat, x)
    pixels = x[0].numel()
    # The floor keeps a perfect reconstruction from a likelihood without bound.
    sigma2 = torch.clamp(error.mean() / pixels, min=1e-6) if variance is None else x.new_tensor(variance)
    return 0.5 * (error / sigma2 + pixels * torch.log(2 * math.pi * sigma2))


def kl_to_standard_normal(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, exp(log_variance)) ‖ N(0, 1)) of every dimension, in nats.

    mean, log_variance: (batch, latent_dim) float32. Returns (batch, latent_dim) float32, ≥ 0; the sum over
    dimensions is the KL of the image. Source: Kingma & Welling 2014, appendix B.
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)


def kl_of_full_covariance(mean: Tensor, scale_tril: Tensor) -> Tensor:
    """KL(N(mean, LLᵀ) ‖ N(0, I)), in nats per image.

    mean: (batch, d) float32. scale_tril: L, (batch, d, d) float32, lower triangular, its diagonal positive. Returns
    (batch,) float32, ≥ 0: ½(‖mean‖² + ‖L‖²_F − d) − Σ log Lᵢᵢ. Source: Kingma & Welling 2019, section 2.5.
    """
    log_diagonal = scale_tril.diagonal(dim1=1, dim2=2).log()
    squares = mean.square().sum(dim=1) + scale_tril.square().flatten(1).sum(dim=1)
    return 0.5 * (squares - mean.shape[1]) - log_diagonal.sum(dim=1)


def kl_to_rate(activations: Tensor, rate: float) -> Tensor:
    """Σ over units of KL(Bernoulli(rate) ‖ Bernoulli(ρ̂)), ρ̂ the unit's mean activation in the batch. A scalar ≥ 0.

    activations: (batch, units), ≥ 0; a mean is clamped into [1e-6, 1 − 1e-6], beyond which the KL has no value.
    rate: ρ in (0, 1). Source: Ng 2011, "Sparse autoencoder" (CS294A lecture notes), section 3.
    """
    mean = activations.mean(dim=0).clamp(1e-6, 1 - 1e-6)
    return (rate * (math.log(rate) - mean.log()) + (1 - rate) * (math.log1p(-rate) - (-mean).log1p())).sum()
