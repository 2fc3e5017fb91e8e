"""A chart of several curves as ``Cells``: axes with ticks, legend, log-y, gaps, a cursor with a read-out.

``paint_chart(series, columns, rows, look, view)``; ``Series(xs, ys, name, colour, faint)``; ``View`` says what part is
seen and how; ``frame(...)`` gives the geometry (``x_at(column)``, ``column_of(x)``) for mouse and keys.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from aetui.paint.axes import labels, number, ticks
from aetui.paint.cells import DEFAULT, Cells, blank, put
from aetui.paint.colours import quiet_colour
from aetui.paint.curves import Dots, braille, dots, envelope
from aetui.paint.frame import Frame, frame, frame_of
from aetui.paint.look import Look
from aetui.paint.series import MARKERS, Curve, Series, View, prepare
from aetui.paint.text import clip, width_of

__all__ = ["MARKERS", "Frame", "Series", "View", "frame", "paint_chart"]


def paint_chart(series: Sequence[Series], columns: int, rows: int, look: Look, view: View | None = None) -> Cells:
    """The chart on columns × rows cells; axes and legend give way where there is too little room."""
    view = view or View()
    cells = blank(rows, columns)
    if columns < 1 or rows < 1:
        return cells
    curves = prepare(series, look, view.log_y)
    plot = frame_of(curves, columns, rows, view)
    _paint_axes(cells, plot, look, view)
    _paint_cursor(cells, plot, look, view)
    _paint_curves(cells, curves, plot, look)
    if plot.top:
        _paint_legend(cells, curves, look, view)
    if not any(np.isfinite(curve.ys).any() for curve in curves):
        text = clip("nothing to draw yet", plot.columns, "")
        put(cells, plot.top + plot.rows // 2, plot.left + (plot.columns - len(text)) // 2, text, quiet_colour(look))
    return cells


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
    values = ticks(*plot.x_range, max(2, plot.columns // 9))
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


def _paint_curves(cells: Cells, curves: list[Curve], plot: Frame, look: Look) -> None:
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
        elif curve.series.faint or look.depth != "mono":
            # A cell has one colour: the dots of a curve behind it would pass for those of the curve in front.
            marks[hit] = braille(drawn)[hit]
        else:
            together |= drawn
            marks[hit] = braille(together)[hit]
        colours[hit] = curve.colour
    if look.unicode and look.depth == "mono":
        _paint_markers(marks, [curve for curve in curves if not curve.series.faint and len(curve.xs)], plot)


def _paint_markers(marks: npt.NDArray[np.str_], curves: list[Curve], plot: Frame) -> None:
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


def _paint_legend(cells: Cells, curves: list[Curve], look: Look, view: View) -> None:
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
        left_out = f"+{len(named) - place}"
        room = cells.columns - column - 2 - (len(left_out) + 2 if place + 1 < len(named) else 0)
        if room < min(6, width_of(text)):
            put(cells, 0, column, left_out, DEFAULT)
            return
        key = plain_key or curve.marker
        column = put(cells, 0, column, key + " ", curve.colour)
        column = put(cells, 0, column, clip(text, room, "…" if look.unicode else "~"), curve.colour) + 2


def _value_at(curve: Curve, x: float) -> str:
    """The value nearest to x; "-" beside the curve, "nan" in a gap."""
    if len(curve.xs) == 0 or not curve.xs[0] <= x <= curve.xs[-1]:
        return "-"
    right = int(np.searchsorted(curve.xs, x).clip(0, len(curve.xs) - 1))
    left = max(0, right - 1)
    nearest = left if x - curve.xs[left] < curve.xs[right] - x else right
    return number(float(curve.values[nearest]))
