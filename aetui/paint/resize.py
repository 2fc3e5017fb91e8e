"""Images to another size: area mean where they shrink, nearest pixel where they grow, each axis by itself.

``resize(image, rows, columns)``; ``enlarge`` grows them smoothly, to sizes that are no whole multiples;
``fit(height, width, rows, columns)`` gives the largest size of the same shape.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]


def resize(image: Pixels, rows: int, columns: int) -> Pixels:
    """image: float32 [..., H, W], H and W ≥ 1. Returns [..., rows, columns], within the range of the image."""
    if image.shape[-2] != rows:
        image = _weights(image.shape[-2], rows) @ image
    if image.shape[-1] != columns:
        image = image @ _weights(image.shape[-1], columns).T
    return image


def enlarge(image: Pixels, rows: int, columns: int) -> Pixels:
    """image: float32 [..., H, W]. Returns [..., rows, columns], linear between the centres of the pixels.

    Where it does not grow it is the same as ``resize``.
    """
    high, wide = image.shape[-2:]
    if rows > high:
        image = _between(high, rows) @ image
    if columns > wide:
        image = image @ _between(wide, columns).T
    return resize(image, rows, columns)


@lru_cache(256)
def _between(size: int, target: int) -> Pixels:
    """[target, size]; each row sums to 1 and has at most two weights."""
    at = ((np.arange(target) + 0.5) * size / target - 0.5).clip(0, size - 1)
    return np.asarray((1 - np.abs(at[:, None] - np.arange(size))).clip(0, 1), np.float32)


@lru_cache(256)
def _weights(size: int, target: int) -> Pixels:
    """[target, size]; each row sums to 1."""
    edges = np.linspace(0, size, target + 1)
    if target >= size:
        centres = np.minimum(((edges[1:] + edges[:-1]) / 2).astype(np.int64), size - 1)
        return np.eye(size, dtype=np.float32)[centres]
    pixel = np.arange(size)
    covered = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    covered = covered.clip(0, None)
    return np.asarray(covered / covered.sum(axis=1, keepdims=True), np.float32)


def fit(height: int, width: int, rows: int, columns: int) -> tuple[int, int]:
    """The largest (rows, columns) of the shape height × width that fits; a whole multiple where it is larger.

    All in square pixels, all ≥ 1; the result is ≥ 1 each.
    """
    factor = min(rows / height, columns / width)
    if factor >= 1:
        factor = int(factor)
    return max(1, round(height * factor)), max(1, round(width * factor))
