"""A field as pixels, to be saved: arrows as lines with a thick end, data as dots, trails as lines."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aetui.field.plane import Points, Window
from aetui.paint.field_scene import Scene

Pixels = npt.NDArray[np.float32]

LONG_SIDE = 480

_DATA, _ARROW, _TRAIL, _HEAD = (0.35, 0.5, 0.65), (0.6, 0.6, 0.6), (1.0, 0.55, 0.1), (1.0, 0.9, 0.3)


def raster(scene: Scene, window: Window, trails: Points) -> Pixels:
    """float32 [3, H, W] in [0, 1], its longer side ``LONG_SIDE``; trails: [t, k, 2], the walkers stand at the last."""
    scale = LONG_SIDE / max(window.width, window.height)
    shape = max(1, round(window.height * scale)), max(1, round(window.width * scale))
    pixels = np.full((3, *shape), 0.05, np.float32)
    _dots(pixels, scene.cloud, window, _DATA, 1)
    size = np.hypot(scene.vectors[:, 0], scene.vectors[:, 1])
    cell = _spacing(scene.points) * 0.8
    reach = np.minimum(size / (scene.longest or 1.0), 1.0) * cell / np.where(size > 0, size, 1.0)
    share = np.linspace(0, 1, 24)[:, None, None]
    ends = scene.points + scene.vectors * reach[:, None]
    _dots(pixels, (scene.points * (1 - share) + ends * share).reshape(-1, 2), window, _ARROW, 0)
    _dots(pixels, ends, window, _ARROW, 1)
    if len(trails):
        share = np.linspace(0, 1, 24)[:, None, None, None]
        lines = trails[None, :-1] * (1 - share) + trails[None, 1:] * share
        _dots(pixels, lines.reshape(-1, 2), window, _TRAIL, 0)
        _dots(pixels, trails[-1], window, _HEAD, 2)
    return pixels


def _spacing(points: Points) -> float:
    """From one arrow to the next."""
    steps = np.diff(np.unique(points[:, 0]))
    return float(steps.min()) if len(steps) else 1.0


def _dots(pixels: Pixels, points: Points, window: Window, colour: tuple[float, float, float], radius: int) -> None:
    """A square of 2·radius + 1 pixels at each point."""
    column, row = window.places(points, pixels.shape[2], pixels.shape[1])
    column, row = column[column >= 0], row[column >= 0]
    for across in range(-radius, radius + 1):
        for down in range(-radius, radius + 1):
            x, y = (column + across).clip(0, pixels.shape[2] - 1), (row + down).clip(0, pixels.shape[1] - 1)
            pixels[:, y, x] = np.array(colour, np.float32)[:, None]
