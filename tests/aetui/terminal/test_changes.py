"""Changed cells as control sequences, held against what a terminal emulator makes of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.paint.cells import Cells, blank, put
from aetui.terminal.changes import (
    Changes,
    Mask,
    Redrawn,
    ascii_only,
    base_colours,
    changes_of,
    differing,
    encode,
    filled,
    joined,
)

INK, PAPER = 250, 234
"""The default colours of what the cells are shown on."""

Look = tuple[str, int, int]
"""A block: ("", upper colour, lower colour); else the character, its colour and the one below it."""


class Numbers(dict[int, str | None]):
    """Parameters of every palette colour; of the base styles 0 and 1."""

    def __init__(self, role: int, *, own_default: bool = False) -> None:
        super().__init__()
        self._role = role
        for base in (0, 1):
            ink, paper = base_colours(base)
            self[ink], self[paper] = f"{role};5;{INK + base}", f"{role};5;{PAPER + base}"
        if own_default:  # as where a terminal's own colours are used
            self[ink if role == 48 else paper] = None

    def __missing__(self, colour: int) -> str:
        return f"{self._role};5;{colour}"


INKS, PAPERS = Numbers(38), Numbers(48)


def drawn(size: tuple[int, int], *parts: str) -> pyte.Screen:
    screen = pyte.Screen(*size)
    stream = pyte.Stream(screen)
    for part in parts:
        stream.feed(part)
    return screen


def look(character: str, ink: int, paper: int) -> Look:
    if character in " ▀▄█":
        return "", ink if character in "▀█" else paper, ink if character in "▄█" else paper
    return character, ink, paper


def shown(screen: pyte.Screen, rows: int, columns: int) -> list[Look]:
    numbers = {colour: number for number, colour in enumerate(pyte.graphics.FG_BG_256) if number >= 16}
    found = []
    for row in range(rows):
        for column in range(columns):
            cell = screen.buffer[row][column]
            ink, paper = (numbers.get(colour, -9) for colour in (cell.fg, cell.bg))
            found.append(look(cell.data, ink, paper))
    return found


def meant(cells: Cells, base: int = 0) -> list[Look]:
    flat = zip(cells.characters.ravel(), cells.foreground.ravel(), cells.background.ravel(), strict=True)
    return [
        look(str(character), int(ink) if ink >= 0 else INK + base, int(paper) if paper >= 0 else PAPER + base)
        for character, ink, paper in flat
    ]


def whole(cells: Cells, row: int = 0, column: int = 0, base: int = 0, seen: Mask | None = None) -> Changes:
    """As if all of it were new."""
    nothing = Cells(np.full(cells.characters.shape, "\x01"), cells.foreground, cells.background)
    return changes_of([Redrawn(nothing, cells, row, column, base, seen)])


def everything(cells: Cells, base: int = 0) -> str:
    return encode(whole(cells, base=base), INKS, PAPERS)


colours = st.sampled_from([-1, 16, 231, 240, 250])
cells_of_a_picture = st.tuples(st.sampled_from(" ▀▄█▀▄ax#"), colours, colours)
pictures = st.integers(1, 4).flatmap(
    lambda rows: st.integers(1, 9).flatmap(
        lambda columns: st.tuples(
            *[st.lists(cells_of_a_picture, min_size=rows * columns, max_size=rows * columns)] * 2
        ).map(lambda both: tuple(_cells(one, rows, columns) for one in both))
    )
)


def _cells(flat: list[tuple[str, int, int]], rows: int, columns: int) -> Cells:
    characters, inks, papers = zip(*flat, strict=True)
    shape = (rows, columns)
    return Cells(
        np.array(characters, "<U1").reshape(shape),
        np.array(inks, np.int32).reshape(shape),
        np.array(papers, np.int32).reshape(shape),
    )


@given(pictures)
def test_the_changes_make_the_one_picture_of_the_other(both: tuple[Cells, Cells]) -> None:
    before, after = both
    changes = changes_of([Redrawn(before, after, 0, 0, 0)])
    screen = drawn((12, 6), everything(before), encode(changes, INKS, PAPERS))
    assert shown(screen, after.rows, after.columns) == meant(after)


@given(pictures)
def test_after_the_changes_all_attributes_are_off(both: tuple[Cells, Cells]) -> None:
    text = everything(both[0]) + "\x1b[5;1Hx"
    assert drawn((12, 6), text).buffer[4][0] == pyte.screens.Char("x")


@given(pictures)
def test_where_a_default_colour_has_one_role_only_it_keeps_to_it(both: tuple[Cells, Cells]) -> None:
    text = encode(whole(both[0], base=1), Numbers(38, own_default=True), Numbers(48, own_default=True))
    assert "None" not in text
    papers_alone = (both[0].characters != "█") & (both[0].characters != "▄") & (both[0].characters != "▀")
    if papers_alone.all() or (both[0].background >= 0).all():
        assert shown(drawn((12, 6), text), both[0].rows, both[0].columns) == meant(both[0], 1)


def row(*cells: tuple[str, int, int]) -> Changes:
    made = _cells(list(cells), 1, len(cells))
    return whole(made)


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        ([("▀", 240, 241), ("▀", 241, 240)], "\x1b[38;5;240;48;5;241m▀▄"),
        ([("▀", 240, 241), (" ", 0, 241), (" ", 0, 240)], "\x1b[38;5;240;48;5;241m▀ █"),
        ([("▀", 240, 241), ("▀", 242, 241)], "\x1b[38;5;240;48;5;241m▀\x1b[38;5;242m▀"),
        ([("▀", 240, 241), ("▀", 241, 242), ("▀", 242, 241)], "\x1b[38;5;240;48;5;241m▀\x1b[38;5;242m▄▀"),
        ([("▀", 240, 241), ("▀", 242, 240)], "\x1b[38;5;240;48;5;241m▀\x1b[48;5;242m▄"),
        # For a flat cell one colour has to go: the one that the next cells do without.
        (
            [("▀", 240, 241), (" ", 0, 242), (" ", 0, 243), ("▀", 240, 245)],
            "\x1b[38;5;240;48;5;241m▀\x1b[48;5;242m \x1b[48;5;243m \x1b[48;5;245m▀",
        ),
        ([("▀", 240, 241), (" ", 0, 242), ("▀", 242, 241)], "\x1b[38;5;240;48;5;241m▀\x1b[38;5;242m█▀"),
        ([("a", 240, 241), ("b", 240, 242), ("c", 243, 242)], "\x1b[38;5;240;48;5;241ma\x1b[48;5;242mb\x1b[38;5;243mc"),
    ],
)
def test_of_all_ways_to_draw_a_cell_the_one_is_taken_that_needs_fewer_colours(
    cells: list[tuple[str, int, int]], text: str
) -> None:
    assert encode(row(*cells), INKS, PAPERS) == f"\x1b[1;1H{text}\x1b[m"


def test_without_block_characters_there_are_none() -> None:
    changes = row(("a", 240, 241), (" ", 0, 240), (" ", 0, 241))
    assert encode(changes, INKS, PAPERS, blocks=False).isascii()
    assert (
        encode(ascii_only(row(("é", 240, 241))), INKS, PAPERS, blocks=False)
        == "\x1b[1;1H\x1b[38;5;240;48;5;241m?\x1b[m"
    )


def test_views_side_by_side_are_one_line() -> None:
    left, right = blank(2, 3), blank(2, 3)
    for cells in (left, right):
        put(cells, 0, 0, "abc")
        put(cells, 1, 0, "def")
    text = encode(joined([whole(right, 4, 20), whole(left, 4, 10)]), INKS, PAPERS)
    plain = text.replace("\x1b[38;5;250;48;5;234m", "").removesuffix("\x1b[m")
    assert plain == "\x1b[5;11Habc\x1b[7Cabc\x1b[6;11Hdef\x1b[7Cdef"


def test_a_gap_of_one_look_is_written_over_where_that_is_shorter() -> None:
    before, after = blank(1, 12), blank(1, 12)
    for column in (0, 4, 9):
        put(after, 0, column, "x")
    changed = differing(before, after)
    assert np.flatnonzero(changed).tolist() == [0, 4, 9]
    assert np.flatnonzero(filled(changed, after)).tolist() == [0, 1, 2, 3, 4, 9]
    after.foreground[0, 2] = 240  # a colour between: a move is shorter
    assert filled(changed, after) is changed


def test_both_cells_of_a_wide_character_change_together() -> None:
    before, after = blank(1, 6), blank(1, 6)
    put(before, 0, 0, "名前ab")
    put(after, 0, 0, "名ab前")
    screen = drawn((8, 2), everything(before), encode(changes_of([Redrawn(before, after, 0, 0, 0)]), INKS, PAPERS))
    assert screen.display[0] == "名ab前  "
    after.background[0, 1] = 240  # its right half alone, which is no cell of its own
    assert differing(before, after)[0, :2].tolist() == [True, True]


@pytest.mark.parametrize(
    ("seen", "text"),
    [([1, 1, 1, 1], "名前"), ([1, 1, 1, 0], "名 "), ([0, 1, 1, 1], "\x1b[C 前"), ([1, 0, 0, 1], " \x1b[2C ")],
)
def test_half_of_a_wide_character_is_a_space(seen: list[int], text: str) -> None:
    cells = blank(1, 4)
    put(cells, 0, 0, "名前")
    mask: npt.NDArray[np.bool_] = np.array([seen], np.bool_)
    found = encode(whole(cells, seen=mask), INKS, PAPERS)
    start = "\x1b[1;2H " if text.startswith("\x1b[C ") else "\x1b[1;1H" + text[:1]
    assert found.replace("\x1b[38;5;250;48;5;234m", "").replace("\x1b[48;5;234m", "").startswith(start)
    assert found.count("名") + found.count("前") == text.count("名") + text.count("前")


def test_nothing_changed_is_nothing_to_send() -> None:
    cells = blank(2, 2)
    assert encode(changes_of([Redrawn(cells, cells, 0, 0, 0)]), INKS, PAPERS) == ""


@given(pictures, pictures, st.booleans())
def test_several_views_at_once_are_what_each_is_by_itself(
    one: tuple[Cells, Cells], other: tuple[Cells, Cells], another_base: bool
) -> None:
    views = [Redrawn(*one, 0, 0, 0), Redrawn(*other, 1, 10, int(another_base))]
    together, apart = changes_of(views), joined([changes_of([view]) for view in views])
    assert encode(together, INKS, PAPERS) == encode(apart, INKS, PAPERS)
    screen = drawn((24, 6), encode(joined([whole(one[0]), whole(other[0], 1, 10, int(another_base))]), INKS, PAPERS))
    pyte.Stream(screen).feed(encode(together, INKS, PAPERS))
    assert shown(screen, one[1].rows, one[1].columns) == meant(one[1])
