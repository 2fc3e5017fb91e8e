"""A vector field as arrows, one per cell, on top of points and trails of dots.

``paint_arrows(cells, points, vectors, window, look)`` writes the arrows; ``paint_dots`` points, ``paint_trails`` lines
through places; ``heat(share, look)`` is the ramp of the lengths.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aetui.field.plane import Points, Window
from aetui.paint.braille import dots_of_cell, put_dots
from aetui.paint.cells import DEFAULT, Cells, put
from aetui.paint.colours import quiet_colour
from aetui.paint.look import Look

ARROWS = "→↗↑↖←↙↓↘"
ARROWS_ASCII = ">>^^<<vv"
"""By direction, counter-clockwise from the right; in ASCII the diagonals are given to their neighbours."""

STILL_MARK, STILL_MARK_ASCII = "•", "o"

_HEAT_DARK = (240, 61, 67, 74, 80, 115, 150, 185, 221, 228)
_HEAT_LIGHT = (251, 146, 110, 68, 62, 61, 55, 91, 126, 160)
_HEAT_16_DARK = (8, 4, 6, 14, 11)
_HEAT_16_LIGHT = (7, 6, 4, 5, 1)
_MOST_PARTS = 64


def heat(share: npt.NDArray[np.floating], look: Look) -> npt.NDArray[np.int32]:
    """Colours for values in [0, 1], faint to loud."""
    if look.depth == "mono":
        return np.full(np.shape(share), DEFAULT, np.int32)
    dark, light = (_HEAT_16_DARK, _HEAT_16_LIGHT) if look.depth == "16" else (_HEAT_DARK, _HEAT_LIGHT)
    ramp = np.array(dark if look.dark else light, np.int32)
    at = np.minimum((np.clip(share, 0, 1) * len(ramp)).astype(np.int64), len(ramp) - 1)
    return np.asarray(ramp[at], np.int32)


def directions(vectors: Points) -> npt.NDArray[np.int64]:
    """Which of eight directions each of ``vectors`` [n, 2] is nearest to: 0 right, 2 up, 4 left, 6 down."""
    angle = np.arctan2(vectors[:, 1], vectors[:, 0])
    return np.asarray(np.rint(angle / (np.pi / 4)).astype(np.int64) % 8, np.int64)


def paint_arrows(
    cells: Cells, points: Points, vectors: Points, window: Window, look: Look, *, longest: float, still: float
) -> None:
    """An arrow at each of ``points`` [n, 2] for its vector, coloured by its length up to ``longest``.

    A vector shorter than ``still`` is a dot: the field stands still there. Non-finite ones are left out. The window
    has the shape of the cells (``Window.fitted``), so that the arrows point where the vectors do.
    """
    size = np.hypot(vectors[:, 0], vectors[:, 1])
    column, row = window.places(points, cells.columns, cells.rows)
    seen = (column >= 0) & np.isfinite(size)
    column, row, size, vectors = column[seen], row[seen], size[seen], vectors[seen]
    arrows = np.array(list(ARROWS if look.unicode else ARROWS_ASCII))[_nearest(vectors, look)]
    mark = STILL_MARK if look.unicode else STILL_MARK_ASCII
    cells.characters[row, column] = np.where(size <= still, mark, arrows)
    cells.foreground[row, column] = heat(size / longest if longest > 0 else np.zeros(len(size)), look)
    cells.background[row, column] = DEFAULT


def _nearest(vectors: Points, look: Look) -> npt.NDArray[np.int64]:
    if look.unicode:
        return directions(vectors)
    steep = np.abs(vectors[:, 1]) > np.abs(vectors[:, 0])
    across = np.where(vectors[:, 0] < 0, 4, 0)
    return np.asarray(np.where(steep, np.where(vectors[:, 1] < 0, 6, 2), across), np.int64)


def paint_dots(cells: Cells, points: Points, window: Window, colour: int, look: Look) -> None:
    """``points`` [n, 2] as dots of braille, behind what comes later; in ASCII a comma."""
    down, across = dots_of_cell(look)
    column, row = window.places(points, cells.columns * across, cells.rows * down)
    marks = np.zeros((cells.rows * down, cells.columns * across), np.bool_)
    marks[row[column >= 0], column[column >= 0]] = True
    put_dots(cells, marks, colour, look, ",")


def paint_trails(cells: Cells, trails: Points, window: Window, colour: int, look: Look) -> None:
    """trails: [t, n, 2]: a line through the t places of each of n walkers."""
    down, across = dots_of_cell(look)
    columns, rows = cells.columns * across, cells.rows * down
    marks = np.zeros((rows, columns), np.bool_)
    if len(trails) > 1:
        moved = np.nan_to_num(np.abs(np.diff(trails, axis=0)), nan=0.0, posinf=0.0)
        dots = np.array([columns / window.width, rows / window.height]) * moved
        parts = int(np.clip(np.ceil(dots.max(initial=1.0)), 1, _MOST_PARTS))
        share = (np.arange(parts) / parts)[:, None, None, None]
        between = trails[None, :-1] * (1 - share) + trails[None, 1:] * share
        places = np.concatenate([between.reshape(-1, 2), trails.reshape(-1, 2)])
        column, row = window.places(places, columns, rows)
        marks[row[column >= 0], column[column >= 0]] = True
    put_dots(cells, marks, colour, look, ".")


def paint_cross(cells: Cells, point: tuple[float, float], window: Window, colour: int, look: Look) -> None:
    """A cross-hair: a mark at ``point`` with two short arms."""
    column, row = (int(one[0]) for one in window.places(np.array([point]), cells.columns, cells.rows))
    if column < 0:
        return
    across, middle = ("─", "┼") if look.unicode else ("-", "+")
    quiet = quiet_colour(look)
    for by in (-2, -1, 1, 2):
        put(cells, row, column + by, across, quiet)
    for by in (-1, 1):
        put(cells, row + by, column, "│" if look.unicode else "|", quiet)
    put(cells, row, column, middle, colour)
