"""Where the pictures of a manifold are taken: values along one axis of the codes."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_OUTERMOST = 0.0005
"""Quantiles of the prior go to ±3.3 σ: beyond them lies one code of a thousand."""


@dataclass(frozen=True, kw_only=True)
class Even:
    """Equal steps: 0 is ``low``, 1 is ``high``; beyond them it goes on."""

    low: float
    high: float

    def at(self, shares: npt.ArrayLike) -> Floats:
        """The values at shares of the way from low to high; float64, ascending with them."""
        return np.asarray(self.low + np.asarray(shares, np.float64) * (self.high - self.low))


@dataclass(frozen=True, kw_only=True)
class Quantiles:
    """Equal shares of the prior N(mean, 1): dense about its mean, sparse far out.

    Source: Kingma & Welling 2014, figure 4.
    """

    mean: float = 0.0

    def at(self, shares: npt.ArrayLike) -> Floats:
        """The prior's quantiles at shares in (0, 1); what lies beyond is taken at 0.0005 and 0.9995."""
        normal = NormalDist(self.mean, 1.0)
        inside = np.asarray(shares, np.float64).clip(_OUTERMOST, 1 - _OUTERMOST)
        return np.array([normal.inv_cdf(share) for share in inside.ravel().tolist()]).reshape(inside.shape)


Spacing = Even | Quantiles


def middles(window: tuple[float, float], count: int) -> Floats:
    """The middles of ``count`` equal parts of a window, ascending."""
    low, high = window
    return np.asarray(low + (np.arange(count) + 0.5) * ((high - low) / max(1, count)))
