"""The byte floor, against a search over everything that a terminal of a few cells can be told."""

from __future__ import annotations

import heapq
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.paint.cells import Cells, blank, put
from aetui.terminal.changes import Redrawn, changes_of, encode
from bench.byte_floor import floor_bytes

COLOURS = (16, 232, 250)
_OFF = 0
_SHAPES = st.sampled_from([(1, 3), (1, 4), (2, 2)])


def _cells(shape: tuple[int, int], drawn: list[tuple[str, int, int]]) -> Cells:
    rows, columns = shape
    cells = blank(rows, columns)
    for place, (character, foreground, background) in zip(
        itertools.product(range(rows), range(columns)), drawn, strict=True
    ):
        put(cells, *place, character, foreground, background)
    return cells


_DRAWN = st.tuples(st.sampled_from("▀ ▀▄█x"), st.sampled_from(COLOURS), st.sampled_from(COLOURS))


def searched(before: Cells, after: Cells) -> int:
    """Dijkstra's shortest path over (row, column, foreground, background) of the terminal, going forward only; from
    each place either a character that makes its cell right, a change of attributes, or a move."""
    rows, columns = after.rows, after.columns
    looks = {place: _look(after, *place) for place in itertools.product(range(rows), range(columns))}
    wrong = [place for place in looks if looks[place] != _look(before, *place)]
    if not wrong:
        return 0
    colours = sorted({colour for _, *two in looks.values() for colour in two})
    queue: list[tuple[int, int, int, int, int]] = [(0, -1, 0, _OFF, _OFF)]
    done = set()
    while queue:
        cost, row, column, fore, back = heapq.heappop(queue)
        if (row, column, fore, back) in done:
            continue
        done.add((row, column, fore, back))
        left = [place for place in wrong if place >= (row, column)]
        if not left:
            return cost
        ways: list[tuple[int, int, int, int, int]] = []
        for colour in colours:
            length = len(f"\x1b[38;5;{colour}m")
            ways.append((length, row, column, colour, back))
            ways.append((length, row, column, fore, colour))
            for other in colours:
                ways.append((len(f"\x1b[38;5;{colour};48;5;{other}m"), row, column, colour, other))
        if row >= 0 and column < columns:
            for character in "▀▄█ x":
                if _look_of(character, fore, back) == looks[row, column]:
                    ways.append((len(character.encode()), row, column + 1, fore, back))
        for new_row, new_column in looks:
            if (new_row, new_column) > (row, column) and (new_row, new_column) <= left[0]:
                move = f"\x1b[{new_row + 1 if new_row else ''}{f';{new_column + 1}' if new_column else ''}H"
                ways.append((len(move), new_row, new_column, fore, back))
                if new_row == row:
                    gap = new_column - column
                    ways.append((len(f"\x1b[{gap if gap > 1 else ''}C"), row, new_column, fore, back))
        for more, *state in ways:
            heapq.heappush(queue, (cost + more, state[0], state[1], state[2], state[3]))
    raise AssertionError("there is no way")


def _look(cells: Cells, row: int, column: int) -> tuple[str, int, int]:
    found = _look_of(
        str(cells.characters[row, column]), int(cells.foreground[row, column]), int(cells.background[row, column])
    )
    assert found is not None
    return found


def _look_of(character: str, fore: int, back: int) -> tuple[str, int, int] | None:
    """How it looks: what cannot be told apart is equal. None: the colour is not known."""
    needed = {"█": (fore, fore), " ": (back, back), "▀": (fore, back), "▄": (back, fore), "x": (fore, back)}[character]
    if _OFF in needed:
        return None
    return ("x" if character == "x" else "", needed[0], needed[1])


@given(st.data())
def test_nothing_shorter_is_found_by_trying_everything(data: st.DataObject) -> None:
    shape = data.draw(_SHAPES)
    many = st.lists(_DRAWN, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1])
    before, after = _cells(shape, data.draw(many)), _cells(shape, data.draw(many))
    assert floor_bytes(before, after) == searched(before, after)


def test_frames_that_look_the_same_cost_nothing() -> None:
    upper, lower = _cells((1, 1), [("▀", 16, 250)]), _cells((1, 1), [("▄", 250, 16)])
    assert floor_bytes(upper, lower) == 0


@pytest.mark.parametrize(
    ("before", "after", "sent"),
    [
        ([(" ", 16, 16)], [("▀", 250, 16)], "\x1b[H\x1b[38;5;250;48;5;16m▀"),
        ([("x", 16, 16)] * 3, [("▀", 250, 16), ("x", 16, 16), ("▀", 250, 16)], "\x1b[H\x1b[38;5;250;48;5;16m▀\x1b[C▀"),
        ([("x", 16, 250)] * 2, [(" ", 16, 250), ("█", 250, 16)], "\x1b[H\x1b[48;5;250m  "),
    ],
)
def test_a_few_frames_by_hand(before: list[tuple[str, int, int]], after: list[tuple[str, int, int]], sent: str) -> None:
    shape = (1, len(after))
    assert floor_bytes(_cells(shape, before), _cells(shape, after)) == len(sent.encode())


@given(st.integers(0, 1000))
def test_what_the_painter_sends_is_never_shorter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    before, after = (
        Cells(np.full((5, 8), "▀"), *(rng.choice(COLOURS, (5, 8)).astype(np.int32) for _ in range(2))) for _ in range(2)
    )
    changes = changes_of([Redrawn(before, after, 0, 0, 0)])
    codes = {colour: f"38;5;{colour}" for colour in COLOURS}
    sent = encode(changes, codes, {colour: f"48;5;{colour}" for colour in COLOURS})
    assert floor_bytes(before, after) <= len(sent.removesuffix("\x1b[m").encode())
