from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from aetui.paint.cells import beside, blank, lines, place, put, stack
from aetui.paint.text import clip, width_of
from export.errors import visible


def test_text_is_clipped_at_both_ends() -> None:
    cells = blank(1, 4)
    assert put(cells, 0, -2, "abcdefgh", foreground=7) == 6
    assert lines(cells) == ["cdef"]
    assert (cells.foreground == 7).all()


def test_a_row_outside_is_left_alone() -> None:
    cells = blank(1, 3)
    put(cells, 1, 0, "abc")
    put(cells, -1, 0, "abc")
    assert lines(cells) == ["   "]


def test_wide_characters_take_two_cells_and_are_never_cut_in_half() -> None:
    cells = blank(1, 5)
    put(cells, 0, 0, "漢字漢")
    assert lines(cells) == ["漢字 "]
    assert cell_len(lines(cells)[0]) == 5


@given(text=st.text(max_size=20), columns=st.integers(0, 12), at=st.integers(-5, 12))
def test_whatever_is_put_a_row_stays_as_wide_as_it_was(text: str, columns: int, at: int) -> None:
    cells = blank(1, columns)
    put(cells, 0, max(0, at), visible(text))
    assert sum(cell_len(character) for character in lines(cells)[0]) == columns


@given(text=st.text(max_size=20), columns=st.integers(0, 12))
def test_a_clipped_text_fits_and_a_fitting_text_is_left_alone(text: str, columns: int) -> None:
    shown = clip(text, columns)
    assert width_of(shown) <= columns
    if width_of(text) <= columns:
        assert shown == text


def test_parts_are_joined_with_gaps() -> None:
    one, two = blank(1, 2), blank(2, 1)
    put(one, 0, 0, "ab")
    put(two, 1, 0, "c")
    assert lines(beside([one, two], gap=1)) == ["ab  ", "   c"]
    assert lines(stack([one, two], gap=1)) == ["ab", "  ", "  ", "c "]
    assert stack([]).rows == 0


def test_placing_outside_changes_nothing() -> None:
    cells, other = blank(2, 2), blank(1, 1)
    put(other, 0, 0, "x")
    for row, column in ((-1, 0), (2, 0), (0, -1), (0, 2)):
        place(cells, row, column, other)
    assert cells.same(blank(2, 2))
    place(cells, 1, 1, other)
    assert lines(cells) == ["  ", " x"]
    assert np.asarray(cells.same(blank(2, 2))).item() is False
