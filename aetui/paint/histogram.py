"""Counts as columns that stand side by side, and values as bars that lie below each other.

``paint_histogram(counts, ticks, columns, rows, look)``; ``bar(share, width, look)`` is one lying bar as a text,
``signed_bar`` the same about a zero line.
"""

from __future__ import annotations

from collections.abc import Sequence

from aetui.paint.cells import DEFAULT, Cells, blank, put
from aetui.paint.colours import quiet_colour, series_colour
from aetui.paint.look import Look
from aetui.paint.text import width_of

_UPRIGHT = " ▁▂▃▄▅▆▇█"
_LYING = " ▏▎▍▌▋▊▉█"


def paint_histogram(
    counts: Sequence[int],
    ticks: Sequence[tuple[float, str]],
    columns: int,
    rows: int,
    look: Look,
    *,
    marked: int | None = None,
    extra: tuple[str, int] | None = None,
) -> Cells:
    """A column per count, the largest as high as there is room; a line of labels below.

    ticks: (place, label); place in bins from the left edge of the first. extra: (name, count) of what is in no bin (the
    dead), shown apart at the left in another colour. marked: the bin that is drawn in another colour.
    """
    cells = blank(rows, columns)
    apart = 0 if extra is None else max(width_of(extra[0]), 4) + 2
    room = columns - apart
    if rows < 1 or not counts or room < len(counts):
        return cells
    wide = room // len(counts)
    below = 1 if rows >= 3 else 0
    top = 1 if rows >= 5 else 0
    high = rows - below - top
    most = max([*counts, extra[1] if extra else 0, 1])
    drawn = []
    if extra is not None:
        drawn.append((1, apart - 3, extra[1], series_colour(5, look)))
        if below:
            put(cells, rows - 1, 1, extra[0], series_colour(5, look))
    for index, count in enumerate(counts):
        colour = series_colour(1 if index == marked else 0, look)
        drawn.append((apart + index * wide, max(1, wide - (wide > 2)), count, colour))
    for left, width, count, colour in drawn:
        _column(cells, top, high, left, width, -(-count * high * 8 // most), colour, look)
    for left, width, count, _ in sorted(drawn, key=lambda one: -one[2]) if top else ():
        _count_above(cells, top + high - 1 - -(-count * high // most), left, width, count)
    end = apart if extra is not None else 0
    for place, label in ticks if below else ():
        hanging = 0 if place <= 0 else width_of(label) if place >= len(counts) else width_of(label) // 2
        at = apart + round(place * wide) - hanging
        if at >= end and at + width_of(label) <= columns:
            end = put(cells, rows - 1, at, label, quiet_colour(look)) + 1
    return cells


def _column(cells: Cells, top: int, high: int, left: int, wide: int, eighths: int, colour: int, look: Look) -> None:
    """One column, of so many eighths of a cell: one is seen, however many there are of others."""
    for row in range(high):
        filled = min(8, max(0, eighths - 8 * (high - 1 - row)))
        mark = _UPRIGHT[filled] if look.unicode else "#" if filled >= 4 or (filled and row == high - 1) else " "
        put(cells, top + row, left, mark * wide, colour)


def _count_above(cells: Cells, row: int, left: int, wide: int, count: int) -> None:
    """The count above its column, where it runs into no other number and no higher column."""
    text = str(count)
    at = max(0, left + (wide - len(text)) // 2)
    around = "".join(cells.characters[row, max(0, at - 1) : at + len(text) + 1])
    free = around[at > 0 : len(text) + (at > 0)].isspace() and not any(one.isdigit() for one in around)
    if count and row >= 0 and at + len(text) <= cells.columns and free:
        put(cells, row, at, text, DEFAULT)


def bar(share: float, width: int, look: Look) -> str:
    """A lying bar of ``width`` cells, filled to ``share`` in [0, 1]; what is more than nothing is seen."""
    if width < 1:
        return ""
    share = min(1.0, max(0.0, share))
    if not look.unicode:
        filled = round(share * width) or (1 if share > 0 else 0)
        return "#" * filled + " " * (width - filled)
    eighths = round(share * width * 8) or (1 if share > 0 else 0)
    whole, rest = divmod(eighths, 8)
    return (_LYING[8] * whole + (_LYING[rest] if rest else "")).ljust(width)


def signed_bar(value: float, most: float, width: int, look: Look) -> str:
    """A bar of ``width`` cells for a value in [−most, most], left of a line in the middle where it is below 0."""
    half = (width - 1) // 2
    if half < 1 or most <= 0:
        return " " * max(0, width)
    line, block = ("│", "█") if look.unicode else ("|", "#")
    count = min(half, round(abs(value) / most * half)) or (1 if value else 0)
    left = (block * count if value < 0 else "").rjust(half)
    right = (block * count if value > 0 else "").ljust(half)
    return (left + line + right).ljust(width)
