"""A code on number lines: a value per dimension, or a distribution, as bars of one row or as bell curves.

``paint_number_lines(lines, columns, rows, look, height=...)`` draws as many lines as fit, and the numbers of the axis
they share below them. Behind a distribution lies its prior, behind a value where the codes of other images lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aetui.paint.axes import labels, ticks
from aetui.paint.braille import dots_of_cell, put_dots
from aetui.paint.cells import DEFAULT, Cells, blank, part, put
from aetui.paint.colours import quiet_colour, series_colour
from aetui.paint.curves import dots, envelope
from aetui.paint.look import Look
from aetui.paint.sliders import value_text
from aetui.paint.text import clip, width_of

_VALUE = 6
_SIGMA = 6
_FEWEST = 12
"""Columns of a track: with fewer the numbers beside it give way."""
_LEAST = 0.02


@dataclass(frozen=True, kw_only=True)
class NumberLine:
    """value: the code, or the mean of its distribution, whose standard deviation is sigma (None: it is a value).

    behind: (mean, standard deviation) of what is drawn faintly behind it. draws: marked on the line.
    name: short; it must have gone through ``outside_text.plain``. quiet: it matters little, and is drawn so.
    """

    name: str
    value: float
    sigma: float | None = None
    behind: tuple[float, float] | None = None
    draws: tuple[float, ...] = ()
    quiet: bool = False


def shown_lines(count: int, rows: int, height: int) -> int:
    """How many of ``count`` lines of ``height`` rows are seen on ``rows`` rows."""
    return max(0, min(count, (rows - 1) // height))


def reach_of(lines: Sequence[NumberLine]) -> tuple[float, float]:
    """A range that holds all of them, what is behind them too."""
    low, high = [], []
    for line in lines:
        for mean, sigma in ((line.value, line.sigma or 0.0), line.behind or (line.value, 0.0)):
            if np.isfinite(mean) and np.isfinite(sigma):
                low.append(mean - 3 * sigma)
                high.append(mean + 3 * sigma)
    if not low:
        return -1.0, 1.0
    room = (max(high) - min(low)) * 0.02 or max(1.0, abs(max(high))) * 0.5
    return min(low) - room, max(high) + room


@dataclass(frozen=True)
class _Track:
    """Where the lines lie on ``cells``, and what they reach over."""

    cells: Cells
    left: int
    right: int
    reach: tuple[float, float]
    look: Look

    @property
    def width(self) -> int:
        return max(1, self.cells.columns - self.left - self.right)

    def column(self, value: float) -> int:
        """The column of a value; of one beyond the reach the end."""
        share = (value - self.reach[0]) / (self.reach[1] - self.reach[0])
        if not np.isfinite(share):
            return self.left
        return self.left + round(float(np.clip(share, 0, 1)) * (self.width - 1))

    def paint_span(self, row: int, mean: float, sigma: float, mark: str, colour: int) -> None:
        """One σ to either side."""
        first, last = self.column(mean - sigma), self.column(mean + sigma)
        put(self.cells, row, first, mark * (last - first + 1), colour)


def paint_number_lines(
    lines: Sequence[NumberLine], columns: int, rows: int, look: Look, *, reach: tuple[float, float], height: int = 1
) -> Cells:
    """``lines`` on columns × rows cells over ``reach``; height: rows of each, 1 for bars, 3 or more for bells."""
    cells = blank(rows, columns)
    if rows < 1 or columns < 1:
        return cells
    track = _Track(cells, *_gutters(lines, columns), reach, look)
    count = shown_lines(len(lines), rows, height)
    for place, line in enumerate(lines[:count]):
        base = place * height + height - 1
        if height > 1:
            _paint_bell(track, base - height + 1, height - 1, line)
        _paint_bar(track, base, line, thin=height > 1)
        _paint_texts(track, base, line, above=height > 1)
    if count:
        _paint_axis(track, count * height)
    return cells


def _gutters(lines: Sequence[NumberLine], columns: int) -> tuple[int, int]:
    """Columns left and right of the tracks."""
    name = max((width_of(line.name) for line in lines), default=0) + 1
    wide = _VALUE + 1 + (_SIGMA if any(line.sigma is not None for line in lines) else 0)
    for left, right in ((name, wide), (name, _VALUE + 1), (name, 0)):
        if columns - left - right >= _FEWEST:
            return left, right
    return min(name, max(0, columns - 1)), 0


def _colour_of(line: NumberLine, look: Look) -> int:
    return quiet_colour(look) if line.quiet else series_colour(0, look)


def _faint(look: Look) -> int:
    """For what lies behind: also in 16 colours less loud than the line."""
    return series_colour(7, look, faint=True) if look.depth == "16" else quiet_colour(look)


def _paint_bar(track: _Track, row: int, line: NumberLine, *, thin: bool) -> None:
    """The line itself, one σ to either side thick, the value as a knob. thin: curves above say what is behind."""
    look, cells = track.look, track.cells
    rail, behind, thick, knob, draw = "─╌━●┴" if look.unicode else "-=#O|"
    quiet, colour = quiet_colour(look), _colour_of(line, look)
    put(cells, row, track.left, rail * track.width, quiet)
    if line.behind is not None and not thin:
        track.paint_span(row, *line.behind, behind, quiet)
    if line.sigma is not None:
        track.paint_span(row, line.value, line.sigma, thick, colour)
    for value in line.draws:
        put(cells, row, track.column(value), draw, series_colour(1, look))
    put(cells, row, track.column(line.value), knob, colour)


def _paint_bell(track: _Track, top: int, rows: int, line: NumberLine) -> None:
    """A curve of the density, as high as there is room: its width is what it says. A value is a spike."""
    look, colour = track.look, _colour_of(line, track.look)
    if line.behind is not None:
        _paint_density(track, top, rows, line.behind, _faint(look), ".", dotted=look.depth == "mono")
    if line.sigma is not None:
        _paint_density(track, top, rows, (line.value, line.sigma), colour, "*")
        return
    for row in range(top, top + rows):
        put(track.cells, row, track.column(line.value), "│" if look.unicode else "|", colour)


def _paint_density(
    track: _Track,
    top: int,
    rows: int,
    gaussian: tuple[float, float],
    colour: int,
    mark: str,
    *,
    dotted: bool = False,
) -> None:
    """As high as there is room. dotted: how it differs from another one where there are no colours."""
    mean, sigma = gaussian
    if not np.isfinite(mean) or not np.isfinite(sigma):
        return
    low, high = track.reach
    fine_rows, fine_columns = dots_of_cell(track.look)
    mean, sigma = min(max(mean, low - 9 * (high - low)), high + 9 * (high - low)), max(sigma, (high - low) * 1e-4)
    xs = np.unique(np.concatenate([np.linspace(low, high, 8 * track.width), np.clip([mean], low, high)]))
    ys = np.exp(-0.5 * ((xs - mean) / sigma) ** 2)
    lowest, highest = envelope(xs, ys, track.reach, track.width * fine_columns)
    # What is almost nothing is left out: the line below stands for it.
    marks = dots(np.where(highest < _LEAST, np.nan, lowest), highest, (0.0, 1.0), rows * fine_rows)
    if dotted:
        marks = marks & (np.arange(marks.shape[1]) % (2 * fine_columns) == 0)
    put_dots(part(track.cells, top, track.left, rows, track.width), marks, colour, track.look, mark)


def _paint_texts(track: _Track, row: int, line: NumberLine, *, above: bool) -> None:
    look, cells = track.look, track.cells
    colour = quiet_colour(look) if line.quiet else DEFAULT
    put(cells, row, 0, clip(line.name, max(0, track.left - 1), ""), colour)
    if not track.right:
        return
    column = cells.columns - track.right + 1
    spread = "" if line.sigma is None else (("±" if look.unicode else "+-") + f"{line.sigma:.2f}")[:_SIGMA]
    put(cells, row, column, value_text(line.value).rjust(_VALUE), colour)
    if track.right > _VALUE + 1:
        put(cells, row, column + _VALUE, spread, colour)
    elif above:
        put(cells, row - 1, column, spread.rjust(_VALUE), quiet_colour(look))


def _paint_axis(track: _Track, row: int) -> None:
    values = ticks(*track.reach, max(3, track.width // 8))
    end = 0
    for value, name in zip(values.tolist(), labels(values), strict=True):
        start = track.column(value) - len(name) // 2
        if start >= end and start + len(name) <= track.cells.columns:
            end = put(track.cells, row, start, name, quiet_colour(track.look)) + 1
