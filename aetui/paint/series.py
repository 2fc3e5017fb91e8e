"""What a chart is made of: ``Series``, what is seen of them: ``View``, and ``prepare``, which makes them drawable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aetui.paint.colours import series_colour
from aetui.paint.curves import Values
from aetui.paint.look import Look

Range = tuple[float, float]

MARKERS = "*+ox#@%&"
"""How the series differ where colours or braille are missing."""

_LARGEST = 1e300
"""Beyond it a point is left out or brought back, so that the width of a range never overflows."""


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
class Curve:
    """A series ready to be drawn: xs ascending, ys as drawn (logarithms where log-y), its colour and marker."""

    xs: Values
    ys: Values
    values: Values
    series: Series
    colour: int
    marker: str


def prepare(series: Sequence[Series], look: Look, log_y: bool) -> list[Curve]:
    """The series sorted by x, in logarithms where log_y, gaps as NaN, each with its colour and marker."""
    curves = []
    for place, one in enumerate(series):
        xs, values = np.asarray(one.xs, np.float64), np.asarray(one.ys, np.float64)
        known = np.abs(xs) <= _LARGEST
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
        curves.append(Curve(xs, ys, values, one, series_colour(index, look, faint=one.faint), marker))
    return curves
