"""The dimensions of a code in the order of what they carry, and how far each one reaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aetui.latent.posterior import Posterior, kl_per_dimension
from trainer.variants.variational import ACTIVE_VARIANCE

Exact = npt.NDArray[np.float64]

STILL = 1e-6
"""A dimension of a code without a prior counts as dead where its variance is not more than this."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Dimensions:
    """order: int64 [d], what carries most first, dead ones last. score: float64 [d], by dimension: the mean KL to the
    prior in nats, or the variance of the code (``unit`` says which). dead: bool [d]. centre, spread: float64 [d],
    spread > 0: where a dimension's values lie; 0 and 1 where there is a prior. positive: no value is below 0.
    """

    order: npt.NDArray[np.int64]
    score: Exact
    dead: npt.NDArray[np.bool_]
    centre: Exact
    spread: Exact
    unit: str
    positive: bool = False

    def reach(self, dimension: int, sigmas: float) -> tuple[float, float]:
        """The lowest and the highest value that is worth looking at, ``sigmas`` from the centre."""
        centre, spread = float(self.centre[dimension]), float(self.spread[dimension])
        low = centre - sigmas * spread
        return (max(0.0, low) if self.positive else low), centre + sigmas * spread


def dimensions_of(codes: npt.NDArray[np.floating], posterior: Posterior | None) -> Dimensions:
    """What the dimensions of ``codes`` [n, d] carry; posterior: that of the same images, where there is one.

    Dead is, with a prior, what Burda et al. 2016, section 5.2, call inactive: Var(μ) ≤ 0.01 over the images.
    """
    exact = np.nan_to_num(codes.astype(np.float64))
    width = exact.shape[1]
    variance = exact.var(axis=0) if len(exact) else np.zeros(width)
    if posterior is not None:
        score = kl_per_dimension(posterior).mean(axis=0)
        dead = variance <= ACTIVE_VARIANCE
        centre, spread, unit = np.zeros(width), np.ones(width), "nats"
    else:
        score, dead = variance, variance <= STILL
        centre = exact.mean(axis=0) if len(exact) else np.zeros(width)
        spread, unit = np.sqrt(variance), "variance"
        alive = spread[~dead]
        spread = np.where(dead, float(alive.mean()) if len(alive) else 1.0, spread)
    order = np.lexsort((-score, dead)).astype(np.int64)
    positive = posterior is None and len(exact) > 0 and bool((exact >= 0).all())
    return Dimensions(order=order, score=score, dead=dead, centre=centre, spread=spread, unit=unit, positive=positive)
