"""A table of numbers from 0 up, shaded by how large they are, with a cursor and rows below that are not shaded.

``paint_heat_table(table, cursor, columns, rows, look)``; rows and columns that do not fit are left out, those around
the cursor are seen. ``cell_at`` says which cell is under the mouse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aetui.paint.cells import DEFAULT, Cells, blank, put
from aetui.paint.colours import quantize_rgb, quiet_colour, series_colour
from aetui.paint.look import Look
from aetui.paint.sliders import page_of
from aetui.paint.text import clip, width_of

Values = npt.NDArray[np.float64]
Cell = tuple[int, int]

_NARROWEST, _WIDEST = 6, 14
_LEAST_SCALE = 0.2
"""A table of small numbers only is pale: noise is not to look like a finding."""
_COLD = {True: (0.07, 0.08, 0.14), False: (0.97, 0.97, 0.94)}
_HOT = {True: (1.0, 0.66, 0.2), False: (0.85, 0.35, 0.0)}
"""By dark."""
_BARS = " .:-=+*#%@"


@dataclass(frozen=True, eq=False, kw_only=True)
class HeatTable:
    """values: float64 [r, c], finite, ≥ 0. rows, columns: their names; below: (name, a text per column) each.

    Names must have gone through ``outside_text.plain``. quiet: rows that matter little, [r]. floor: per column, what
    counts as nothing: shades begin above it.
    """

    rows: Sequence[str]
    columns: Sequence[str]
    values: Values
    below: Sequence[tuple[str, Sequence[str]]] = ()
    quiet: Sequence[bool] = ()
    floor: Sequence[float] = ()


@dataclass(frozen=True)
class Page:
    """What of a table is seen: ``count`` = (rows, columns) from ``first`` on; left: cells before the first column."""

    first: Cell
    count: Cell
    left: int
    each: int


def width_wanted(table: HeatTable) -> int:
    """The columns that show all of it."""
    names = max((width_of(name) for name in (*table.rows, *(name for name, _ in table.below))), default=0) + 2
    each = max((width_of(name) for name in table.columns), default=0) + 2
    return names + len(table.columns) * max(_NARROWEST, min(_WIDEST, each))


def page(table: HeatTable, cursor: Cell, columns: int, rows: int) -> Page:
    """The part around the cursor that fits into columns × rows cells."""
    names = [*table.rows, *(name for name, _ in table.below)]
    left = min(max((width_of(name) for name in names), default=0) + 2, max(0, columns - _NARROWEST))
    wanted = max((width_of(name) for name in table.columns), default=0) + 2
    room = max(0, columns - left)
    across = max(1, min(len(table.columns), room // _NARROWEST))
    each = max(1, min(_WIDEST, max(_NARROWEST, wanted), room // across))
    down = max(0, min(len(table.rows), rows - 1 - len(table.below)))
    first = page_of(len(table.rows), cursor[0], down), page_of(len(table.columns), cursor[1], across)
    return Page(first, (down, across), left, each)


def cell_at(table: HeatTable, cursor: Cell, columns: int, rows: int, at: Cell) -> Cell | None:
    """The (row, column) of the table that is drawn at (row, column) of the widget; None beside it."""
    seen = page(table, cursor, columns, rows)
    row, column = at[0] - 1, (at[1] - seen.left) // seen.each
    if not 0 <= row < seen.count[0] or at[1] < seen.left or column >= seen.count[1]:
        return None
    return row + seen.first[0], column + seen.first[1]


def paint_heat_table(table: HeatTable, cursor: Cell, columns: int, rows: int, look: Look) -> Cells:
    """The table on columns × rows cells."""
    cells = blank(rows, columns)
    if rows < 1 or columns < 1 or not table.columns:
        return cells
    seen = page(table, cursor, columns, rows)
    scale = max(_LEAST_SCALE, float(table.values.max(initial=0.0)))
    strong, quiet = series_colour(1, look), quiet_colour(look)
    _paint_row(cells, 0, seen, "", table.columns, cursor[1], DEFAULT, look)
    for place in range(seen.count[0]):
        row = place + seen.first[0]
        dim = row < len(table.quiet) and table.quiet[row]
        name = clip(table.rows[row], max(0, seen.left - 1), "")
        put(cells, place + 1, 1, name, strong if row == cursor[0] else quiet if dim else DEFAULT)
        for across in range(seen.count[1]):
            column = across + seen.first[1]
            value = float(table.values[row, column])
            text = f"[{value:.2f}]" if (row, column) == cursor else f"{value:.2f}"
            floor = min(scale / 2, table.floor[column]) if column < len(table.floor) else 0.0
            at = (place + 1, seen.left + across * seen.each)
            _paint_cell(cells, at, seen.each, text, (value - floor) / (scale - floor), look)
    for place, (name, texts) in enumerate(table.below):
        _paint_row(cells, 1 + seen.count[0] + place, seen, name, texts, cursor[1], DEFAULT, look)
    return cells


def _paint_row(
    cells: Cells, row: int, seen: Page, name: str, texts: Sequence[str], chosen: int, colour: int, look: Look
) -> None:
    """Texts that are not shaded, one a column."""
    put(cells, row, 1, clip(name, max(0, seen.left - 1), ""), quiet_colour(look))
    for across in range(seen.count[1]):
        column = across + seen.first[1]
        text = clip(texts[column], seen.each - 1, look.ellipsis).center(seen.each)
        put(cells, row, seen.left + across * seen.each, text, series_colour(1, look) if column == chosen else colour)


def _paint_cell(cells: Cells, at: Cell, width: int, text: str, share: float, look: Look) -> None:
    """A number on its shade; without colours a mark beside it says how dark it would be."""
    row, column = at
    share = max(0.0, min(1.0, share)) if share == share else 0.0
    if look.depth == "mono":
        mark = _BARS[round(share * (len(_BARS) - 1))]
        put(cells, row, column, (text + mark).center(width)[:width])
        return
    cold, hot = np.array(_COLD[look.dark]), np.array(_HOT[look.dark])
    colour = (cold + share * (hot - cold)).astype(np.float32)
    shade = int(quantize_rgb(colour[:, None], look.depth)[0])
    dark = float(colour @ np.array([0.299, 0.587, 0.114])) < 0.5
    ink = (15 if dark else 0) if look.depth == "16" else (231 if dark else 16)
    put(cells, row, column, text.center(width)[:width], ink, shade)
