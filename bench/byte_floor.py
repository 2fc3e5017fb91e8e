"""The fewest bytes that turn one frame into the next, found by somebody who sees both and has time.

``floor_bytes(before, after)`` searches all encodings that go through the terminal once in reading order: moves
(``ESC[r;cH`` to the first cell of a row, then ``ESC[nC``, or what stands in a gap written again), ``ESC[…m`` that
changes the foreground, the background or both, and for every cell each way to draw it: ``▀`` or ``▄`` for two colours,
a space or ``█`` for one. It is exact: a shortest path by dynamic programming over (cell, foreground, background).
Attributes are off before the frame, and may be anything after it; nothing is counted of what paces a frame.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from aetui.paint.cells import DEFAULT, Cells
from aetui.paint.colours import components, is_exact

Numbers = npt.NDArray[np.int64]

_OFF = 0
"""The number of the colour that the terminal begins with: no cell has it."""


class Ways(NamedTuple):
    """How a cell can be drawn. states: attributes that must hold, by their number. size: bytes of the character."""

    states: Numbers
    size: int


class Paths(NamedTuple):
    """The cheapest ways to have come here. states: attributes that hold then; bytes: of each."""

    states: Numbers
    bytes: Numbers


class Palette:
    """The colours of a canvas by number, and what it costs to change between (foreground, background) pairs."""

    def __init__(self, colours: list[int]) -> None:
        self._numbers = {colour: number for number, colour in enumerate(colours, start=1)}
        self.size = len(colours) + 1
        code = np.array([0, *(_code_bytes(colour) for colour in colours)])
        fore, back = np.divmod(np.arange(self.size**2), self.size)
        new_fore, new_back = fore[:, None] != fore, back[:, None] != back
        self.change = (
            (2 + 1) * (new_fore | new_back) + (new_fore & new_back) + new_fore * code[fore] + new_back * code[back]
        )
        never = (new_fore & (fore == _OFF)) | (new_back & (back == _OFF))
        self.change[never] = 1 << 30

    def state(self, foreground: int, background: int) -> int:
        return self._numbers[foreground] * self.size + self._numbers[background]

    def with_background(self, colour: int) -> Numbers:
        """Every pair with this background."""
        return np.arange(self.size) * self.size + self._numbers[colour]

    def with_foreground(self, colour: int) -> Numbers:
        return self._numbers[colour] * self.size + np.arange(self.size)


def floor_bytes(before: Cells, after: Cells) -> int:
    """Both of the whole terminal, [rows, columns] alike. Returns 0 where they look the same."""
    looks, was = _looks(after), _looks(before)
    changed = (looks != was).any(axis=-1)
    shown = looks[changed.any(axis=1)]
    palette = Palette(sorted({int(colour) for colour in np.unique(shown[..., 1:])}))
    ways: dict[tuple[int, int, int], tuple[Ways, ...]] = {}

    def written(paths: Paths, row: int, column: int) -> Paths:
        look = tuple(looks[row, column].tolist())
        if look not in ways:
            ways[look] = _ways(look, palette)
        return _write(paths, ways[look], palette)

    paths = Paths(np.array([_OFF]), np.array([0]))
    for row in np.flatnonzero(changed.any(axis=1)).tolist():
        columns = np.flatnonzero(changed[row]).tolist()
        begun = Paths(paths.states, paths.bytes + _move_to_bytes(row, columns[0]))
        if columns[0] == 1:  # the first column need not be said, which pays for one cell written again
            begun = _best(begun, written(Paths(paths.states, paths.bytes + _move_to_bytes(row, 0)), row, 0), palette)
        paths, last = begun, columns[0] - 1
        for column in columns:
            gap = column - last - 1
            if gap:
                move = _move_on_bytes(gap)
                moved = Paths(paths.states, paths.bytes + move)
                if gap <= move:
                    for between in range(last + 1, column):
                        paths = written(paths, row, between)
                    moved = _best(moved, paths, palette)
                paths = moved
            paths = written(paths, row, column)
            last = column
    return int(paths.bytes.min())


def _looks(cells: Cells) -> Numbers:
    """[rows, columns, 3]: 0, upper half, lower half; or of other characters code point, foreground, background."""
    points = np.ascontiguousarray(cells.characters).view(np.uint32).astype(np.int64)
    fore, back = cells.foreground.astype(np.int64), cells.background.astype(np.int64)
    upper, lower, full, space = (points == ord(one) for one in "▀▄█ ")
    above = np.where(upper | full, fore, back)
    below = np.where(lower | full, fore, back)
    block = upper | lower | full | space
    return np.stack([np.where(block, 0, points), np.where(block, above, fore), np.where(block, below, back)], axis=-1)


def _ways(look: tuple[int, int, int], palette: Palette) -> tuple[Ways, ...]:
    point, first, second = look
    if point:
        return (Ways(np.array([palette.state(first, second)]), len(chr(point).encode())),)
    if first == second:
        return Ways(palette.with_background(first), 1), Ways(palette.with_foreground(first), 3)
    return (Ways(np.array([palette.state(first, second), palette.state(second, first)]), 3),)


def _write(paths: Paths, ways: tuple[Ways, ...], palette: Palette) -> Paths:
    found: Paths | None = None
    for way in ways:
        costs = (paths.bytes[:, None] + palette.change[np.ix_(paths.states, way.states)]).min(axis=0) + way.size
        possible = costs < 1 << 29
        one = Paths(way.states[possible], costs[possible])
        found = one if found is None else _best(found, one, palette)
    assert found is not None
    return _pruned(found, palette) if len(found.states) > 2 else found


def _best(one: Paths, other: Paths, palette: Palette) -> Paths:
    """Both, of each state the cheaper."""
    states = np.concatenate([one.states, other.states])
    costs = np.concatenate([one.bytes, other.bytes])
    order = np.lexsort((costs, states))
    states, costs = states[order], costs[order]
    first = np.r_[True, states[1:] != states[:-1]]
    return _pruned(Paths(states[first], costs[first]), palette)


def _pruned(paths: Paths, palette: Palette) -> Paths:
    """Without those that another one reaches at no more bytes by a change of attributes now: it may do so later."""
    through = paths.bytes[:, None] + palette.change[np.ix_(paths.states, paths.states)]
    np.fill_diagonal(through, 1 << 30)
    keeps = paths.bytes < through.min(axis=0)
    return Paths(paths.states[keeps], paths.bytes[keeps])


def _code_bytes(colour: int) -> int:
    """Bytes of the SGR parameters of a colour: ``39``, ``38;5;N``, ``38;2;R;G;B``; as many for a background."""
    if colour == DEFAULT:
        return 2
    if is_exact(colour):
        return 5 + sum(len(str(part)) for part in components(colour)) + 2
    return 5 + len(str(colour))


def _move_to_bytes(row: int, column: int) -> int:
    """``ESC[r;cH``, from 0; a 1 may be left out."""
    return 3 + (len(str(row + 1)) if row else 0) + (1 + len(str(column + 1)) if column else 0)


def _move_on_bytes(cells: int) -> int:
    """``ESC[nC``."""
    return 3 + (len(str(cells)) if cells > 1 else 0)
