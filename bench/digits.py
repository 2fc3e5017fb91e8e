"""Digits as in MNIST, which need no file: strokes with soft edges on 28 × 28 pixels, slanted and stretched at random.

Mean brightness and the share of pixels with ink are MNIST's (0.131 and 19 %; LeCun, Cortes & Burges), since these two
decide how many cells of a picture that moves change.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import numpy.typing as npt

SIDE = 28
_INK = 0.6
"""Half the width of a stroke, pixels."""
_EDGE = 1.4
"""Over so many pixels it fades."""


def _arc(x: float, y: float, wide: float, high: float, start: float, end: float) -> list[tuple[float, float]]:
    """A part of an ellipse round (x, y); angles in turns, clockwise from the right."""
    angles = np.linspace(start, end, 16) * 2 * math.pi
    return [(x + wide * math.cos(angle), y + high * math.sin(angle)) for angle in angles]


# In a square from (-1, -1), top left, to (1, 1).
_STROKES: tuple[list[list[tuple[float, float]]], ...] = (
    [_arc(0, 0, 0.65, 0.95, 0, 1)],
    [[(-0.25, -0.6), (0.05, -0.95), (0.05, 0.95)]],
    [[*_arc(0, -0.4, 0.6, 0.55, 0.5, 1.1), (-0.65, 0.95), (0.7, 0.9)]],
    [[*_arc(0, -0.48, 0.55, 0.47, 0.6, 1.2)], [*_arc(0, 0.45, 0.62, 0.5, 0.8, 1.4)]],
    [[(0.1, -0.95), (-0.65, 0.25), (0.75, 0.25)], [(0.35, -0.3), (0.3, 0.95)]],
    [[(0.6, -0.9), (-0.4, -0.9), (-0.5, -0.1), *_arc(0, 0.35, 0.6, 0.55, 0.65, 1.4)]],
    [[(0.4, -0.95), (-0.35, -0.2), *_arc(0, 0.4, 0.55, 0.5, 0.5, 1.5)]],
    [[(-0.65, -0.85), (0.65, -0.9), (-0.1, 0.95)]],
    [_arc(0, -0.48, 0.5, 0.45, 0, 1), _arc(0, 0.45, 0.6, 0.5, 0, 1)],
    [[*_arc(0, -0.4, 0.55, 0.5, 0, 1), (0.45, 0.3), (0.2, 0.95)]],
)


def digits(count: int, seed: int = 0) -> npt.NDArray[np.float32]:
    """float32 [count, 28, 28] in [0, 1]; the digits in turn."""
    rng = np.random.default_rng(seed)
    return np.stack([_drawn(_STROKES[number % 10], rng) for number in range(count)])


def _drawn(strokes: list[list[tuple[float, float]]], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    slant, wide, high = rng.uniform(-0.15, 0.45), rng.uniform(7.0, 9.0), rng.uniform(8.5, 9.5)
    centre = SIDE / 2 - 0.5 + rng.uniform(-1, 1, 2)
    thick = _INK * rng.uniform(0.85, 1.2)
    pixels = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), axis=-1).astype(np.float64)
    distance = np.full((SIDE, SIDE), np.inf)
    for stroke in strokes:
        points = np.asarray(stroke)
        points = centre + np.stack([wide * (points[:, 0] - slant * points[:, 1]), high * points[:, 1]], axis=1)
        for start, end in pairwise(points):
            distance = np.minimum(distance, _to_segment(pixels, start, end))
    return np.asarray(((thick + _EDGE - distance) / _EDGE).clip(0, 1), np.float32)


def _to_segment(
    pixels: npt.NDArray[np.float64], start: npt.NDArray[np.float64], end: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The distance of each pixel, [..., 2], from a line between two points, [...]."""
    along = end - start
    part = (((pixels - start) @ along) / max(1e-9, float(along @ along))).clip(0, 1)
    return np.asarray(np.linalg.norm(pixels - start - part[..., None] * along, axis=-1))
