"""What a chart is made of: ``Series``, what is seen of them: ``View``, and ``prepare``, which makes them drawable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from aetui.paint.cells import DEFAULT
from aetui.paint.colours import series_colour
from aetui.paint.curves import Values
from aetui.paint.look import Look

Range = tuple[float, float]
Legend = Literal["names", "values", "none"]

MARKERS = "*+ox#@%&"
"""How the series differ where colours or braille are missing; those of one colour by letters."""
_LETTERS = "abcdefgh", "ABCDEFGH"

_LARGEST = 1e300
"""Beyond it a point is left out or brought back, so that the width of a range never overflows."""
_LOOK_BACK = 1000
"""Values at the end among which the last finite one nearly always is."""


@dataclass(frozen=True, eq=False)
class Series:
    """xs, ys: float arrays of one length, NaN or infinite ys are gaps. colour: index into the cycle, None: by place.

    faint: drawn behind the others and quietly (training behind validation); ghost: behind even those, gray and sparse
    (the raw values of a smoothed curve); dashed: in front, with gaps (the baseline). Nameless ones are not in the
    legend. twin: how many curves before have its colour; above 0 it is dotted, and more loosely for each.
    The name must have gone through ``outside_text.plain``.
    """

    xs: npt.ArrayLike
    ys: npt.ArrayLike
    name: str = ""
    colour: int | None = None
    faint: bool = False
    ghost: bool = False
    dashed: bool = False
    twin: int = 0

    @property
    def layer(self) -> int:
        """What lies further behind has a lower one."""
        return 0 if self.ghost else 1 if self.faint else 3 if self.dashed else 2


@dataclass(frozen=True, kw_only=True)
class View:
    """title: above the plot; x_label: below; ranges: None is all of the data; cursor: an x, or None.

    x_time: x is in seconds and read like a clock. robust: the height leaves out the outermost 2 % of the points.
    stacked: the series are areas on top of each other, the first one at the bottom, from 0. legend: names with their
    values at the cursor, the values alone (the last ones without a cursor), or none. marks: x's that are pointed out
    below the axis. empty: said where there is nothing to draw.
    """

    title: str = ""
    x_label: str = "step"
    x_range: Range | None = None
    y_range: Range | None = None
    log_y: bool = False
    cursor: float | None = None
    x_time: bool = False
    robust: bool = False
    stacked: bool = False
    legend: Legend = "names"
    marks: tuple[float, ...] = ()
    empty: str = "nothing to draw yet"

    @property
    def log(self) -> bool:
        """Heights are logarithms: never those of areas, which start at 0."""
        return self.log_y and not self.stacked


@dataclass(frozen=True)
class Curve:
    """A series ready to be drawn: xs ascending, ys as drawn (logarithms where log-y), its colour and marker."""

    xs: Values
    ys: Values
    values: Values
    series: Series
    colour: int
    marker: str

    def value_at(self, x: float) -> float | None:
        """The value nearest to x, NaN in a gap; None beside the curve."""
        return nearest_value(self.xs, self.values, x)

    def last(self) -> float | None:
        """The last value that is one."""
        return last_value(self.values)


def nearest_value(xs: Values, values: Values, x: float) -> float | None:
    """Of values [n] at ascending xs [n] the one nearest to x, NaN in a gap; None where x lies before or after all."""
    if not len(xs) or not xs[0] <= x <= xs[-1]:
        return None
    right = int(np.searchsorted(xs, x).clip(0, len(xs) - 1))
    left = max(0, right - 1)
    return float(values[left if x - xs[left] < xs[right] - x else right])


def last_value(values: Values) -> float | None:
    """The last of values [n] that is finite; None where none is."""
    for first in (max(0, len(values) - _LOOK_BACK), 0):
        known = np.flatnonzero(np.isfinite(values[first:]))
        if len(known):
            return float(values[first + known[-1]])
    return None


def marker_of(colour: int, twin: int) -> str:
    """The character of a curve in front; different for eight colours and three curves of each."""
    return (MARKERS, *_LETTERS)[min(twin, 2)][colour % len(MARKERS)]


def prepare(series: Sequence[Series], look: Look, log_y: bool) -> list[Curve]:
    """The series sorted by x, in logarithms where log_y, gaps as NaN, each with its colour and marker.

    What is in order already, as logs are, is not copied.
    """
    curves = []
    for place, one in enumerate(series):
        xs, values = _by_x(np.asarray(one.xs, np.float64), np.asarray(one.ys, np.float64))
        ys = _bounded(values)
        if log_y:
            ys = np.log10(ys if len(ys) and np.fmin.reduce(ys) > 0 else np.where(ys > 0, ys, np.nan))
        index = place if one.colour is None else one.colour
        marker = "." if one.ghost else ":" if one.faint else marker_of(index, one.twin)
        curves.append(Curve(xs, ys, values, one, _colour(one, index, look), marker))
    return curves


def _by_x(xs: Values, values: Values) -> tuple[Values, Values]:
    if not len(xs) or ((xs[1:] >= xs[:-1]).all() and xs[0] >= -_LARGEST and xs[-1] <= _LARGEST):
        return xs, values
    known = np.abs(xs) <= _LARGEST
    xs, values = xs[known], values[known]
    order = np.argsort(xs, kind="stable")
    return xs[order], values[order]


def _bounded(values: Values) -> Values:
    """NaN where a value is not finite, at most ``_LARGEST``."""
    if not len(values) or (np.fmin.reduce(values) >= -_LARGEST and np.fmax.reduce(values) <= _LARGEST):
        return values
    return np.where(np.isfinite(values), values.clip(-_LARGEST, _LARGEST), np.nan)


def _colour(series: Series, index: int, look: Look) -> int:
    if not series.ghost:
        return series_colour(index, look, faint=series.faint)
    if look.depth == "mono":
        return DEFAULT
    if look.depth == "16":
        return 8 if look.dark else 7
    return 239 if look.dark else 251
