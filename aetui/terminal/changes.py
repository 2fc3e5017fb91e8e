"""Changed cells as the fewest control sequences that draw them: pure, and the hot loop of every picture that moves.

``changes_of(views)`` gives the ``Changes`` of a frame in reading order, ``encode(changes, foregrounds, backgrounds)``
the text to send. A half block looks the same with its colours swapped and its half turned, and one colour is a space or
a full block: of all ways to draw a cell the one is taken that needs fewer changes of colour, for it and the next ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.cells import get_character_cell_size

from aetui.paint.cells import DEFAULT, Cells

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int32]

BEFORE_DEFAULT = -2
"""Colours from here downwards are the defaults of what cells are shown on: see ``base_colours``."""

_SPACE, _UPPER, _LOWER, _FULL = 0x20, 0x2580, 0x2584, 0x2588
_MOST_FILLED = 3
_AHEAD = 8
_ROW = 1 << 16


def base_colours(base: int) -> tuple[int, int]:
    """The numbers that stand for (foreground, background) of the ``base``-th style that cells are shown on."""
    return BEFORE_DEFAULT - 2 * base, BEFORE_DEFAULT - 2 * base - 1


@dataclass(frozen=True)
class Changes:
    """Flat arrays of one length. places: row · 65,536 + column, from 0; points: code points; colours as in ``Cells``,
    none of them −1."""

    places: npt.NDArray[np.int64]
    points: npt.NDArray[np.uint32]
    foreground: Numbers
    background: Numbers

    def __len__(self) -> int:
        return len(self.places)

    def at(self, indices: npt.NDArray[np.int64]) -> Changes:
        """Those at ``indices``, in their order."""
        places, points = self.places.take(indices), self.points.take(indices)
        return Changes(places, points, self.foreground.take(indices), self.background.take(indices))


def points_of(cells: Cells) -> npt.NDArray[np.uint32]:
    """The code points of ``cells``, uint32 [rows, columns]; 0 behind a wide character."""
    characters = cells.characters
    return (characters if characters.flags.c_contiguous else np.ascontiguousarray(characters)).view(np.uint32)


def differing(before: Cells, after: Cells) -> Mask:
    """Where two rectangles of one shape differ, [rows, columns]; of a wide character both cells or none."""
    points = points_of(after)
    found: Mask = points_of(before) != points
    found |= before.foreground != after.foreground
    found |= before.background != after.background
    if not points.all():
        behind = points == 0
        found[:, :-1] |= found[:, 1:] & behind[:, 1:]
    return found


@dataclass(frozen=True)
class Redrawn:
    """A view that stands with its corner at (row, column), from 0: what it showed and what it is to show, of one shape.

    base: the number of the style that it is shown on. seen: which of its cells can be seen; None: all of them.
    """

    before: Cells
    after: Cells
    row: int
    column: int
    base: int
    seen: Mask | None = None


def changes_of(views: Sequence[Redrawn]) -> Changes:
    """What changes where ``views`` (at least one, none over another) are redrawn; cells that cannot be seen are left
    out, and half of a wide character is a space."""
    after = [view.after for view in views]
    points = _flat(list(map(points_of, after)))
    foreground, background = _flat([cells.foreground for cells in after]), _flat([cells.background for cells in after])
    changed: Mask = _flat([points_of(view.before) for view in views]) != points
    changed |= _flat([view.before.foreground for view in views]) != foreground
    changed |= _flat([view.before.background for view in views]) != background
    wide = not points.all()
    if wide:
        changed[:-1] |= changed[1:] & (points[1:] == 0)
    if any(map(_may_be_plain, after)):
        changed = _filled(changed, views)
    if any(view.seen is not None for view in views):
        changed &= _flat(
            [np.ones(view.after.characters.shape, np.bool_) if view.seen is None else view.seen for view in views]
        )
        if wide:
            points = _flat([points_of(view.after) if view.seen is None else _without_halves(view) for view in views])
    found = changed.nonzero()[0]
    places = _flat([_places(view.row, view.column, view.after.rows, view.after.columns) for view in views]).take(found)
    ink, paper = foreground.take(found), background.take(found)
    _name_defaults(ink, paper, views, found)
    changes = Changes(places, points.take(found), ink, paper)
    return changes if len(views) == 1 else changes.at(places.argsort())


def _flat(arrays: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    return arrays[0].ravel() if len(arrays) == 1 else np.concatenate(arrays, axis=None)


def _filled(changed: Mask, views: Sequence[Redrawn]) -> Mask:
    """Each view's part of the flat ``changed`` with its narrow gaps closed."""
    ends = np.cumsum([view.after.characters.size for view in views])[:-1]
    parts = zip(np.split(changed, ends), views, strict=True)
    return _flat([filled(part.reshape(view.after.characters.shape), view.after) for part, view in parts])


@lru_cache(512)
def _places(row: int, column: int, rows: int, columns: int) -> npt.NDArray[np.int64]:
    """The places of a view's cells."""
    return (np.arange(row, row + rows)[:, None] * _ROW + np.arange(column, column + columns)).ravel()


def _name_defaults(ink: Numbers, paper: Numbers, views: Sequence[Redrawn], found: npt.NDArray[np.int64]) -> None:
    """Put the numbers of the base styles where the default colours are."""
    base: int | npt.NDArray[np.int64] = views[0].base
    if any(view.base != views[0].base for view in views):
        sizes = [view.after.characters.size for view in views]
        base = np.repeat([view.base for view in views], sizes).take(found)
    for colours, its in ((ink, 0), (paper, 1)):
        default = BEFORE_DEFAULT - 2 * base - its
        np.copyto(
            colours,
            np.int32(default) if isinstance(default, int) else default.astype(np.int32),
            where=colours == DEFAULT,
        )


def _may_be_plain(cells: Cells) -> bool:
    """False where some cells have other colours than others: seen at its corner and in its middle alone."""
    if not cells.background.size:
        return False
    middle = cells.rows // 2, cells.columns // 2
    foreground, background = cells.foreground, cells.background
    return bool(foreground[0, 0] == foreground[middle] and background[0, 0] == background[middle])


def filled(changed: Mask, cells: Cells) -> Mask:
    """``changed`` with its narrow gaps closed where all cells have the same colours: a cell again is shorter than a
    move."""
    foreground, background = cells.foreground, cells.background
    if (background != background[:1, :1]).any() or (foreground != foreground[:1, :1]).any():
        return changed
    closed = changed.copy()
    for gap in range(1, _MOST_FILLED + 1):
        both = changed[:, : -gap - 1] & changed[:, gap + 1 :]
        for step in range(1, gap + 1):
            closed[:, step : step - gap - 1] |= both
    return closed


def _without_halves(view: Redrawn) -> npt.NDArray[np.uint32]:
    """The code points of a view, spaces for the halves of wide characters whose other half cannot be seen."""
    points, seen = points_of(view.after), view.seen
    behind = points == 0
    halves = np.zeros(points.shape, np.bool_)
    if seen is not None:
        halves[:, :-1] |= behind[:, 1:] & ~seen[:, 1:]
        halves[:, 1:] |= behind[:, 1:] & ~seen[:, :-1]
        halves &= seen
    return np.where(halves, np.uint32(_SPACE), points)


def joined(parts: Sequence[Changes]) -> Changes:
    """Several as one, in reading order; none may lie over another."""
    if len(parts) == 1:
        return parts[0]
    every = Changes(
        np.concatenate([part.places for part in parts]),
        np.concatenate([part.points for part in parts]),
        np.concatenate([part.foreground for part in parts]),
        np.concatenate([part.background for part in parts]),
    )
    return every.at(every.places.argsort())


def ascii_only(changes: Changes) -> Changes:
    """The same for a terminal that no other characters arrive on: a question mark for each."""
    points = changes.points.copy()
    points[points > 127] = ord("?")
    points[points == 0] = _SPACE
    return replace(changes, points=points)


def encode(
    changes: Changes,
    foregrounds: Mapping[int, str | None],
    backgrounds: Mapping[int, str | None],
    *,
    blocks: bool = True,
) -> str:
    """Control sequences and characters that draw ``changes`` on a terminal with all attributes off, which they are
    afterwards.

    foregrounds, backgrounds: the parameters of the SGR sequence for a colour, without ``ESC [`` and ``m``; None where
    it cannot be one: a terminal's own default foreground is no background. blocks: False keeps to the characters given.
    """
    if not changes.points.all():
        changes = changes.at(np.flatnonzero(changes.points))  # a wide character takes both its cells by itself
    if len(changes) == 0:
        return ""
    points, fore, back = changes.points, changes.foreground, changes.background
    is_text = points != _SPACE
    if blocks:
        is_text &= (points != _UPPER) & (points != _LOWER) & (points != _FULL)
    above = np.where(is_text | (points == _UPPER) | (points == _FULL), fore, back).tolist()
    below = np.where(~is_text & ((points == _LOWER) | (points == _FULL)), fore, back).tolist()
    texts = (points * is_text).tolist()
    out: list[str] = []
    write = out.append
    cursor = -1
    foreground: int | None = None  # what the terminal has now; None: not known
    background: int | None = None
    # Of text the colours are (foreground, background), of all else (upper half, lower half).
    for i, (place, top, bottom, text) in enumerate(zip(changes.places.tolist(), above, below, texts, strict=True)):
        if place != cursor:
            if place >> 16 != cursor >> 16:
                write(f"\x1b[{(place >> 16) + 1};{(place & 0xFFFF) + 1}H")
            else:
                write(f"\x1b[{place - cursor}C" if place - cursor > 1 else "\x1b[C")
        cursor = place + 1
        if text:
            if foreground != top:
                if background != bottom:
                    write(f"\x1b[{foregrounds[top]};{backgrounds[bottom]}m")
                    background = bottom
                else:
                    write(f"\x1b[{foregrounds[top]}m")
                foreground = top
            elif background != bottom:
                write(f"\x1b[{backgrounds[bottom]}m")
                background = bottom
            character = chr(text)
            write(character)
            if text > 0x10FF:
                cursor = place + get_character_cell_size(character)
        elif top == bottom:
            if background == top:
                write(" ")
            elif blocks and foreground == top:
                write("█")
            elif backgrounds[top] is None or (
                blocks
                and foregrounds[top] is not None
                and _keeps_background(above, below, i + 1, foreground, background)
            ):
                write(f"\x1b[{foregrounds[top]}m█")
                foreground = top
            else:
                write(f"\x1b[{backgrounds[top]}m ")
                background = top
        elif foreground == top and backgrounds[bottom] is not None:
            if background != bottom:
                write(f"\x1b[{backgrounds[bottom]}m▀")
                background = bottom
            else:
                write("▀")
        elif foreground == bottom and backgrounds[top] is not None:
            if background != top:
                write(f"\x1b[{backgrounds[top]}m▄")
                background = top
            else:
                write("▄")
        elif background == bottom and foregrounds[top] is not None:
            write(f"\x1b[{foregrounds[top]}m▀")
            foreground = top
        elif background == top and foregrounds[bottom] is not None:
            write(f"\x1b[{foregrounds[bottom]}m▄")
            foreground = bottom
        elif foregrounds[top] is None or backgrounds[bottom] is None:
            write(f"\x1b[{foregrounds[bottom]};{backgrounds[top]}m▄")
            foreground, background = bottom, top
        else:
            write(f"\x1b[{foregrounds[top]};{backgrounds[bottom]}m▀")
            foreground, background = top, bottom
    write("\x1b[m")
    return "".join(out)


def _keeps_background(
    above: list[int], below: list[int], start: int, foreground: int | None, background: int | None
) -> bool:
    """Of two colours one must go: whether that is better the foreground, in view of the cells that follow."""
    for i in range(start, min(start + _AHEAD, len(above))):
        top, bottom = above[i], below[i]
        needs_foreground = foreground in (top, bottom)
        needs_background = background in (top, bottom)
        if needs_foreground != needs_background:
            return needs_background
        if needs_foreground or top != bottom:
            return False
    return False
