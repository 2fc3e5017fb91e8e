"""How far a reconstruction is from the image: mean squared error, PSNR and SSIM, per image. Pure numpy."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

Measure = Literal["mse", "psnr", "ssim"]
MEASURES: tuple[Measure, ...] = get_args(Measure)

Values = npt.NDArray[np.float64]

_SIGMA = 1.5
_RADIUS = 5
_SMALL = 0.001
_C1, _C2 = 0.01**2, 0.03**2


def measure(name: Measure, x_hat: npt.ArrayLike, x: npt.ArrayLike) -> Values:
    """The named one of two stacks of images [n, C, H, W] in [0, 1]. Returns float64 [n]."""
    if name == "ssim":
        return ssim(x_hat, x)
    error = mse(x_hat, x)
    return error if name == "mse" else psnr(error)


def mse(x_hat: npt.ArrayLike, x: npt.ArrayLike) -> Values:
    """Mean squared error per pixel, of images [n, C, H, W]. Returns float64 [n], ≥ 0."""
    difference = np.asarray(x_hat, np.float64) - np.asarray(x, np.float64)
    return np.asarray((difference**2).mean(axis=(1, 2, 3)), np.float64)


def psnr(error: npt.ArrayLike) -> Values:
    """Peak signal-to-noise ratio in dB of mean squared errors (pixels in [0, 1]): −10 log₁₀ mse; ∞ where it is 0."""
    with np.errstate(divide="ignore"):
        return np.asarray(-10 * np.log10(np.asarray(error, np.float64)), np.float64)


def ssim(x_hat: npt.ArrayLike, x: npt.ArrayLike) -> Values:
    """Structural similarity of images [n, C, H, W] in [0, 1]. Returns float64 [n], in [−1, 1]; 1: the same.

    Mean over channels and over every place where the window fits: Gaussian, σ = 1.5, 11 × 11, smaller where the
    image is. Source: Wang, Bovik, Sheikh, Simoncelli 2004, "Image quality assessment", equation 13.
    """
    a, b = np.asarray(x_hat, np.float64), np.asarray(x, np.float64)
    mean_a, mean_b = _blurred(a), _blurred(b)
    variance_a, variance_b = _blurred(a * a) - mean_a**2, _blurred(b * b) - mean_b**2
    covariance = _blurred(a * b) - mean_a * mean_b
    alike = (2 * mean_a * mean_b + _C1) * (2 * covariance + _C2)
    whole = (mean_a**2 + mean_b**2 + _C1) * (variance_a + variance_b + _C2)
    return np.asarray((alike / whole).mean(axis=(1, 2, 3)), np.float64)


def better(name: Measure, value: float, other: float) -> bool:
    """True where ``value`` is the better one of the measure ``name``; NaN is never better."""
    return value < other if name == "mse" else value > other


def badness(name: Measure, values: npt.ArrayLike) -> Values:
    """Values of a measure as numbers that grow as the picture gets worse; NaN is worst."""
    found = np.asarray(values, np.float64) * (1 if name == "mse" else -1)
    return np.where(np.isnan(found), np.inf, found)


def written(name: Measure, value: float, *, room: int = 99) -> str:
    """A value for people: ``mse 0.0123``, ``19.1 dB``, ``ssim 0.83``, without its name where that is over ``room``."""
    if name == "mse":
        number = f"{value:.1e}".replace("e-0", "e-") if 0 < value < _SMALL else f"{value:.4f}"
    else:
        number = f"{value:.1f}" if name == "psnr" else f"{value:.3f}"
    named = f"{number} dB" if name == "psnr" else f"{name} {number}"
    return named if len(named) <= room else number


def _blurred(images: Values) -> Values:
    """Weighted means of the windows: [n, C, H − 2r, W − 2r]."""
    high, wide = images.shape[-2:]
    radius = min(_RADIUS, (min(high, wide) - 1) // 2)
    blurred: Any = _windows(high, radius) @ images @ _windows(wide, radius).T
    return np.asarray(blurred, np.float64)


@lru_cache(64)
def _windows(size: int, radius: int) -> Values:
    """[size − 2 radius, size]: a row per place of the window; each sums to 1."""
    offset = np.arange(size)[None] - np.arange(radius, size - radius)[:, None]
    weight = np.where(np.abs(offset) <= radius, np.exp(-(offset**2) / (2 * _SIGMA**2)), 0.0)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True), np.float64)
