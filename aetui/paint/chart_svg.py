"""Charts as a drawing of their own: SVG with paths, axes, legend, on white; no terminal in it.

``chart_svg(charts)`` takes what ``panels.paint_panels`` takes: the curves of each chart and how they are seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from aetui.paint.curves import Values, envelope
from aetui.paint.frame import Frame, frame_of
from aetui.paint.series import Curve, View
from aetui.paint.sums import means
from export.errors import visible

COLOURS = ("#005faf", "#d75f00", "#008700", "#af00af", "#af8700", "#d70000", "#008787", "#5f5faf")
"""The cycle of the terminal on a light background."""

_ALONE, _SEVERAL = (960, 540), (480, 320)
_LEFT, _RIGHT, _TOP, _BOTTOM = 72, 20, 58, 46
_FONT = "font-family='system-ui, sans-serif' font-size='12'"
_CELLS = (110, 24)
"""The chart of the terminal whose ranges and ticks are taken."""


def chart_svg(charts: Sequence[tuple[list[Curve], View]]) -> str:
    """The drawing: 960 × 540 for one chart, a grid of 480 × 320 for several. Text from outside is made harmless."""
    across = max(1, math.ceil(math.sqrt(len(charts))))
    width, height = _ALONE if len(charts) < 2 else _SEVERAL
    down = max(1, math.ceil(len(charts) / across))
    body = [
        f"<g transform='translate({place % across * width} {place // across * height})'>"
        + _chart(curves, view, width, height, place)
        + "</g>"
        for place, (curves, view) in enumerate(charts)
    ]
    size = f"width='{across * width}' height='{down * height}' viewBox='0 0 {across * width} {down * height}'"
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' {size} {_FONT}>\n"
        "<rect width='100%' height='100%' fill='#fff'/>\n" + "\n".join(body) + "\n</svg>\n"
    )


class _Plane:
    """Where values lie on the drawing."""

    def __init__(self, plot: Frame, width: int, height: int) -> None:
        self.width, self.height = width - _LEFT - _RIGHT, height - _TOP - _BOTTOM
        self.x_range, self.y_range = plot.x_range, plot.y_range

    def x(self, value: float) -> float:
        low, high = self.x_range
        return _LEFT + (value - low) / (high - low) * self.width

    def y(self, value: float) -> float:
        low, high = self.y_range
        return _TOP + (high - value) / (high - low) * self.height


def _chart(curves: list[Curve], view: View, width: int, height: int, place: int) -> str:
    columns = _CELLS[0] * width // _ALONE[0]
    plot = frame_of(curves, columns, _CELLS[1] * height // _ALONE[1] + 3, view)
    plane = _Plane(plot, width, height)
    drawn = _areas(curves, plane) if view.stacked else _lines(curves, plane)
    clip = f"plot{place}"
    box = f"x='{_LEFT}' y='{_TOP}' width='{plane.width}' height='{plane.height}'"
    return "\n".join(
        [
            _text(_LEFT, 20, view.title, "start", " font-size='14' font-weight='600'"),
            _legend(curves, view, width),
            *_axes(plot, plane, view),
            f"<clipPath id='{clip}'><rect {box}/></clipPath>",
            f"<g clip-path='url(#{clip})'>",
            *drawn,
            "</g>",
            f"<rect {box} fill='none' stroke='#888'/>",
        ]
    )


def _axes(plot: Frame, plane: _Plane, view: View) -> list[str]:
    made = []
    for value, label in plot.y_ticks:
        if plot.y_range[0] <= value <= plot.y_range[1]:
            y = round(plane.y(value), 1)
            made.append(f"<path d='M{_LEFT} {y}h{plane.width}' stroke='#e4e4e4'/>")
            made.append(_text(_LEFT - 8, y + 4, label, "end"))
    bottom = _TOP + plane.height
    for value, label in plot.x_ticks:
        if plot.x_range[0] <= value <= plot.x_range[1]:
            x = round(plane.x(value), 1)
            made.append(f"<path d='M{x} {bottom}v5' stroke='#888'/>")
            made.append(_text(x, bottom + 18, label, "middle"))
    for mark in view.marks:
        if plot.x_range[0] <= mark <= plot.x_range[1]:
            made.append(f"<path d='M{plane.x(mark):.1f} {bottom - 1}l-4 8h8z' fill='#d70000'/>")
    made.append(_text(_LEFT + plane.width, bottom + 38, view.x_label, "end"))
    return made


def _lines(curves: list[Curve], plane: _Plane) -> list[str]:
    made = []
    for curve in sorted(curves, key=lambda curve: curve.series.layer):
        path = _path(*_points(curve, plane), plane)
        if path:
            layer = curve.series.layer
            stroke = "#999" if layer == 0 else _colour(curve)
            dash = _dash(curve)
            faint = "" if layer > 1 else " opacity='.4'"
            weight = 1.6 if layer > 1 else 1
            made.append(f"<path d='{path}' fill='none' stroke='{stroke}' stroke-width='{weight}'{dash}{faint}/>")
    return made


def _points(curve: Curve, plane: _Plane) -> tuple[Values, Values]:
    """The curve itself, or the ends of what it covers in every half pixel where it has more points than those."""
    first, last = np.searchsorted(curve.xs, plane.x_range[0]), np.searchsorted(curve.xs, plane.x_range[1], "right")
    part = slice(max(0, int(first) - 1), int(last) + 1)
    if last - first <= 4 * plane.width:
        return curve.xs[part], curve.ys[part]
    columns = 2 * plane.width
    lowest, highest = envelope(curve.xs, curve.ys, plane.x_range, columns)
    xs = np.repeat(np.linspace(*plane.x_range, columns), 2)
    return xs, np.stack([lowest, highest], axis=1).reshape(-1)


def _path(xs: Values, ys: Values, plane: _Plane) -> str:
    parts, open_before = [], False
    for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
        known = math.isfinite(y)
        if known:
            parts.append(f"{'L' if open_before else 'M'}{plane.x(x):.1f} {_bounded(plane.y(y)):.1f}")
        open_before = known
    return "".join(parts)


def _bounded(y: float) -> float:
    """Far outside is far enough."""
    return min(1e5, max(-1e5, y))


def _areas(curves: list[Curve], plane: _Plane) -> list[str]:
    columns = plane.width
    xs = np.linspace(*plane.x_range, columns)
    below = np.zeros(columns)
    made = []
    for curve in curves:
        above = means(curve.xs, curve.ys, plane.x_range, columns)
        known = np.flatnonzero(np.isfinite(below + above))
        for run in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1):
            if len(run):
                there = _path(xs[run], above[run], plane)
                back = _path(xs[run][::-1], below[run][::-1], plane).replace("M", "L", 1)
                made.append(f"<path d='{there}{back}Z' fill='{_colour(curve)}' opacity='.8'/>")
        below = above
    return made


def _legend(curves: list[Curve], view: View, width: int) -> str:
    """A line of keys and names; what does not fit is counted."""
    named = [curve for curve in curves if curve.series.name]
    made, x = [], float(_LEFT)
    for done, curve in enumerate(named):
        name = curve.series.name
        needed = 26 + 7 * len(name) + 14
        if x + needed > width - _RIGHT - 30 and done:
            made.append(_text(x, 42, f"+{len(named) - done}", "start"))
            break
        dash = _dash(curve)
        weight = 8 if view.stacked else 2.5
        faint = " opacity='.45'" if curve.series.layer < 2 else ""
        made.append(f"<path d='M{x:.0f} 38h18' stroke='{_colour(curve)}' stroke-width='{weight}'{dash}{faint}/>")
        made.append(_text(x + 24, 42, name, "start"))
        x += needed
    return "".join(made)


def _dash(curve: Curve) -> str:
    if curve.series.dashed:
        return " stroke-dasharray='7 4'"
    return f" stroke-dasharray='2 {1 + curve.series.twin}'" if curve.series.twin else ""


def _colour(curve: Curve) -> str:
    return COLOURS[(curve.series.colour or 0) % len(COLOURS)]


def _text(x: float, y: float, text: str, anchor: str, more: str = "") -> str:
    shown = escape(visible(text))
    return (
        f"<text x='{x:g}' y='{y:g}' text-anchor={quoteattr(anchor)} fill='#222'{more}>{shown}</text>" if shown else ""
    )
