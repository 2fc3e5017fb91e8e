"""Principal components of codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Components:
    """mean: float64 [d]. directions: float64 [k, d], orthonormal rows, the widest spread first.

    shares: float64 [k], of the whole variance along each, 0 to 1.
    """

    mean: Floats
    directions: Floats
    shares: Floats

    def scores(self, codes: npt.ArrayLike) -> Floats:
        """codes: [n, d] → their coordinates along the directions, float64 [n, k]."""
        return np.asarray((np.asarray(codes, np.float64) - self.mean) @ self.directions.T)


def principal(codes: npt.ArrayLike, count: int) -> Components:
    """The first ``count`` principal components of codes [n, d], n ≥ 1; fewer where d is smaller.

    Each direction's largest entry is positive, so that the same codes always lie the same way round. Directions
    without any spread (n too small, equal codes) are still orthonormal; their share is 0.
    Source: Jolliffe 2002, "Principal Component Analysis", 2nd edition, chapter 3.
    """
    values = np.asarray(codes, np.float64)
    mean = values.mean(axis=0)
    centred = values - mean
    n, d = centred.shape
    if d <= n or d <= 64:
        spread, vectors = np.linalg.eigh(centred.T @ centred)
        spread, directions = spread[::-1].clip(0), vectors[:, ::-1].T
    else:
        _, singular, directions = np.linalg.svd(centred, full_matrices=False)
        spread = singular**2
    directions, total = directions[:count], float(spread.sum())
    largest = np.abs(directions).argmax(axis=1)
    signs = np.where(directions[np.arange(len(directions)), largest] < 0, -1.0, 1.0)
    shares = spread[:count] / total if total > 0 else np.zeros(len(directions))
    return Components(mean=mean, directions=directions * signs[:, None], shares=shares)
