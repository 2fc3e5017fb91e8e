"""Curves on top of each other: ``accumulate`` adds them up, ``means`` gives one height per column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from aetui.paint.curves import Values
from aetui.paint.series import Curve


def accumulate(curves: Sequence[Curve]) -> list[Curve]:
    """The upper edges of the areas, at the steps of the first curve; a gap in one is a gap in all above it.

    ``values`` stay those of each curve alone, at its own steps.
    """
    if not curves:
        return []
    xs = curves[0].xs
    total = np.zeros(len(xs))
    made = []
    for curve in curves:
        same = len(curve.xs) == len(xs) and bool((curve.xs == xs).all())
        total = total + (curve.ys if same else _at(curve, xs))
        made.append(replace(curve, xs=xs, ys=total, values=curve.values if same else _at(curve, xs)))
    return made


def _at(curve: Curve, xs: Values) -> Values:
    if not len(curve.xs):
        return np.full(len(xs), np.nan)
    return np.asarray(np.interp(xs, curve.xs, curve.ys, left=np.nan, right=np.nan), np.float64)


def means(xs: Values, ys: Values, x_range: tuple[float, float], columns: int) -> Values:
    """The mean of the points in each of ``columns`` columns; between points the line through them. NaN in a gap.

    xs: finite, ascending; ys: the same length. Columns as for ``curves.envelope``. Returns [columns].
    """
    low, high = x_range
    width = (high - low) / max(1, columns - 1)
    centres = low + np.arange(columns) * width
    if not len(xs):
        return np.full(columns, np.nan)
    found = np.asarray(np.interp(centres, xs, ys, left=np.nan, right=np.nan), np.float64)
    edges = low + (np.arange(columns + 1) - 0.5) * width if columns > 1 else np.array([low, np.nextafter(high, np.inf)])
    after = np.searchsorted(xs, edges)
    filled = after[1:] > after[:-1]
    if filled.any():
        starts = after[:-1][filled]
        sums = np.add.reduceat(np.where(np.isfinite(ys), ys, 0.0)[: after[-1]], starts)
        counts = np.add.reduceat(np.isfinite(ys)[: after[-1]].astype(np.int64), starts)
        with np.errstate(invalid="ignore"):
            found[filled] = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return found
