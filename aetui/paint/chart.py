"""A chart of several curves as ``Cells``: axes with ticks, legend, log-y, gaps, a cursor with a read-out.

``paint_chart(series, columns, rows, look, view)``; ``Series(xs, ys, name, colour, faint)``; ``View`` says what part is
seen and how; ``frame(...)`` gives the geometry (``x_at(column)``, ``column_of(x)``) for mouse and keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from aetui.paint.axes import labels, log_ticks, number, ticks
from aetui.paint.cells import DEFAULT, Cells, blank, clip, put, width_of
from aetui.paint.colours import quiet_colour, series_colour
from aetui.paint.curves import Dots, Values, braille, dots, envelope
from aetui.paint.look import Look

Range = tuple[float, float]

MARKERS = "*+ox#@%&"
"""How the series differ where colours or braille are missing."""

_LARGEST = 1e300


@dataclass(frozen=True, eq=False)
class Series:
    """xs, ys: float arrays of one length, NaN or infinite ys are gaps. colour: index into the cycle, None: by place.

    faint: drawn behind the others and quietly (the raw values behind a smoothed curve); nameless ones are not in the
    legend. The name must have gone through ``outside_text.plain``.
    """

    xs: npt.ArrayLike
    ys: npt.ArrayLike
    name: str = ""
    colour: int | None = None
    faint: bool = False


@dataclass(frozen=True, kw_only=True)
class View:
    """title: above the plot; x_label: below; ranges: None is all of the data; cursor: an x, or None."""

    title: str = ""
    x_label: str = "step"
    x_range: Range | None = None
    y_range: Range | None = None
    log_y: bool = False
    cursor: float | None = None


@dataclass(frozen=True)
class _Curve:
    """A series ready to be drawn: xs ascending, ys as drawn (logarithms where log-y), its colour and marker."""

    xs: Values
    ys: Values
    values: Values
    series: Series
    colour: int
    marker: str


@dataclass(frozen=True)
class Frame:
    """Where the plot lies: ``columns`` × ``rows`` cells from (top, left); ranges as drawn (log10 where log-y)."""

    left: int
    top: int
    columns: int
    rows: int
    x_range: Range
    y_range: Range
    y_ticks: list[tuple[float, str]] = field(default_factory=list)
    x_axis: bool = False

    def x_at(self, column: float) -> float:
        """The x at a column of the whole chart."""
        low, high = self.x_range
        return low + (column - self.left) / max(1, self.columns - 1) * (high - low)

    def column_of(self, x: float) -> int | None:
        """The column of the whole chart where x lies; None outside the plot."""
        low, high = self.x_range
        column = round((x - low) / (high - low) * (self.columns - 1))
        return self.left + column if 0 <= column < self.columns else None


def paint_chart(series: Sequence[Series], columns: int, rows: int, look: Look, view: View | None = None) -> Cells:
    """The chart on columns × rows cells; axes and legend give way where there is too little room."""
    view = view or View()
    cells = blank(rows, columns)
    if columns < 1 or rows < 1:
        return cells
    curves = _prepare(series, look, view.log_y)
    plot = _frame(curves, columns, rows, view)
    _paint_axes(cells, plot, look, view)
    _paint_cursor(cells, plot, look, view)
    _paint_curves(cells, curves, plot, look)
    if plot.top:
        _paint_legend(cells, curves, look, view)
    if not any(np.isfinite(curve.ys).any() for curve in curves):
        text = clip("nothing to draw yet", plot.columns, "")
        put(cells, plot.top + plot.rows // 2, plot.left + (plot.columns - len(text)) // 2, text, quiet_colour(look))
    return cells


def frame(series: Sequence[Series], columns: int, rows: int, look: Look, view: View | None = None) -> Frame:
    """Where ``paint_chart`` with the same arguments puts its plot."""
    view = view or View()
    return _frame(_prepare(series, look, view.log_y), max(1, columns), max(1, rows), view)


def _prepare(series: Sequence[Series], look: Look, log_y: bool) -> list[_Curve]:
    curves = []
    for place, one in enumerate(series):
        xs, values = np.asarray(one.xs, np.float64), np.asarray(one.ys, np.float64)
        known = np.isfinite(xs)
        if not known.all():
            xs, values = xs[known], values[known]
        if len(xs) and (xs[1:] < xs[:-1]).any():
            order = np.argsort(xs, kind="stable")
            xs, values = xs[order], values[order]
        ys = np.where(np.isfinite(values), values.clip(-_LARGEST, _LARGEST), np.nan)
        if log_y:
            ys = np.log10(np.where(ys > 0, ys, np.nan))
        index = place if one.colour is None else one.colour
        marker = "." if one.faint else MARKERS[index % len(MARKERS)]
        curves.append(_Curve(xs, ys, values, one, series_colour(index, look, faint=one.faint), marker))
    return curves


def _frame(curves: list[_Curve], columns: int, rows: int, view: View) -> Frame:
    named = view.title or view.cursor is not None or any(curve.series.name for curve in curves)
    top = 1 if named and rows >= 4 else 0
    below = 2 if rows - top >= 5 else 0
    height = rows - top - below
    x_range = _x_range(curves, view)
    y_range = _y_range(curves, view, x_range)
    marks: list[tuple[float, str]] = []
    if columns >= 16 and height >= 2:
        marks = _y_ticks(y_range, max(2, min(height // 3 + 1, 9)), view.log_y)
    gutter = max((len(label) for _, label in marks), default=-1) + 1
    if columns - gutter < 8:
        marks, gutter = [], 0
    return Frame(gutter, top, columns - gutter, height, x_range, y_range, marks, bool(below))


def _x_range(curves: list[_Curve], view: View) -> Range:
    if view.x_range is not None and view.x_range[0] < view.x_range[1]:
        return view.x_range
    ends = [end for curve in curves if len(curve.xs) for end in (curve.xs[0], curve.xs[-1])]
    return _spread(float(min(ends)), float(max(ends)), 0.0) if ends else (0.0, 1.0)


def _y_range(curves: list[_Curve], view: View, x_range: Range) -> Range:
    """As drawn: of what is seen between the x's, a little wider."""
    if view.y_range is not None and view.y_range[0] < view.y_range[1]:
        if not view.log_y:
            return view.y_range
        if view.y_range[0] > 0:
            return float(np.log10(view.y_range[0])), float(np.log10(view.y_range[1]))
    lowest, highest = [], []
    for curve in curves:
        first, last = np.searchsorted(curve.xs, x_range[0]), np.searchsorted(curve.xs, x_range[1], side="right")
        seen = curve.ys[max(0, int(first) - 1) : int(last) + 1]
        if np.isfinite(seen).any():
            lowest.append(float(np.fmin.reduce(seen)))
            highest.append(float(np.fmax.reduce(seen)))
    return _spread(min(lowest), max(highest), 0.02) if lowest else (0.0, 1.0)


def _spread(low: float, high: float, margin: float) -> Range:
    """(low, high), a little wider; never without a width."""
    size = max(abs(low), abs(high))
    if high - low <= size * 1e-9:
        half = size * 0.05 or 0.5
        return low - half, high + half
    return low - margin * (high - low), high + margin * (high - low)


def _y_ticks(y_range: Range, count: int, log_y: bool) -> list[tuple[float, str]]:
    if not log_y:
        values = ticks(*y_range, count)
        return list(zip(values.tolist(), labels(values), strict=True))
    values = log_ticks(10.0 ** max(y_range[0], -300), 10.0 ** min(y_range[1], 300), count)
    return list(zip(np.log10(values).tolist(), labels(values), strict=True))


def _paint_axes(cells: Cells, plot: Frame, look: Look, view: View) -> None:
    line, tick, corner, across, down = "│┤└─┬" if look.unicode else "|++-+"
    quiet = quiet_colour(look)
    edge = plot.left - 1
    if plot.left:
        for row in range(plot.rows):
            put(cells, plot.top + row, edge, line, quiet)
        low, high = plot.y_range
        taken = set()
        for value, label in plot.y_ticks:
            row = plot.top + round((high - value) / (high - low) * (plot.rows - 1))
            if row not in taken and plot.top <= row < plot.top + plot.rows:
                taken.add(row)
                put(cells, row, edge - len(label), label, quiet)
                put(cells, row, edge, tick, quiet)
    if not plot.x_axis:
        return
    row = plot.top + plot.rows
    put(cells, row, edge, corner + across * plot.columns if plot.left else across * plot.columns, quiet)
    if not plot.left:
        put(cells, row, 0, across, quiet)
    room = cells.columns - (len(view.x_label) + 2 if view.x_label and cells.columns >= 30 else 0)
    values = ticks(*plot.x_range, max(2, plot.columns // 12))
    end = 0
    for value, label in zip(values.tolist(), labels(values), strict=True):
        at = plot.column_of(value)
        if at is None:
            continue
        start = max(0, at - len(label) // 2)
        if start < end or start + len(label) > room:
            continue
        put(cells, row, at, down, quiet)
        end = put(cells, row + 1, start, label, quiet) + 1
    if room < cells.columns:
        put(cells, row + 1, cells.columns - len(view.x_label), view.x_label, quiet)


def _paint_cursor(cells: Cells, plot: Frame, look: Look, view: View) -> None:
    at = None if view.cursor is None else plot.column_of(view.cursor)
    if at is not None:
        for row in range(plot.top, plot.top + plot.rows):
            put(cells, row, at, "┊" if look.unicode else ":", quiet_colour(look))


def _paint_curves(cells: Cells, curves: list[_Curve], plot: Frame, look: Look) -> None:
    area = (slice(plot.top, plot.top + plot.rows), slice(plot.left, plot.left + plot.columns))
    marks = cells.characters[area]
    colours = cells.foreground[area]
    across, down = (2, 4) if look.unicode else (1, 1)
    together = np.zeros((plot.rows * down, plot.columns * across), np.bool_)
    for curve in sorted(curves, key=lambda curve: not curve.series.faint):
        if len(curve.xs) == 0:
            continue
        lowest, highest = envelope(curve.xs, curve.ys, plot.x_range, plot.columns * across)
        drawn = dots(lowest, highest, plot.y_range, plot.rows * down)
        hit = drawn.reshape(plot.rows, down, plot.columns, across).any(axis=(1, 3))
        if not look.unicode:
            marks[hit] = curve.marker
        elif curve.series.faint:
            marks[hit] = braille(drawn)[hit]
        else:
            together |= drawn
            marks[hit] = braille(together)[hit]
        colours[hit] = curve.colour
    if look.unicode and look.depth == "mono":
        _paint_markers(marks, [curve for curve in curves if not curve.series.faint and len(curve.xs)], plot)


def _paint_markers(marks: npt.NDArray[np.str_], curves: list[_Curve], plot: Frame) -> None:
    """A letter now and then on each curve: without colours they look alike."""
    if len(curves) < 2:
        return
    spacing = 3 * len(curves)
    for place, curve in enumerate(curves):
        lowest, highest = envelope(curve.xs, curve.ys, plot.x_range, plot.columns)
        drawn: Dots = dots((lowest + highest) / 2, (lowest + highest) / 2, plot.y_range, plot.rows)
        chosen = np.zeros(plot.columns, np.bool_)
        chosen[3 * place + 1 :: spacing] = True
        marks[drawn & chosen] = curve.marker


def _paint_legend(cells: Cells, curves: list[_Curve], look: Look, view: View) -> None:
    """Title, then the series' names; at a cursor the values there."""
    end = put(cells, 0, 0, clip(view.title, cells.columns, "…" if look.unicode else "~"))
    column = end + 2 if end else 0
    if view.cursor is not None:
        column = put(cells, 0, column, f"{view.x_label} {number(view.cursor, 6)}".strip()) + 2
    plain_key = "━" if look.unicode and look.depth != "mono" else ""
    named = [curve for curve in curves if curve.series.name]
    for place, curve in enumerate(named):
        text = curve.series.name
        if view.cursor is not None:
            text += " " + _value_at(curve, view.cursor)
        room = cells.columns - column - 2
        if room < min(4, width_of(text)):
            put(cells, 0, min(column, cells.columns - 2), f"+{len(named) - place}", DEFAULT)
            return
        key = plain_key or curve.marker
        column = put(cells, 0, column, key + " ", curve.colour)
        column = put(cells, 0, column, clip(text, room, "…" if look.unicode else "~"), curve.colour) + 2


def _value_at(curve: _Curve, x: float) -> str:
    """The value nearest to x; "-" beside the curve, "nan" in a gap."""
    if len(curve.xs) == 0 or not curve.xs[0] <= x <= curve.xs[-1]:
        return "-"
    right = int(np.searchsorted(curve.xs, x).clip(0, len(curve.xs) - 1))
    left = max(0, right - 1)
    nearest = left if x - curve.xs[left] < curve.xs[right] - x else right
    return number(float(curve.values[nearest]))
