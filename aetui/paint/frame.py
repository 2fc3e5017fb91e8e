"""The geometry of a chart: where its plot lies, which ranges it shows, which ticks it has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from aetui.paint.axes import labels, log_ticks, ticks
from aetui.paint.look import Look
from aetui.paint.series import Curve, Range, Series, View, prepare
from aetui.paint.sums import accumulate
from aetui.paint.time_axis import time_labels, time_ticks

Ticks = list[tuple[float, str]]

_OUTERMOST = (1.0, 99.0)
"""The percentiles that a robust height keeps; of every k-th point where there are many."""
_POINTS = 20_000


@dataclass(frozen=True)
class Frame:
    """Where the plot lies: ``columns`` × ``rows`` cells from (top, left); ranges as drawn (log10 where log-y)."""

    left: int
    top: int
    columns: int
    rows: int
    x_range: Range
    y_range: Range
    y_ticks: Ticks = field(default_factory=list)
    x_axis: bool = False
    x_ticks: Ticks = field(default_factory=list)

    def x_at(self, column: float) -> float:
        """The x at a column of the whole chart."""
        low, high = self.x_range
        return low + (column - self.left) / max(1, self.columns - 1) * (high - low)

    def column_of(self, x: float) -> int | None:
        """The column of the whole chart where x lies; None outside the plot."""
        low, high = self.x_range
        if not math.isfinite(x):
            return None
        column = round((x - low) / (high - low) * (self.columns - 1))
        return self.left + column if 0 <= column < self.columns else None


def frame(series: Sequence[Series], columns: int, rows: int, look: Look, view: View | None = None) -> Frame:
    """Where ``paint_chart`` with the same arguments puts its plot."""
    view = view or View()
    return frame_of(ready(series, look, view), max(1, columns), max(1, rows), view)


def ready(series: Sequence[Series], look: Look, view: View) -> list[Curve]:
    """The series as ``frame_of`` and ``chart.paint_curves`` take them: in logarithms or added up as ``view`` says."""
    curves = prepare(series, look, view.log)
    return accumulate(curves) if view.stacked else curves


def frame_of(curves: list[Curve], columns: int, rows: int, view: View) -> Frame:
    """The frame of ``ready`` curves; axes and legend give way where there is too little room."""
    named = view.legend == "names" and (view.cursor is not None or any(curve.series.name for curve in curves))
    top = 1 if (view.title or named or view.legend == "values") and rows >= 4 else 0
    below = 2 if rows - top >= 5 else 0
    height = rows - top - below
    x_range = _x_range(curves, view)
    y_range = _y_range(curves, view, x_range)
    marks: Ticks = []
    if columns >= 16 and height >= 2:
        marks = y_ticks(y_range, max(2, min(height // 2, 9)), view.log)
    gutter = max((len(label) for _, label in marks), default=-1) + 1
    if columns - gutter < 8:
        marks, gutter = [], 0
    across = x_ticks(x_range, max(2, (columns - gutter) // (12 if view.x_time else 9)), view.x_time) if below else []
    return Frame(gutter, top, columns - gutter, height, x_range, y_range, marks, bool(below), across)


def x_ticks(x_range: Range, count: int, time: bool) -> Ticks:
    """At most ``count`` (≥ 2) round values with their labels; time: seconds, read like a clock."""
    values = (time_ticks if time else ticks)(*x_range, count)
    return list(zip(values.tolist(), (time_labels if time else labels)(values), strict=True))


def y_ticks(y_range: Range, count: int, log: bool) -> Ticks:
    """The same for the height; log: ``y_range`` and the ticks' places are logarithms."""
    if not log:
        values = ticks(*y_range, count)
        return list(zip(values.tolist(), labels(values), strict=True))
    values = log_ticks(10.0 ** max(y_range[0], -300), 10.0 ** min(y_range[1], 300), count)
    return list(zip(np.log10(values).tolist(), labels(values), strict=True))


def _x_range(curves: list[Curve], view: View) -> Range:
    if view.x_range is not None and view.x_range[0] < view.x_range[1]:
        return view.x_range
    ends = [end for curve in curves if len(curve.xs) for end in (curve.xs[0], curve.xs[-1])]
    return _spread(float(min(ends)), float(max(ends)), 0.0) if ends else (0.0, 1.0)


def _y_range(curves: list[Curve], view: View, x_range: Range) -> Range:
    """As drawn: of what is seen between the x's, a little wider."""
    if view.y_range is not None and view.y_range[0] < view.y_range[1]:
        if not view.log:
            return view.y_range
        if view.y_range[0] > 0:
            return float(np.log10(view.y_range[0])), float(np.log10(view.y_range[1]))
    ranges = [found for curve in curves if (found := _heights(curve, x_range, view.robust)) is not None]
    if not ranges:
        return 0.0, 1.0
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
    if view.stacked:
        return (min(low, 0.0) * 1.02, max(high, 0.0) * 1.02) if low < 0 or high > 0 else (0.0, 1.0)
    return _spread(low, high, 0.02)


def _heights(curve: Curve, x_range: Range, robust: bool) -> Range | None:
    first, last = np.searchsorted(curve.xs, x_range[0]), np.searchsorted(curve.xs, x_range[1], side="right")
    seen = curve.ys[max(0, int(first) - 1) : int(last) + 1]
    lowest = float(np.fmin.reduce(seen)) if len(seen) else np.nan
    if not np.isfinite(lowest):
        return None
    if not robust:
        return lowest, float(np.fmax.reduce(seen))
    some = seen[:: 1 + len(seen) // _POINTS]
    some = some[np.isfinite(some)]
    if not len(some):
        return None
    low, high = np.percentile(some, _OUTERMOST)
    return float(low), float(high)


def _spread(low: float, high: float, margin: float) -> Range:
    """(low, high), a little wider; never without a width."""
    size = max(abs(low), abs(high))
    if high - low <= size * 1e-9:
        half = size * 0.05 or 0.5
        return low - half, high + half
    return low - margin * (high - low), high + margin * (high - low)
