"""The table below a chart: a line per run with its values at the cursor; what does not fit is counted, never dropped.

``paint_table(table, columns, rows, look, first)``; ``height(table, columns)`` is what it would like to have;
``as_text(table)`` the same as tab-separated lines with every digit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from aetui.paint.axes import number
from aetui.paint.cells import DEFAULT, Cells, blank, put
from aetui.paint.colours import quiet_colour
from aetui.paint.look import Look
from aetui.paint.text import clip, clip_middle, width_of

Value = float | None

_NAME = (8, 32)
"""The least and the most columns of a name."""
_GAP = 2


@dataclass(frozen=True)
class Column:
    """head: what is above it; name: the same in full. signed: with its sign, a difference; percent: a share."""

    head: str
    name: str = ""
    signed: bool = False
    percent: bool = False

    def text(self, value: Value) -> str:
        """How a value is written; "-" for none."""
        if value is None:
            return "-"
        if self.percent and math.isfinite(value):
            return f"{100 * value:+.1f}%" if abs(value) < 1000 else "-"
        return ("+" if self.signed and value > 0 else "") + number(value)


@dataclass(frozen=True)
class Line:
    """mark: the character of its curve; colour: as for ``Cells``; name: made harmless; values: one per column."""

    mark: str
    colour: int
    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Table:
    """title: above the names, where the values are from."""

    title: str
    columns: tuple[Column, ...] = ()
    lines: tuple[Line, ...] = ()


def height(table: Table, columns: int) -> int:
    """Rows that show all lines: with those side by side that fit, and the heads."""
    across = _across(table, columns)
    return 1 + -(-len(table.lines) // across) if table.lines else 1


def paint_table(table: Table, columns: int, rows: int, look: Look, first: int = 0) -> Cells:
    """The table from its first-th line on; the last row says how many there are above and below it.

    Lines go down, then to the next block on the right where two fit. Columns on the right give way, and "…" says so.
    """
    cells = blank(rows, columns)
    if rows < 1 or columns < 1:
        return cells
    across = _across(table, columns)
    width = (columns - _GAP * (across - 1)) // across
    kept, name = _fitted(table, width)
    per_block = rows - 1
    room = per_block * across
    if len(table.lines) > room:
        per_block = max(0, rows - 2)
        room = per_block * across
    first = max(0, min(first, len(table.lines) - room))
    shown = table.lines[first : first + room]
    for block in range(across):
        part = shown[block * per_block : (block + 1) * per_block]
        if block == 0 or part:
            _paint_block(cells, block * (width + _GAP), table, kept, name, part, look)
    below = len(table.lines) - first - len(shown)
    if (first or below) and rows > 1:
        text = ", ".join(f"{count} {where}" for count, where in ((first, "above"), (below, "below")) if count)
        put(cells, rows - 1, 2, f"{text}: {'↑ ↓' if look.unicode else 'up, down'}", quiet_colour(look))
    return cells


def as_text(table: Table) -> str:
    """Tab-separated, a line per run, values with all digits."""
    heads = [table.title, *(column.name or column.head for column in table.columns)]
    lines = [[line.name, *("" if value is None else repr(value) for value in line.values)] for line in table.lines]
    return "\n".join("\t".join(cell.replace("\t", " ") for cell in line) for line in [heads, *lines])


def _paint_block(
    cells: Cells, left: int, table: Table, kept: int, name: int, lines: Sequence[Line], look: Look
) -> None:
    quiet, ellipsis = quiet_colour(look), look.ellipsis
    put(cells, 0, left + 2, clip(table.title, name, ellipsis), quiet)
    widths = _widths(table)[:kept]
    for row, line in enumerate(lines, start=1):
        put(cells, row, left, line.mark, line.colour)
        put(cells, row, left + 2, clip_middle(line.name, name, ellipsis), line.colour)
    column = left + 2 + name
    for place, width in enumerate(widths):
        column += _GAP
        head = table.columns[place].head
        put(cells, 0, column + width - width_of(head), head, quiet)
        for row, line in enumerate(lines, start=1):
            text = table.columns[place].text(line.values[place])
            put(cells, row, column + width - len(text), text, DEFAULT)
        column += width
    if kept < len(table.columns):
        put(cells, 0, column + 1, ellipsis, quiet)


def _widths(table: Table) -> list[int]:
    return [
        max([width_of(column.head), *(len(column.text(line.values[place])) for line in table.lines)])
        for place, column in enumerate(table.columns)
    ]


def _longest_name(table: Table) -> int:
    return min(_NAME[1], max([_NAME[0], width_of(table.title), *(width_of(line.name) for line in table.lines)]))


def _across(table: Table, columns: int) -> int:
    """How many blocks lie side by side, each of them whole."""
    width = 2 + _longest_name(table) + sum(_GAP + one for one in _widths(table))
    return max(1, min(len(table.lines), (columns + _GAP) // (width + _GAP)))


def _fitted(table: Table, width: int) -> tuple[int, int]:
    """How many of the columns fit into a block, and the width of its names: names give way first, down to eight."""
    widths = [_GAP + one for one in _widths(table)]
    kept = len(widths)
    while kept and 2 + _NAME[0] + sum(widths[:kept]) + (2 if kept < len(widths) else 0) > width:
        kept -= 1
    spare = width - 2 - sum(widths[:kept]) - (2 if kept < len(widths) else 0)
    return kept, max(1, min(_longest_name(table), spare))
