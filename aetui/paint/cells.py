"""``Cells``: a rectangle of coloured characters, what every painter returns and ``CellsView`` shows.

``blank(rows, columns)`` makes one; ``put`` writes a text and ``place`` another rectangle into it, both clipped;
``part`` is a window into one, ``stack`` and ``beside`` join several; ``lines`` gives the plain text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rich.cells import get_character_cell_size

Colours = npt.NDArray[np.int32]

DEFAULT = -1
"""The colour of whatever the cells are shown on."""

_SPACE = ord(" ")


@dataclass(frozen=True)
class Cells:
    """characters: ``<U1`` [rows, columns], one per cell (a wide one is followed by an empty string).

    foreground, background: int32 [rows, columns]; −1 the default, 0–255 the xterm palette, ``rgb(r, g, b)`` exact.
    """

    characters: npt.NDArray[np.str_]
    foreground: Colours
    background: Colours

    @property
    def rows(self) -> int:
        return int(self.characters.shape[0])

    @property
    def columns(self) -> int:
        return int(self.characters.shape[1])

    def same(self, other: Cells) -> bool:
        """True where both would look the same."""
        return (
            self.characters.shape == other.characters.shape
            and bool((self.characters == other.characters).all())
            and bool((self.foreground == other.foreground).all())
            and bool((self.background == other.background).all())
        )

    def copy(self) -> Cells:
        """The same, to be written over."""
        return Cells(self.characters.copy(), self.foreground.copy(), self.background.copy())


def blank(rows: int, columns: int) -> Cells:
    """Spaces in the default colours; a negative size counts as 0."""
    shape = (max(0, rows), max(0, columns))
    points, foreground, background = np.empty(shape, np.uint32), np.empty(shape, np.int32), np.empty(shape, np.int32)
    points.fill(_SPACE)
    foreground.fill(DEFAULT)
    background.fill(DEFAULT)
    return Cells(points.view("<U1"), foreground, background)


def put(cells: Cells, row: int, column: int, text: str, foreground: int = DEFAULT, background: int = DEFAULT) -> int:
    """Write ``text`` into ``cells`` from (row, column) to the right, clipped. Returns the column after it.

    The text must have gone through ``export.errors.visible``. Characters without a width are dropped.
    """
    if _is_narrow(text):
        first, last = max(0, -column), min(len(text), cells.columns - column)
        if first < last and 0 <= row < cells.rows:
            where = slice(column + first, column + last)
            cells.characters[row, where] = list(text[first:last])
            cells.foreground[row, where] = foreground
            cells.background[row, where] = background
        return column + len(text)
    for character in text:
        width = get_character_cell_size(character)
        if width == 0:
            continue
        if 0 <= row < cells.rows and 0 <= column < cells.columns:
            fits = column + width <= cells.columns
            cells.characters[row, column] = character if fits else " "
            cells.characters[row, column + 1 : column + width] = ""
            cells.foreground[row, column : column + width] = foreground
            cells.background[row, column : column + width] = background
        column += width
    return column


@lru_cache(4096)
def _is_narrow(text: str) -> bool:
    """True where every character takes one cell."""
    return all(get_character_cell_size(character) == 1 for character in text)


def place(cells: Cells, row: int, column: int, other: Cells) -> None:
    """Copy ``other`` into ``cells`` with its top left corner at (row, column), clipped."""
    top, left = max(0, row), max(0, column)
    bottom, right = min(cells.rows, row + other.rows), min(cells.columns, column + other.columns)
    if top >= bottom or left >= right:
        return
    into = (slice(top, bottom), slice(left, right))
    source = (slice(top - row, bottom - row), slice(left - column, right - column))
    cells.characters[into] = other.characters[source]
    cells.foreground[into] = other.foreground[source]
    cells.background[into] = other.background[source]


def part(cells: Cells, row: int, column: int, rows: int, columns: int) -> Cells:
    """rows × columns of ``cells`` from (row, column) on, all within it; what is written into it is in ``cells`` too."""
    area = (slice(row, row + rows), slice(column, column + columns))
    return Cells(cells.characters[area], cells.foreground[area], cells.background[area])


def stack(parts: Sequence[Cells], gap: int = 0) -> Cells:
    """``parts`` from top to bottom, left-aligned, ``gap`` rows between."""
    rows = sum(part.rows for part in parts) + gap * max(0, len(parts) - 1)
    cells = blank(rows, max((part.columns for part in parts), default=0))
    row = 0
    for part in parts:
        place(cells, row, 0, part)
        row += part.rows + gap
    return cells


def beside(parts: Sequence[Cells], gap: int = 0) -> Cells:
    """``parts`` from left to right, top-aligned, ``gap`` columns between."""
    columns = sum(part.columns for part in parts) + gap * max(0, len(parts) - 1)
    cells = blank(max((part.rows for part in parts), default=0), columns)
    column = 0
    for part in parts:
        place(cells, 0, column, part)
        column += part.columns + gap
    return cells


def lines(cells: Cells) -> list[str]:
    """The characters alone, a string per row."""
    return ["".join(row) for row in cells.characters.tolist()]
