"""The geometry of a chart: where its plot lies, which ranges it shows, which ticks it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from aetui.paint.axes import labels, log_ticks, ticks
from aetui.paint.look import Look
from aetui.paint.series import Curve, Range, Series, View, prepare


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


def frame(series: Sequence[Series], columns: int, rows: int, look: Look, view: View | None = None) -> Frame:
    """Where ``paint_chart`` with the same arguments puts its plot."""
    view = view or View()
    return frame_of(prepare(series, look, view.log_y), max(1, columns), max(1, rows), view)


def frame_of(curves: list[Curve], columns: int, rows: int, view: View) -> Frame:
    """The frame of prepared curves; axes and legend give way where there is too little room."""
    named = view.title or view.cursor is not None or any(curve.series.name for curve in curves)
    top = 1 if named and rows >= 4 else 0
    below = 2 if rows - top >= 5 else 0
    height = rows - top - below
    x_range = _x_range(curves, view)
    y_range = _y_range(curves, view, x_range)
    marks: list[tuple[float, str]] = []
    if columns >= 16 and height >= 2:
        marks = _y_ticks(y_range, max(2, min(height // 2, 9)), view.log_y)
    gutter = max((len(label) for _, label in marks), default=-1) + 1
    if columns - gutter < 8:
        marks, gutter = [], 0
    return Frame(gutter, top, columns - gutter, height, x_range, y_range, marks, bool(below))


def _x_range(curves: list[Curve], view: View) -> Range:
    if view.x_range is not None and view.x_range[0] < view.x_range[1]:
        return view.x_range
    ends = [end for curve in curves if len(curve.xs) for end in (curve.xs[0], curve.xs[-1])]
    return _spread(float(min(ends)), float(max(ends)), 0.0) if ends else (0.0, 1.0)


def _y_range(curves: list[Curve], view: View, x_range: Range) -> Range:
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
