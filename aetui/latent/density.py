"""How densely points of the plane lie: a Gaussian kernel density on a raster, and its highest-density regions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Range = tuple[float, float]

REGIONS = (0.99, 0.9, 0.7, 0.4)
"""Shares of the points that the shaded regions hold, from the widest to the narrowest."""


def centres(low: float, high: float, count: int) -> Floats:
    """The centres of ``count`` equal cells between low and high, ascending."""
    return np.asarray(low + (np.arange(count) + 0.5) * ((high - low) / max(1, count)))


def bandwidth(values: Floats) -> float:
    """Half of Scott's rule for two dimensions, σ · n^(−1/6), which is for one normal cluster: codes lie in several.

    Source: Scott 1992, "Multivariate Density Estimation", 6.3.
    """
    return 0.5 * float(values.std()) * len(values) ** (-1 / 6) if len(values) else 0.0


def density(points: Floats, x_range: Range, y_range: Range, columns: int, rows: int) -> Floats:
    """The kernel density of points [n, 2] at the centres of rows × columns cells: float64 [rows, columns].

    Row 0 is the top: the highest y. The integral over the plane is 1. A kernel is no narrower than a cell, so that
    points which all lie on a line can be seen. The kernel is a product, hence two matrices and no loop over points.
    """
    if not len(points) or columns < 1 or rows < 1:
        return np.zeros((max(0, rows), max(0, columns)))
    across = _kernel(points[:, 0], x_range, columns)
    up = _kernel(points[:, 1], y_range, rows)[:, ::-1]
    return np.asarray(up.T @ across / len(points))


def _kernel(values: Floats, ends: Range, count: int) -> Floats:
    """[n, count]: of each value the Gaussian at each cell's centre."""
    width = max(bandwidth(values), (ends[1] - ends[0]) / count * 0.75, 1e-30)
    away = (centres(*ends, count) - values[:, None]) / width
    return np.asarray(np.exp(-0.5 * np.minimum(away**2, 1400)) / (width * np.sqrt(2 * np.pi)))


def levels(raster: Floats, at_points: Floats) -> npt.NDArray[np.int64]:
    """The region that each cell of a raster lies in: 0 outside of all ``REGIONS``, 1 in the widest, up to 4.

    at_points: the density where each of the points lies. A region is where the density is higher than at all but its
    share of the points. Source: Hyndman 1996, "Computing and graphing highest density regions".
    """
    if not len(at_points):
        return np.zeros(raster.shape, np.int64)
    thresholds = np.quantile(at_points, [1 - share for share in REGIONS])
    return np.asarray(np.searchsorted(thresholds, raster, side="right"), np.int64)
