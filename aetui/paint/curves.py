"""Curves to dots: the exact envelope of a polyline per column of dots, so that no spike is lost.

``envelope(xs, ys, x_range, columns)`` → the lowest and the highest value of the line in each column;
``dots(low, high, y_range, rows)`` → bool [rows, columns], as ``braille.put_dots`` takes them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aetui.paint.braille import Dots

Values = npt.NDArray[np.float64]


def envelope(xs: Values, ys: Values, x_range: tuple[float, float], columns: int) -> tuple[Values, Values]:
    """The range of the line through (xs, ys) in each of ``columns`` columns over ``x_range``; NaN where it is not.

    xs: finite, ascending. ys: the same length, NaN is a gap. The columns' centres run from the range's low end to its
    high end (a single one holds it all). Returns low and high, each [columns].
    """
    low, high = x_range
    width = (high - low) / max(1, columns - 1)
    edges = low + (np.arange(columns + 1) - 0.5) * width if columns > 1 else np.array([low, np.nextafter(high, np.inf)])
    after = np.searchsorted(xs, edges)
    filled = after[1:] > after[:-1]
    lowest, highest = np.full(columns, np.nan), np.full(columns, np.nan)
    if filled.any():
        starts = after[:-1][filled]
        lowest[filled] = np.fmin.reduceat(ys[: after[-1]], starts)
        highest[filled] = np.fmax.reduceat(ys[: after[-1]], starts)
    crossing = np.full(columns + 1, np.nan)
    between = (after > 0) & (after < len(xs))
    right = after[between]
    share = (edges[between] - xs[right - 1]) / (xs[right] - xs[right - 1])
    crossing[between] = ys[right - 1] * (1 - share) + ys[right] * share
    lowest = np.fmin(lowest, np.fmin(crossing[:-1], crossing[1:]))
    highest = np.fmax(highest, np.fmax(crossing[:-1], crossing[1:]))
    return lowest, highest


def dots(lowest: Values, highest: Values, y_range: tuple[float, float], rows: int) -> Dots:
    """The envelope as dots [rows, columns], row 0 at the top; what lies outside ``y_range`` is cut off."""
    low, high = y_range
    seen = (highest >= low) & (lowest <= high)
    scale = (rows - 1) / (high - low)
    top = np.rint((high - np.where(seen, highest, high).clip(low, high)) * scale)
    bottom = np.rint((high - np.where(seen, lowest, high).clip(low, high)) * scale)
    row = np.arange(rows)[:, None]
    return np.asarray((row >= top) & (row <= bottom) & seen, np.bool_)
