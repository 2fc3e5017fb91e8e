"""Codes on a lattice of a plane through a ``Space``: where the pictures of a manifold are taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aetui.latent.nearest import Codes, to_nearest
from aetui.latent.space import Axis, Space
from aetui.latent.spacing import Even, Quantiles, Spacing, middles
from aetui.latent.window import Window

Floats = npt.NDArray[np.float64]

_OUTERMOST = (0.01, 0.99)
"""Quantiles of the codes between which even steps lie."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Lattice:
    """Row by row, the largest b first. a, b: float64 [n], along the two axes. codes: float32 [n, d].

    far: bool [n], farther from the nearest code than 99 % of the codes are from theirs. y: None where the code has one
    dimension only, which then goes on from row to row.
    """

    x: Axis
    y: Axis | None
    a: Floats
    b: Floats
    codes: Codes
    far: npt.NDArray[np.bool_]


def spacing_of(axis: Axis, *, quantiles: bool) -> Spacing:
    """Quantiles of the prior N(0, 1), or even steps from the 1st to the 99th percentile of the codes."""
    if quantiles:
        return Quantiles(mean=axis.prior)
    low, high = np.quantile(axis.values.astype(np.float64), _OUTERMOST).tolist()
    return Even(low=low, high=high if high > low else low + 1.0)


def lattice(
    space: Space,
    x: Axis,
    y: Axis,
    across: int,
    down: int,
    *,
    quantiles: bool,
    windows: tuple[Window, Window],
) -> Lattice:
    """``across`` × ``down`` codes on the plane of x and y. windows: the parts of both axes, in shares of the whole."""
    if space.width == 1:
        return _line(space, x if x.direction.any() else y, across * down, quantiles=quantiles, window=windows[0])
    a = np.tile(spacing_of(x, quantiles=quantiles).at(middles(windows[0], across)), down)
    b = np.repeat(spacing_of(y, quantiles=quantiles).at(middles(windows[1], down))[::-1], across)
    codes = space.codes(x, y, a, b)
    return Lattice(x=x, y=y, a=a, b=b, codes=codes, far=_far(space, codes))


def _line(space: Space, x: Axis, count: int, *, quantiles: bool, window: Window) -> Lattice:
    a = spacing_of(x, quantiles=quantiles).at(middles(window, count))
    codes = (space.base + (a - x.mean)[:, None] * x.direction).astype(np.float32)
    return Lattice(x=x, y=None, a=a, b=np.zeros(count), codes=codes, far=_far(space, codes))


def _far(space: Space, codes: Codes) -> npt.NDArray[np.bool_]:
    return np.asarray(to_nearest(space.measured, space.measure(codes)) > space.far_gap, np.bool_)
