"""How well a run takes noise off images that it has not seen, level by level, beside the best linear map."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from trainer import corruption
from trainer.baselines import WIDE
from trainer.data.dataset import DataSet
from trainer.noise import Noise
from trainer.variants import Denoising, Variant

if TYPE_CHECKING:
    from trainer.evaluate import HeldOutImages

LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5)
"""Noise levels that every run is tried at; a denoising run also at its own."""

RIDGE_IMAGES = 20_000
"""Training images behind the linear map. On Fashion-MNIST it is then, at every level, as good as scikit-learn's Ridge
on 60,000 images with one draw of noise each."""
_RIDGE_IMAGES_IF_LARGE = 4_000
_LARGE = 1024
_PENALTY = 1.0

Row = dict[str, float | None]


def noise_of(variant: Variant) -> tuple[str, tuple[float, ...]]:
    """(kind of noise, levels) that a run of ``variant`` is tried at: its own kind and levels, where it has them.

    No levels where images are noisy as they come, so that nothing says what a clean one is.
    """
    if not isinstance(variant, Denoising):
        return "gaussian", LEVELS
    if variant.target == "pairs":
        return variant.corruption, ()
    own = {level for level in (variant.level, variant.lowest_level) if level}
    return variant.corruption, tuple(sorted({*LEVELS, *own}))


def spoil(x: Tensor, kind: str, level: float, noise: Noise, *, points: bool = False) -> Tensor:
    """``x`` (batch, C, H, W) corrupted; the same noise at every level, only more of it. Points are not clipped."""
    normal = corruption.takes_normal_noise(kind)
    drawn = noise.normal_like(x, "evaluation") if normal else noise.uniform_like(x, "evaluation")
    spoiled: Tensor = corruption.corrupt(x, kind, level, drawn, clip=not points)
    return spoiled


class Ridge:
    """Linear denoisers of one data set, one per kind and level of noise, each fitted when it is first asked for."""

    def __init__(self, data: DataSet) -> None:
        self._data = data
        self._maps: dict[tuple[str, float], Callable[[Tensor], Tensor]] = {}

    def __contains__(self, noise: tuple[str, float]) -> bool:
        """Whether the map for a (kind, level) is fitted already."""
        return noise in self._maps

    def __call__(self, kind: str, level: float) -> Callable[[Tensor], Tensor] | None:
        """Corrupted (batch, C, H, W) → clean, as far as a linear map goes; None for more than ``WIDE`` pixels."""
        if math.prod(self._data.image_shape) > WIDE:
            return None
        if (kind, level) not in self._maps:
            self._maps[kind, level] = self._fit(kind, level)
        return self._maps[kind, level]

    def _fit(self, kind: str, level: float) -> Callable[[Tensor], Tensor]:
        points = self._data.points
        count = RIDGE_IMAGES if math.prod(self._data.image_shape) <= _LARGE else _RIDGE_IMAGES_IF_LARGE
        clean = torch.from_numpy(self._data.train.pixels(slice(count))).flatten(1)
        weights, bias = linear_denoiser(clean, lambda x: moments(x, kind, level, points=points))

        def denoise(spoiled: Tensor) -> Tensor:
            x_hat = (spoiled.flatten(1).cpu() @ weights + bias).reshape(spoiled.shape).to(spoiled.device)
            return x_hat if points else x_hat.clamp(0, 1)

        return denoise


def noise_sweep(view: HeldOutImages, variant: Variant, ridge: Ridge, *, points: bool = False) -> list[Row]:
    """Mean squared errors per pixel against the clean images, a row per level: of the corrupted images, of what the
    network makes of them, and of what the best linear map makes of them.
    """
    kind, levels = noise_of(variant)
    rows = []
    for level in levels:
        linear = ridge(kind, level)
        corrupted = denoised = by_ridge = 0.0
        for x, noise in view.batches():
            spoiled = spoil(x, kind, level, noise, points=points)
            corrupted += _squares(spoiled - x)
            denoised += _squares(view.reconstruct(spoiled) - x)
            by_ridge += _squares(linear(spoiled) - x) if linear else math.nan
        row: Row = {"level": level, "corrupted_mse": corrupted / view.values, "denoised_mse": denoised / view.values}
        rows.append(row | {"ridge_mse": by_ridge / view.values if linear else None})
    return rows


def linear_denoiser(clean: Tensor, noisy: Callable[[Tensor], tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """(weights [d, d], bias [d]) of the ridge regression from corrupted to clean images, over all noise there could be.

    clean: (n, d) float32. noisy: E[x̃ | x] and E[x̃² | x] of a batch. Since the noise of one pixel does not depend on
    that of another, E[x̃ᵢ x̃ⱼ | x] = E[x̃ᵢ | x] E[x̃ⱼ | x]: the regression needs no draws, and cannot fit itself to any.
    The penalty is that of scikit-learn's Ridge, alpha = 1.
    Source: Chen, Xu, Weinberger & Sha 2012, "Marginalized denoising autoencoders for domain adaptation".
    """
    n, d = clean.shape
    # Sums of products in float64, each of a block's products in float32, which is exact enough and twice as fast.
    products, cross = clean.new_zeros((2, d, d), dtype=torch.float64)
    own, mean = clean.new_zeros((2, d), dtype=torch.float64)
    for x in clean.split(1000):
        first, second = noisy(x)
        products += first.T @ first
        cross += first.T @ x
        own += (second - first.square()).sum(dim=0)
        mean += first.sum(dim=0) / n
    target = clean.double().mean(dim=0)
    products += torch.diag(own + _PENALTY) - n * torch.outer(mean, mean)
    cross -= n * torch.outer(mean, target)
    weights = torch.cholesky_solve(cross, torch.linalg.cholesky(products))
    return weights.float(), (target - mean @ weights).float()


def moments(x: Tensor, kind: str, level: float, *, points: bool = False) -> tuple[Tensor, Tensor]:
    """(E[x̃], E[x̃²]) of the pixels ``x`` under a corruption (see ``corruption.corrupt``), over its noise.

    Raises ValueError for another kind.
    """
    if level == 0:
        return x, x.square()
    if kind == "gaussian":
        return (x, x.square() + level**2) if points else _moments_of_clipped_normal(x, level)
    if kind == "masking":
        return (1 - level) * x, (1 - level) * x.square()
    if kind == "salt-pepper":
        return (1 - level) * x + level / 2, (1 - level) * x.square() + level / 2
    raise ValueError(f"{kind!r} is none of {corruption.KINDS}")


def _moments_of_clipped_normal(mean: Tensor, sigma: float) -> tuple[Tensor, Tensor]:
    """Of N(mean, σ²) cut off at 0 and 1: what lies beyond counts as 0 and as 1."""
    low, high = -mean / sigma, (1 - mean) / sigma
    inside, above = _cumulative(high) - _cumulative(low), 1 - _cumulative(high)
    edge = _density(low) - _density(high)
    first = mean * inside + sigma * edge + above
    curved = low * _density(low) - high * _density(high)
    second = (mean.square() + sigma**2) * inside + 2 * mean * sigma * edge + sigma**2 * curved + above
    return first, second


def _cumulative(a: Tensor) -> Tensor:
    return 0.5 * (1 + torch.erf(a / math.sqrt(2)))


def _density(a: Tensor) -> Tensor:
    return torch.exp(-0.5 * a.square()) / math.sqrt(2 * math.pi)


def _squares(difference: Tensor) -> float:
    return float(difference.double().square().sum())
