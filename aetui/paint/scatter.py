"""Points of the plane as ``Cells``: braille dots by class over a shaded density, with axes and a legend.

``paint_scatter(scatter, columns, rows, look)`` paints all but the cross-hair, which moves more often: ``put_cross``
draws it over a copy. ``field_of`` gives the geometry: ``field.at(column, row)``, ``field.cell(x, y)``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aetui.latent.density import density, levels
from aetui.paint.axes import labels, ticks
from aetui.paint.braille import braille
from aetui.paint.cells import DEFAULT, Cells, blank, put
from aetui.paint.classes import Groups, has_colours, mark
from aetui.paint.colours import quiet_colour
from aetui.paint.look import Look
from aetui.paint.text import clip, width_of

Range = tuple[float, float]
Ints = npt.NDArray[np.int64]

_SHADES_DARK, _SHADES_LIGHT = (DEFAULT, 234, 235, 237, 239), (DEFAULT, 253, 252, 250, 248)
_SHADE_MARKS, _ASCII_SHADE_MARKS = "  ░░▒", "  ..:"
_OTHERS_MARK = "+"
_NEAR_DARK, _NEAR_LIGHT, _NEAR_DARK_16, _NEAR_LIGHT_16 = 220, 136, 11, 3
_FAR_DARK, _FAR_LIGHT, _FAR_DARK_16, _FAR_LIGHT_16 = 203, 160, 9, 1
"""The cross-hair's yellows and reds."""
_ARM_COLUMNS, _ARM_ROWS = 6, 3
"""Of the cross-hair: short ones, so that a step to the side changes a few rows and not all (a slow link sends rows)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Scatter:
    """points: float [n, 2]; group: int64 [n], −1 none; only: the one group that is in colour, None: all.

    x_name, y_name: of the axes, made harmless. shaded: show where points lie densely. Ranges: what is seen, low < high.
    """

    points: npt.NDArray[np.floating]
    group: Ints
    groups: Groups
    x_range: Range
    y_range: Range
    x_name: str = ""
    y_name: str = ""
    only: int | None = None
    shaded: bool = True


@dataclass(frozen=True, kw_only=True)
class Field:
    """Where the points lie: ``columns`` × ``rows`` cells from (top, left) on."""

    left: int
    top: int
    columns: int
    rows: int
    x_range: Range
    y_range: Range

    def at(self, column: int, row: int) -> tuple[float, float]:
        """The (x, y) at the middle of a cell of the whole picture; also beside the field."""
        x_low, x_high = self.x_range
        y_low, y_high = self.y_range
        x = x_low + (column - self.left + 0.5) / self.columns * (x_high - x_low)
        y = y_high - (row - self.top + 0.5) / self.rows * (y_high - y_low)
        return x, y

    def cell(self, x: float, y: float) -> tuple[int, int] | None:
        """The (column, row) that holds a point; None where it is not seen."""
        x_low, x_high = self.x_range
        y_low, y_high = self.y_range
        if not (x_low <= x <= x_high and y_low <= y <= y_high):
            return None
        column = min(self.columns - 1, int((x - x_low) / (x_high - x_low) * self.columns))
        row = min(self.rows - 1, int((y_high - y) / (y_high - y_low) * self.rows))
        return self.left + column, self.top + row

    @property
    def step(self) -> tuple[float, float]:
        """What one cell is wide and high."""
        x = (self.x_range[1] - self.x_range[0]) / self.columns
        return x, (self.y_range[1] - self.y_range[0]) / self.rows


def fit_range(values: npt.NDArray[np.floating]) -> Range:
    """All of ``values`` and a margin; never without a width."""
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    size = max(abs(low), abs(high))
    margin = 0.04 * (high - low) if high - low > size * 1e-6 else size * 0.05 or 0.5
    return low - margin, high + margin


def field_of(scatter: Scatter, columns: int, rows: int) -> Field:
    """The geometry on columns × rows cells, ≥ 1 each; legend and axes give way where there is little room."""
    top = len(_legend(scatter, columns, rows))
    below = 2 if rows - top >= 8 and columns >= 20 else 0
    gutter = 0
    if below:
        marks = [label for _, label in _y_ticks(scatter, rows - top - below)]
        gutter = max(map(width_of, [scatter.y_name, *marks])) + 1
        gutter = gutter if columns - gutter >= 12 else 0
    return Field(
        left=gutter,
        top=top,
        columns=max(1, columns - gutter),
        rows=max(1, rows - top - below),
        x_range=scatter.x_range,
        y_range=scatter.y_range,
    )


def paint_scatter(scatter: Scatter, columns: int, rows: int, look: Look) -> Cells:
    """The points with density, axes and legend on columns × rows cells."""
    cells = blank(rows, columns)
    if columns < 1 or rows < 1:
        return cells
    field = field_of(scatter, columns, rows)
    if scatter.shaded and len(scatter.points) > 1:
        _paint_density(cells, scatter, field, look)
    _paint_points(cells, scatter, field, look)
    _paint_axes(cells, scatter, field, look)
    for row, places in enumerate(_legend(scatter, columns, rows)):
        for column, group, text in places:
            colour = scatter.groups.colour(group, look)
            faint = scatter.only is not None and scatter.only != group
            put(cells, row, column, "●" if has_colours(look) else mark(group), quiet_colour(look) if faint else colour)
            put(cells, row, column + 2, text, quiet_colour(look) if faint else DEFAULT)
    return cells


def put_cross(cells: Cells, field: Field, x: float, y: float, look: Look, *, far: bool) -> None:
    """The cross-hair at (x, y), into ``cells``: its arms where nothing else is drawn. far: from the data."""
    place = field.cell(x, y)
    if place is None:
        return
    across, down, middle = "─│┼" if look.unicode else "-|X"
    column, row = place
    arms = (
        (np.s_[row, _part(column, _ARM_COLUMNS, field.left, field.columns)], across),
        (
            np.s_[_part(row, _ARM_ROWS, field.top, field.rows), column],
            down,
        ),
    )
    for at, line in arms:
        free = np.isin(cells.characters[at], [" ", *_SHADE_MARKS, *_ASCII_SHADE_MARKS])
        cells.characters[at] = np.where(free, line, cells.characters[at])
        cells.foreground[at] = np.where(free, quiet_colour(look), cells.foreground[at])
    cells.characters[row, column] = middle
    if look.depth == "mono":
        return
    near_colour, far_colour = (_NEAR_DARK, _FAR_DARK) if look.dark else (_NEAR_LIGHT, _FAR_LIGHT)
    if look.depth == "16":
        near_colour, far_colour = (_NEAR_DARK_16, _FAR_DARK_16) if look.dark else (_NEAR_LIGHT_16, _FAR_LIGHT_16)
    cells.foreground[row, column] = 0 if look.depth == "16" else 16
    cells.background[row, column] = far_colour if far else near_colour


def put_ring(cells: Cells, field: Field, x: float, y: float, look: Look) -> None:
    """A ring round one of the points, into ``cells``."""
    place = field.cell(x, y)
    if place is not None:
        bright = DEFAULT if look.depth == "mono" else (15 if look.dark else 0) if look.depth == "16" else None
        colour = (231 if look.dark else 16) if bright is None else bright
        put(cells, place[1], place[0], "○" if look.unicode else "O", colour, int(cells.background[place[1], place[0]]))


def _part(middle: int, arm: int, first: int, count: int) -> slice:
    """From ``arm`` before ``middle`` to as far behind it, within the field."""
    return slice(max(first, middle - arm), min(first + count, middle + arm + 1))


def _paint_density(cells: Cells, scatter: Scatter, field: Field, look: Look) -> None:
    points = scatter.points.astype(np.float64)
    raster = density(points, field.x_range, field.y_range, field.columns, field.rows)
    column, row, seen = _places(scatter, field, field.columns, field.rows)
    level = levels(raster, raster[row[seen], column[seen]])
    area = np.s_[field.top : field.top + field.rows, field.left : field.left + field.columns]
    if look.depth in ("256", "truecolor"):
        shades = _SHADES_DARK if look.dark else _SHADES_LIGHT
        cells.background[area] = np.array(shades, np.int32)[level]
        return
    cells.characters[area] = np.array(list(_SHADE_MARKS if look.unicode else _ASCII_SHADE_MARKS))[level]
    cells.foreground[area] = DEFAULT if look.depth == "mono" else (8 if look.dark else 7)


def _paint_points(cells: Cells, scatter: Scatter, field: Field, look: Look) -> None:
    """Braille dots in the colour of the group that has most of a cell, or that group's character."""
    area = np.s_[field.top : field.top + field.rows, field.left : field.left + field.columns]
    characters, colours = cells.characters[area], cells.foreground[area]
    if scatter.only is None:
        layers = [np.ones(len(scatter.points), np.bool_)]
    else:
        layers = [scatter.group != scatter.only, scatter.group == scatter.only]
    for number, layer in enumerate(layers):
        column, row, seen = _places(scatter, field, field.columns, field.rows)
        seen &= layer
        if not seen.any():
            continue
        faint = number + 1 < len(layers)
        counts = _counts(scatter.group[seen], column[seen], row[seen], field)
        hit, most = counts.sum(axis=0) > 0, counts.argmax(axis=0) - 1
        if has_colours(look):
            fine_column, fine_row, _ = _places(scatter, field, field.columns * 2, field.rows * 4)
            dots = np.zeros((field.rows * 4, field.columns * 2), np.bool_)
            dots[fine_row[seen], fine_column[seen]] = True
            characters[hit] = braille(dots)[hit]
        else:
            table = [_OTHERS_MARK, *map(mark, range(len(counts) - 1))]
            characters[hit] = np.array([_OTHERS_MARK] * len(table) if faint else table)[most[hit] + 1]
        quiet = quiet_colour(look)
        table_of_colours = [quiet, *(scatter.groups.colour(group, look) for group in range(len(counts) - 1))]
        colours[hit] = quiet if faint else np.array(table_of_colours, np.int32)[most[hit] + 1]


def _counts(group: Ints, column: Ints, row: Ints, field: Field) -> Ints:
    """How many points of each group (the first: of none) each cell has: [groups + 1, rows, columns]."""
    groups = int(group.max(initial=-1)) + 2
    flat = ((group.clip(-1) + 1) * field.rows + row) * field.columns + column
    size = groups * field.rows * field.columns
    return np.bincount(flat, minlength=size).reshape(groups, field.rows, field.columns)


def _places(scatter: Scatter, field: Field, columns: int, rows: int) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Column and row of each point in a raster over the field, and which are seen."""
    (x_low, x_high), (y_low, y_high) = field.x_range, field.y_range
    points = scatter.points.astype(np.float64)
    across = (points[:, 0] - x_low) / (x_high - x_low)
    up = (points[:, 1] - y_low) / (y_high - y_low)
    seen = (across >= 0) & (across <= 1) & (up >= 0) & (up <= 1)
    column = np.minimum((np.where(seen, across, 0) * columns).astype(np.int64), columns - 1)
    row = np.minimum((np.where(seen, 1 - up, 0) * rows).astype(np.int64), rows - 1)
    return column, row, seen


def _y_ticks(scatter: Scatter, rows: int) -> list[tuple[float, str]]:
    values = ticks(*scatter.y_range, max(2, min(rows // 3, 9)))
    return list(zip(values.tolist(), labels(values), strict=True))


def _paint_axes(cells: Cells, scatter: Scatter, field: Field, look: Look) -> None:
    quiet = quiet_colour(look)
    if field.top + field.rows >= cells.rows:
        return
    if field.left:
        for value, label in _y_ticks(scatter, field.rows):
            place = field.cell(field.x_range[0], value)
            if place is not None and (place[1] > field.top or not scatter.y_name):
                put(cells, place[1], field.left - 1 - width_of(label), label, quiet)
        put(cells, field.top, max(0, field.left - 1 - width_of(scatter.y_name)), scatter.y_name)
    row = field.top + field.rows
    put(cells, row, field.left, ("─" if look.unicode else "-") * field.columns, quiet)
    room = cells.columns - width_of(scatter.x_name) - 1
    values = ticks(*scatter.x_range, max(2, field.columns // 9))
    end = 0
    for value, label in zip(values.tolist(), labels(values), strict=True):
        place = field.cell(value, field.y_range[0])
        if place is None:
            continue
        start = max(0, place[0] - len(label) // 2)
        if start >= end and start + len(label) <= room:
            put(cells, row, place[0], "┬" if look.unicode else "+", quiet)
            end = put(cells, row + 1, start, label, quiet) + 1
    put(cells, row + 1, cells.columns - width_of(scatter.x_name), scatter.x_name)


def _legend(scatter: Scatter, columns: int, rows: int) -> list[list[tuple[int, int, str]]]:
    """Rows of (column, group, name): the names whole where they fit into a fifth of the rows, else cut short."""
    names, most = scatter.groups.names, max(1, rows // 5)
    if not names or rows < 5:
        return []
    longest = max(map(width_of, names))
    for width in range(longest, -1, -1):
        lines: list[list[tuple[int, int, str]]] = [[]]
        column = 0
        for group, name in enumerate(names):
            text = clip(name, width, "")
            if column and column + 2 + width_of(text) > columns:
                lines.append([])
                column = 0
            lines[-1].append((column, group, text))
            column += width_of(text) + 4 if text else 3
        if len(lines) <= most:
            return lines
    return lines[:most]
