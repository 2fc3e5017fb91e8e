"""A vector field over points of the plane, with the walks through it: ``paint_scene(scene, columns, rows, look)``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aetui.field.plane import Points, Window
from aetui.paint.arrows import heat, paint_arrows, paint_cross, paint_dots, paint_trails
from aetui.paint.axes import number
from aetui.paint.cells import Cells, blank, put
from aetui.paint.colours import quiet_colour, series_colour
from aetui.paint.look import Look

_WALK, _HEAD, _CROSS = 1, 4, 4
_DATA = (0, 2, 3, 5, 6, 7)
"""Places in the cycle of series colours: orange and yellow for what moves, the others for the classes."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Scene:
    """window: what is seen at least. cloud: the data, [m, 2], of the classes ``labels`` [m].

    points, vectors: where arrows stand and what they are, [n, 2] each; longest: the length in the loudest colour,
    still: up to which it is a dot. trails: where walkers have been, [t, k, 2], the last of them now; t may be 0.
    """

    window: Window
    cloud: Points
    labels: npt.NDArray[np.int64]
    points: Points
    vectors: Points
    longest: float
    still: float
    trails: Points
    cross: tuple[float, float] | None = None


def paint_scene(scene: Scene, columns: int, rows: int, look: Look) -> Cells:
    """The scene on columns × rows cells, from back to front: data, arrows, trails, walkers, cross-hair."""
    cells = blank(rows, columns)
    if columns < 1 or rows < 1:
        return cells
    window = scene.window.fitted(columns, rows)
    for label in np.unique(scene.labels).tolist():
        colour = series_colour(_DATA[label % len(_DATA)], look) if label >= 0 else quiet_colour(look)
        paint_dots(cells, scene.cloud[scene.labels == label], window, colour, look)
    paint_arrows(cells, scene.points, scene.vectors, window, look, longest=scene.longest, still=scene.still)
    if len(scene.trails):
        paint_trails(cells, scene.trails, window, series_colour(_WALK, look), look)
        column, row = window.places(scene.trails[-1], columns, rows)
        for x, y in zip(column.tolist(), row.tolist(), strict=True):
            put(cells, y, x, "●" if look.unicode else "@", series_colour(_HEAD, look))
    if scene.cross is not None:
        paint_cross(cells, scene.cross, window, series_colour(_CROSS, look), look)
    _paint_corners(cells, window, look)
    if scene.longest > 0:
        _paint_scale(cells, scene.longest, look)
    return cells


def _paint_corners(cells: Cells, window: Window, look: Look) -> None:
    """The coordinates of two corners: what the axes would say."""
    if cells.columns < 40 or cells.rows < 8:
        return
    low = f"({number(window.left, 2)}, {number(window.bottom, 2)}) "
    high = f" ({number(window.right, 2)}, {number(window.top, 2)})"
    put(cells, cells.rows - 1, 0, low, quiet_colour(look))
    put(cells, 0, cells.columns - len(high), high, quiet_colour(look))


def _paint_scale(cells: Cells, longest: float, look: Look) -> None:
    """Which length has which colour."""
    if cells.columns < 60 or cells.rows < 8:
        return
    text = f" |r(x) - x|  0 {'━' * 10 if look.unicode else '=' * 10} {number(longest, 2)}"
    left = cells.columns - len(text)
    put(cells, cells.rows - 1, left, text, quiet_colour(look))
    at = left + text.index("━" if look.unicode else "=")
    cells.foreground[-1, at : at + 10] = heat((np.arange(10) + 0.5) / 10, look)
