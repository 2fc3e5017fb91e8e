"""What is said of units beside their pictures: a table, a class profile, and which units fire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aetui.paint.axes import number
from aetui.paint.cells import DEFAULT, Cells, blank, place, put
from aetui.paint.colours import quiet_colour, series_colour
from aetui.paint.histogram import bar, paint_histogram, signed_bar
from aetui.paint.images import Image, paint_image, size_of
from aetui.paint.look import Look
from aetui.paint.text import clip, width_of

ENTRY_COLUMNS = 38
"""Of one unit in the table."""

_CHOSEN, _BAR, _NEGATIVE = 1, 0, 5


@dataclass(frozen=True, kw_only=True)
class Row:
    """A unit with its density in [0, 1], mean and strongest activation."""

    unit: int
    density: float
    mean: float
    strongest: float


def table_shape(columns: int, rows: int) -> tuple[int, int]:
    """How many units fit: (beside each other, below each other)."""
    return max(1, (columns + 2) // (ENTRY_COLUMNS + 2)), max(1, rows - 1)


def paint_table(entries: Sequence[Row], columns: int, rows: int, look: Look, *, chosen: int | None) -> Cells:
    """The units from top to bottom, then from left to right; ``chosen`` (a place among them) is marked."""
    cells = blank(rows, columns)
    across, down = table_shape(columns, rows)
    quiet = quiet_colour(look)
    for column in range(min(across, -(-len(entries) // down))):
        left = column * (ENTRY_COLUMNS + 2)
        put(cells, 0, left, f"{'unit':>6} {'density':<15}{'mean':>8}{'max':>8}", quiet)
    for at, one in enumerate(entries[: across * down]):
        column, row = divmod(at, down)
        left, row = column * (ENTRY_COLUMNS + 2), row + 1
        dead = one.density == 0
        colour = series_colour(_CHOSEN, look) if at == chosen else quiet if dead else DEFAULT
        put(cells, row, left, f"{'>' if at == chosen else ' '}{one.unit:>5} ", colour)
        put(cells, row, left + 7, bar(one.density, 7, look), series_colour(_BAR, look))
        share = "   dead" if dead else f"{100 * one.density:>6.1f}%"
        put(cells, row, left + 14, f"{share} {number(one.mean, 2):>7}{number(one.strongest, 2):>8}", colour)
    return cells


def paint_profile(rows_of: Sequence[tuple[str, float]], columns: int, rows: int, look: Look) -> Cells:
    """A bar per (label, value), to the left of a line where the value is below 0; the longest label is cut to fit."""
    cells = blank(rows, columns)
    if not rows_of or columns < 4:
        return cells
    label = min(max(width_of(name) for name, _ in rows_of), max(1, columns * 2 // 5))
    room = max(1, columns - label - 9)
    most = max(abs(value) for _, value in rows_of) or 1.0
    signed = any(value < 0 for _, value in rows_of)
    for row, (name, value) in enumerate(rows_of[:rows]):
        put(cells, row, 0, clip(name, label, look.ellipsis), quiet_colour(look))
        text = signed_bar(value, most, room, look) if signed else bar(value / most, room, look)
        colour = series_colour(_NEGATIVE if value < 0 else _BAR, look)
        put(cells, row, label + 1, text, colour)
        put(cells, row, label + 2 + room, f"{number(value, 2):>6}"[: max(0, columns - label - 2 - room)])
    if len(rows_of) > rows > 0:
        put(cells, rows - 1, 0, clip(f"{len(rows_of) - rows + 1} more", columns, "").ljust(columns), quiet_colour(look))
    return cells


def paint_unit_side(
    profile: Sequence[tuple[str, float]], values: Sequence[float], columns: int, rows: int, look: Look
) -> Cells:
    """The class profile and, where there is room below, how often a unit is how active, where it is active at all."""
    cells = blank(rows, columns)
    quiet = quiet_colour(look)
    put(cells, 0, 0, clip("mean for each class", columns, ""), quiet)
    place(cells, 1, 0, paint_profile(profile, columns, rows - 1, look))
    top = len(profile) + 2
    if rows - top < 6 or not values:
        return cells
    low, high = min(0.0, *values), max(0.0, *values)
    bins = max(1, min(12, columns // 3))
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int((value - low) / (high - low) * bins))] += 1
    put(cells, top, 0, clip("images by activation", columns, ""), quiet)
    ticks = [(0.0, number(low, 2)), (float(bins), number(high, 2))]
    place(cells, top + 1, 0, paint_histogram(counts, ticks, columns, min(12, rows - top - 1), look))
    return cells


@dataclass(frozen=True, eq=False, kw_only=True)
class Firing:
    """A unit that is active: its decoder column as a picture, and how active it is."""

    unit: int
    picture: Image
    value: float


def firing_shape(columns: int, rows: int, shape: tuple[int, int], look: Look) -> tuple[int, int, tuple[int, int]]:
    """How units that fire are laid out: (beside, below each other, (columns, rows) of a picture)."""
    high = 3 if rows < 16 else 4 if rows < 40 else 6
    picture = size_of(max(1, shape[0]), max(1, shape[1]), max(1, columns // 3), high, look)
    each = picture[0] + 18
    across = max(1, min(4, columns // each))
    return across, max(1, rows // (picture[1] + 1)), picture


def paint_firing(
    units: Sequence[Firing], columns: int, rows: int, look: Look, shape: tuple[int, int], *, chosen: int | None
) -> Cells:
    """Pictures with the unit's number, its value and a bar beside them, the strongest first, row by row."""
    cells = blank(rows, columns)
    if not units or columns < 2:
        return cells
    across, down, picture = firing_shape(columns, rows, shape, look)
    each = columns // across
    most = max(abs(one.value) for one in units) or 1.0
    for at, one in enumerate(units[: across * down]):
        row, column = divmod(at, across)
        top, left = row * (picture[1] + 1), column * each
        place(cells, top, left, paint_image(one.picture, *picture, look))
        beside = left + picture[0] + 1
        colour = series_colour(_CHOSEN, look) if at == chosen else DEFAULT
        room = each - picture[0] - 3
        put(cells, top, beside, clip(f"{'>' if at == chosen else ''}unit {one.unit}", room, ""), colour)
        put(cells, top + 1, beside, clip(number(one.value, 3), room, ""), colour)
        bar_colour = series_colour(_NEGATIVE if one.value < 0 else _BAR, look)
        if picture[1] >= 3:
            put(cells, top + 2, beside, bar(abs(one.value) / most, max(1, room), look), bar_colour)
    return cells
