"""Dots in cells: two by four of braille each, or in ASCII one character.

``dots_of_cell(look)`` says how finely a raster of marks has to be made; ``put_dots`` writes it into ``Cells``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aetui.paint.cells import Cells
from aetui.paint.look import Look

Dots = npt.NDArray[np.bool_]

_BITS = {(0, 0): 0, (1, 0): 1, (2, 0): 2, (0, 1): 3, (1, 1): 4, (2, 1): 5, (3, 0): 6, (3, 1): 7}
"""(row, column) of each dot in its character → its bit. Source: Unicode, Braille Patterns."""
_BRAILLE = np.array([" ", *map(chr, range(0x2801, 0x2900))], "<U1")


def braille(marks: Dots) -> npt.NDArray[np.str_]:
    """marks: bool [4·rows, 2·columns] → ``<U1`` [rows, columns]; no dot at all is a space."""
    bits = marks.view(np.uint8)
    code = np.zeros((marks.shape[0] // 4, marks.shape[1] // 2), np.uint8)
    for (row, column), bit in _BITS.items():
        code |= bits[row::4, column::2] << bit
    return _BRAILLE[code]


def dots_of_cell(look: Look) -> tuple[int, int]:
    """How many dots lie below and beside each other in a cell."""
    return (4, 2) if look.unicode else (1, 1)


def put_dots(cells: Cells, marks: Dots, colour: int, look: Look, mark: str) -> None:
    """Write ``marks`` over all of ``cells``; what is in a cell without a dot stays.

    marks: bool, the shape of the cells times ``dots_of_cell``. mark: the character in ASCII.
    """
    if not marks.size:
        return
    characters = braille(marks) if look.unicode else np.where(marks, mark, " ")
    hit = characters != " "
    cells.characters[hit] = characters[hit]
    cells.foreground[hit] = colour
