"""``paint_bands``: areas on top of each other, what a loss is made of.

Eighths of a block in two colours, braille of different density without colours, one letter per area in ASCII.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from aetui.paint.braille import braille
from aetui.paint.cells import DEFAULT, Cells
from aetui.paint.colours import series_colour
from aetui.paint.curves import Values
from aetui.paint.frame import Frame
from aetui.paint.look import Look
from aetui.paint.series import Curve
from aetui.paint.sums import means

_EIGHTHS = np.array(list(" ▁▂▃▄▅▆▇█"), "<U1")
_DENSITY = np.array([[0, 6, 3, 7], [4, 2, 5, 1]]).T
"""The order in which the dots of a braille cell are set as an area gets denser."""
_DENSITIES = (8, 3, 1, 5)
_AREAS_DARK = (31, 172, 71, 133, 178, 167, 37, 104)
_AREAS_LIGHT = (74, 215, 114, 176, 221, 210, 80, 146)
FILLS = "#:o+%="
"""The letters of the areas in ASCII, from the bottom."""


def paint_bands(cells: Cells, curves: Sequence[Curve], plot: Frame, look: Look) -> None:
    """Fill the areas of accumulated ``curves`` into the plot."""
    if not curves:
        return
    area = (slice(plot.top, plot.top + plot.rows), slice(plot.left, plot.left + plot.columns))
    fine = look.unicode and look.depth == "mono"
    across = 2 if fine else 1
    edges = np.array([means(curve.xs, curve.ys, plot.x_range, plot.columns * across) for curve in curves])
    if fine:
        bands = _bands(edges, plot, plot.rows * 4)
        marks = (bands >= 0) & _texture(bands)
        characters = braille(marks)
        drawn = characters != " "
        cells.characters[area][drawn] = characters[drawn]
        return
    colours = [area_colour(curve, place, look) for place, curve in enumerate(curves)]
    if not look.unicode:
        bands = _bands(edges, plot, plot.rows)
        letters = np.array([_letter(place) for place in range(len(curves))], "<U1")
        drawn = bands >= 0
        cells.characters[area][drawn] = letters[bands[drawn]]
        cells.foreground[area][drawn] = np.array(colours, np.int32)[bands[drawn]]
        return
    _paint_eighths(cells, area, _bands(edges, plot, plot.rows * 8), colours)


def area_colour(curve: Curve, place: int, look: Look) -> int:
    """The colour of the place-th area: quieter than that of a line, since there is more of it."""
    index = place if curve.series.colour is None else curve.series.colour
    if look.depth in ("16", "mono"):
        return series_colour(index, look, faint=True)
    return (_AREAS_DARK if look.dark else _AREAS_LIGHT)[index % len(_AREAS_DARK)]


def _letter(place: int) -> str:
    return FILLS[place % len(FILLS)]


def _bands(edges: Values, plot: Frame, rows: int) -> npt.NDArray[np.int64]:
    """Which area each small row of each column lies in, row 0 at the top; −1 for none. edges: [areas, columns]."""
    low, high = plot.y_range
    heights = low + (rows - np.arange(rows) - 0.5) / rows * (high - low)
    lower = np.concatenate([np.zeros((1, edges.shape[1])), edges[:-1]])
    bands = np.full((rows, edges.shape[1]), -1)
    for place, (below, above) in enumerate(zip(lower, edges, strict=True)):
        inside = (heights[:, None] >= np.fmin(below, above)) & (heights[:, None] < np.fmax(below, above))
        bands[inside & np.isfinite(below + above)] = place
    return bands


def _texture(bands: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    rows, columns = bands.shape
    order = np.tile(_DENSITY, (rows // 4, columns // 2))
    return np.asarray(order < np.array(_DENSITIES)[bands % len(_DENSITIES)], np.bool_)


def _paint_eighths(
    cells: Cells, area: tuple[slice, slice], bands: npt.NDArray[np.int64], colours: Sequence[int]
) -> None:
    """Each cell is divided once: the area at its bottom in the foreground, that at its top in the background."""
    parts = bands.reshape(-1, 8, bands.shape[1])
    bottom, top = parts[:, -1], parts[:, 0]
    filled = (parts == bottom[:, None]).sum(axis=1)
    palette = np.array([*colours, DEFAULT], np.int32)
    hanging = (bottom < 0) & (top >= 0)  # an area above nothing: drawn from the top, inverted below
    drawn = ((bottom >= 0) | hanging) & (parts.max(axis=1) >= 0)
    background = palette[top]
    foreground = np.where(hanging, palette[top], palette[bottom])
    characters = np.where(hanging, "▀", _EIGHTHS[filled])
    background = np.where(hanging | (top == bottom), DEFAULT, background)
    cells.characters[area][drawn] = characters[drawn]
    cells.foreground[area][drawn] = foreground[drawn]
    cells.background[area][drawn] = background[drawn]
