"""A chart of several curves as ``Cells``: axes with ticks, legend, log-y, gaps, a cursor with a read-out.

``paint_chart(series, columns, rows, look, view)``, or ``paint_curves`` of curves that are ready. What it takes is in
``aetui.paint.series``, its geometry in ``aetui.paint.frame``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from aetui.paint.axes import number
from aetui.paint.braille import Dots, braille, dots_of_cell
from aetui.paint.cells import DEFAULT, Cells, blank, put
from aetui.paint.colours import quiet_colour
from aetui.paint.curves import dots, envelope
from aetui.paint.frame import Frame, frame_of, ready
from aetui.paint.look import Look
from aetui.paint.series import Curve, Series, View, marker_of
from aetui.paint.stacked import FILLS, area_colour, paint_bands
from aetui.paint.text import clip, width_of
from aetui.paint.time_axis import duration

_DASH = 5
"""A dash and the gap after it, in cells: three and two."""


def paint_chart(series: Sequence[Series], columns: int, rows: int, look: Look, view: View | None = None) -> Cells:
    """The chart on columns × rows cells; axes and legend give way where there is too little room."""
    view = view or View()
    return paint_curves(ready(series, look, view), columns, rows, look, view)


def paint_curves(curves: list[Curve], columns: int, rows: int, look: Look, view: View) -> Cells:
    """The same of curves that are ``frame.ready``."""
    cells = blank(rows, columns)
    if columns < 1 or rows < 1:
        return cells
    plot = frame_of(curves, columns, rows, view)
    _paint_axes(cells, plot, look, view)
    if view.stacked:
        paint_bands(cells, curves, plot, look)
        _paint_cursor(cells, plot, look, view)
    else:
        _paint_cursor(cells, plot, look, view)
        _paint_lines(cells, curves, plot, look)
    if plot.top:
        _paint_legend(cells, curves, look, view)
    if not any(np.isfinite(curve.ys).any() for curve in curves):
        text = clip(view.empty, plot.columns, "")
        left = plot.left + (plot.columns - width_of(text)) // 2
        put(cells, plot.top + plot.rows // 2, left, text, quiet_colour(look))
    return cells


def _paint_axes(cells: Cells, plot: Frame, look: Look, view: View) -> None:
    line, tick, corner, across, down = "│┤└─┬" if look.unicode else "|++-+"
    quiet = quiet_colour(look)
    edge = plot.left - 1
    if plot.left:
        cells.characters[plot.top : plot.top + plot.rows, edge] = line
        cells.foreground[plot.top : plot.top + plot.rows, edge] = quiet
        low, high = plot.y_range
        taken = set()
        for value, label in plot.y_ticks:
            row = plot.top + round((high - value) / (high - low) * (plot.rows - 1))
            if row not in taken and plot.top <= row < plot.top + plot.rows:
                taken.add(row)
                put(cells, row, edge - len(label), label + tick, quiet)
    if not plot.x_axis:
        return
    row = plot.top + plot.rows
    cells.characters[row, plot.left :] = across
    cells.foreground[row] = quiet
    if plot.left:
        put(cells, row, edge, corner, quiet)
    room = cells.columns - (width_of(view.x_label) + 2 if view.x_label and cells.columns >= 30 else 0)
    end = 0
    for value, label in plot.x_ticks:
        at = plot.column_of(value)
        if at is None:
            continue
        start = max(0, at - len(label) // 2)
        if start < end or start + len(label) > room:
            continue
        put(cells, row, at, down, quiet)
        end = put(cells, row + 1, start, label, quiet) + 1
    if room < cells.columns:
        put(cells, row + 1, cells.columns - width_of(view.x_label), view.x_label, quiet)
    for mark in view.marks:
        at = plot.column_of(mark)
        if at is not None:
            put(cells, row, at, "▲" if look.unicode else "^", _alarm(look))


def _alarm(look: Look) -> int:
    if look.depth == "mono":
        return DEFAULT
    return (9 if look.dark else 1) if look.depth == "16" else (203 if look.dark else 160)


def _paint_cursor(cells: Cells, plot: Frame, look: Look, view: View) -> None:
    at = None if view.cursor is None else plot.column_of(view.cursor)
    if at is not None:
        rows = slice(plot.top, plot.top + plot.rows)
        cells.characters[rows, at] = "┊" if look.unicode else ":"
        cells.foreground[rows, at] = DEFAULT if view.stacked else quiet_colour(look)
        cells.background[rows, at] = DEFAULT


def _paint_lines(cells: Cells, curves: list[Curve], plot: Frame, look: Look) -> None:
    area = (slice(plot.top, plot.top + plot.rows), slice(plot.left, plot.left + plot.columns))
    marks = cells.characters[area]
    colours = cells.foreground[area]
    down, across = dots_of_cell(look)
    together = np.zeros((plot.rows * down, plot.columns * across), np.bool_)
    for curve in sorted(curves, key=lambda curve: curve.series.layer):
        if len(curve.xs) == 0:
            continue
        lowest, highest = envelope(curve.xs, curve.ys, plot.x_range, plot.columns * across)
        drawn = dots(lowest, highest, plot.y_range, plot.rows * down)
        _thin_out(drawn, curve.series, across, look)
        if not look.unicode:
            marks[drawn] = curve.marker
            colours[drawn] = curve.colour
            continue
        if look.depth == "mono":
            # Without colours the dots of all curves share a cell.
            together |= drawn
            hit = braille(drawn) != " "
            marks[hit] = braille(together)[hit]
        else:
            # A cell has one colour: the dots of a curve behind it would pass for those of the curve in front.
            characters = braille(drawn)
            hit = characters != " "
            marks[hit] = characters[hit]
        colours[hit] = curve.colour
    if look.unicode and look.depth == "mono":
        _paint_markers(marks, [curve for curve in curves if curve.series.layer > 1 and len(curve.xs)], plot)


def _thin_out(drawn: Dots, series: Series, across: int, look: Look) -> None:
    """Gaps in a dashed or dotted curve; what is behind is half as dense, or a quarter, where no colour says so."""
    at = np.arange(drawn.shape[1])
    if series.dashed:
        drawn[:, at % (_DASH * across) >= 3 * across] = False
    elif series.twin and look.unicode:
        drawn[:, at % ((1 + series.twin) * across) >= across] = False
    if look.unicode and look.depth == "mono" and series.layer < 2:
        rows, columns = np.arange(drawn.shape[0])[:, None], np.arange(drawn.shape[1])
        drawn &= (rows + columns) % 2 == 0
        if series.ghost:
            drawn &= rows % 2 == 0


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


def key_of(curve: Curve, place: int, look: Look, *, stacked: bool = False) -> str:
    """The character that stands for a curve in a legend; place: which area it is, from the bottom."""
    if stacked:
        return FILLS[place % len(FILLS)] if not look.unicode else "■" if look.depth != "mono" else "⣿⢕⠂⡪"[place % 4]
    if not look.unicode or look.depth == "mono":
        return curve.marker
    return _dashes(dashed=curve.series.dashed, twin=curve.series.twin)


def mark_of(colour: int, look: Look, *, dashed: bool = False, twin: int = 0) -> str:
    """The same for a curve in front of the colour-th series colour."""
    if not look.unicode or look.depth == "mono":
        return marker_of(colour, twin)
    return _dashes(dashed=dashed, twin=twin)


def _dashes(*, dashed: bool, twin: int) -> str:
    return "┅" if dashed else "┈" if twin else "━"


def _paint_legend(cells: Cells, curves: list[Curve], look: Look, view: View) -> None:
    """Title, then the series' names; at a cursor the values there."""
    ellipsis = look.ellipsis
    end = put(cells, 0, 0, clip(view.title, cells.columns, ellipsis))
    column = end + 2 if end else 0
    if view.legend == "none":
        return
    if view.cursor is not None and view.legend == "names":
        at = duration(view.cursor) if view.x_time else number(view.cursor, 6)
        column = put(cells, 0, column, f"{view.x_label} {at}".strip()) + 2
    named = [(place, curve) for place, curve in enumerate(curves) if curve.series.name]
    for done, (place, curve) in enumerate(named):
        text = _legend_text(curve, view)
        left_out = f"+{len(named) - done}"
        room = cells.columns - column - 2 - (len(left_out) + 2 if done + 1 < len(named) else 0)
        if room < (min(6, width_of(text)) if view.legend == "names" else width_of(text)):
            put(cells, 0, column, left_out, DEFAULT)
            return
        colour = area_colour(curve, place, look) if view.stacked else curve.colour
        column = put(cells, 0, column, key_of(curve, place, look, stacked=view.stacked) + " ", colour)
        column = put(cells, 0, column, clip(text, room, ellipsis), DEFAULT if view.stacked else colour) + 2


def _legend_text(curve: Curve, view: View) -> str:
    if view.legend == "values":
        value = curve.last() if view.cursor is None else curve.value_at(view.cursor)
        return "-" if value is None else number(value)
    if view.cursor is None:
        return curve.series.name
    value = curve.value_at(view.cursor)
    return f"{curve.series.name} {'-' if value is None else number(value)}"
