from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aetui.paint.braille import braille, dots_of_cell, put_dots
from aetui.paint.cells import blank, lines, part, put
from aetui.paint.look import Look


@given(st.integers(0, 255))
def test_a_braille_character_has_the_dots_of_its_block(bits: int) -> None:
    marks = np.zeros((4, 2), bool)
    for place, (row, column) in enumerate([(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1), (3, 0), (3, 1)]):
        marks[row, column] = bits >> place & 1
    assert braille(marks)[0, 0] == (chr(0x2800 + bits) if bits else " ")


def test_dots_are_written_over_what_is_behind_them_and_nowhere_else() -> None:
    for look, drawn in ((Look(), "a⠁c⡀"), (Look(unicode=False), "a*c*")):
        cells = blank(1, 6)
        put(cells, 0, 0, "xabcdy", 3)
        down, across = dots_of_cell(look)
        marks = np.zeros((down, 4 * across), np.bool_)
        marks[0, across] = marks[-1, 3 * across] = True
        put_dots(part(cells, 0, 1, 1, 4), marks, 7, look, "*")
        assert lines(cells) == [f"x{drawn}y"]
        assert cells.foreground[0].tolist() == [3, 3, 7, 3, 7, 3]


def test_no_cells_take_no_dots() -> None:
    put_dots(blank(0, 3), np.zeros((0, 6), np.bool_), 1, Look(), "*")
