"""How well a run takes noise off images that it has not seen, level by level, beside the best linear map."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Spoiling:
    """One kind of corruption at one level. clip: as for ``corruption.corrupt``."""

    kind: str
    level: float
    clip: bool = True

    def __call__(self, x: Tensor, noise: Noise) -> Tensor:
        """``x`` (batch, C, H, W) corrupted; the same noise at every level, only more of it."""
        normal = corruption.takes_normal_noise(self.kind)
        drawn = noise.normal_like(x, "evaluation") if normal else noise.uniform_like(x, "evaluation")
        spoiled: Tensor = corruption.corrupt(x, self.kind, self.level, drawn, clip=self.clip)
        return spoiled


def spoilings(variant: Variant, *, points: bool) -> list[Spoiling]:
    """What a run of ``variant`` is tried with: its own kind and levels beside ``LEVELS``, where it has them.

    Nothing where images are noisy as they come, so that there is no clean one to compare with.
    """
    if not isinstance(variant, Denoising):
        return [Spoiling("gaussian", level, clip=not points) for level in LEVELS]
    if variant.target == "pairs":
        return []
    own = {level for level in (variant.level, variant.lowest_level) if level}
    clip = not points if variant.clip is None else variant.clip
    return [Spoiling(variant.corruption, level, clip) for level in sorted({*LEVELS, *own})]


class Ridge:
    """Linear denoisers of one data set, one per spoiling, each fitted when it is first asked for."""

    def __init__(self, data: DataSet) -> None:
        self._data = data
        self._maps: dict[Spoiling, Callable[[Tensor], Tensor]] = {}

    def __contains__(self, spoiling: Spoiling) -> bool:
        """Whether its map is fitted already."""
        return spoiling in self._maps

    def __call__(self, spoiling: Spoiling) -> Callable[[Tensor], Tensor] | None:
        """Corrupted (batch, C, H, W) → clean, as far as a linear map goes; None for more than ``WIDE`` pixels."""
        if math.prod(self._data.image_shape) > WIDE:
            return None
        if spoiling not in self._maps:
            self._maps[spoiling] = self._fit(spoiling)
        return self._maps[spoiling]

    def _fit(self, spoiling: Spoiling) -> Callable[[Tensor], Tensor]:
        points = self._data.points
        count = RIDGE_IMAGES if math.prod(self._data.image_shape) <= _LARGE else _RIDGE_IMAGES_IF_LARGE
        clean = torch.from_numpy(self._data.train.pixels(slice(count))).flatten(1)
        weights, bias = linear_denoiser(clean, lambda x: moments(x, spoiling))

        def denoise(spoiled: Tensor) -> Tensor:
            x_hat = (spoiled.flatten(1).cpu() @ weights + bias).reshape(spoiled.shape).to(spoiled.device)
            return x_hat if points else x_hat.clamp(0, 1)

        return denoise


def noise_sweep(view: HeldOutImages, tried: Sequence[Spoiling], ridge: Ridge) -> list[Row]:
    """Mean squared errors per pixel against the clean images, a row per level: of the corrupted images, of what the
    network makes of them, and of what the best linear map makes of them.
    """
    rows = []
    for spoiling in tried:
        linear = ridge(spoiling)
        corrupted = denoised = by_ridge = 0.0
        for x, noise in view.batches():
            spoiled = spoiling(x, noise)
            corrupted += _squares(spoiled - x)
            denoised += _squares(view.reconstruct(spoiled) - x)
            by_ridge += _squares(linear(spoiled) - x) if linear else math.nan
        row: Row = {"level": spoiling.level, "corrupted_mse": corrupted / view.values}
        row |= {"denoised_mse": denoised / view.values, "ridge_mse": by_ridge / view.values if linear else None}
        rows.append(row)
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


def moments(x: Tensor, spoiling: Spoiling) -> tuple[Tensor, Tensor]:
    """(E[x̃], E[x̃²]) of the pixels ``x`` under a corruption, over its noise. Raises ValueError for a kind unknown."""
    kind, level = spoiling.kind, spoiling.level
    if level == 0:
        return x, x.square()
    if kind == "gaussian":
        return _moments_of_clipped_normal(x, level) if spoiling.clip else (x, x.square() + level**2)
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
