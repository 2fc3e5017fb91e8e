"""Which dimension of the code follows which attribute: mutual information and its gap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Exact = npt.NDArray[np.float64]
Bins = npt.NDArray[np.intp]

BINS = 20
"""Bins of equal count that a dimension, or an attribute with more values than that, is cut into, at most."""

_FEWEST_BINS = 3
_PER_CELL = 5
"""Images per pair of bins: with fewer they share much by chance."""

FEWEST = 50
"""Images; of fewer nothing can be said."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Information:
    """shared: float64 [d, a], I(zᵢ; vⱼ) / H(vⱼ), from 0 (nothing) to 1 (the dimension gives the attribute away).

    chance: float64 [a], about what a dimension shares that has nothing to do with the attribute. gap: float64 [a], MIG:
    by how much the dimension that shares most beats the next. An attribute that never changes has 0 everywhere.
    """

    shared: Exact
    chance: Exact
    gap: Exact

    def best(self, attribute: int) -> int:
        """The dimension that shares most with an attribute."""
        return int(self.shared[:, attribute].argmax())


def information(codes: Floats, attributes: Floats) -> Information:
    """codes: [n, d]; attributes: [n, a]; n ≥ 1. What is continuous is cut into ``bins_for(n)`` bins of equal count.

    Chance is the bias of the estimate from counts: (kz − 1)(kv − 1) / 2n nats for kz and kv bins.
    Source: Chen, Li, Grosse & Duvenaud 2018, "Isolating sources of disentanglement in VAEs", section 4 (the gap, and
    the division by H(vⱼ)); Miller 1955 (the bias).
    """
    bins = bins_for(len(codes))
    cut_codes = [cut(column, bins) for column in codes.T]
    cut_attributes = [cut(column, bins) for column in attributes.T]
    shared = np.zeros((len(cut_codes), len(cut_attributes)))
    chance = np.zeros(len(cut_attributes))
    for j, values in enumerate(cut_attributes):
        whole = entropy(np.bincount(values))
        if whole <= 0:
            continue
        for i, places in enumerate(cut_codes):
            shared[i, j] = mutual_information(places, values) / whole
        most = max((int(places.max()) for places in cut_codes), default=0)
        chance[j] = most * int(values.max()) / (2 * len(values)) / whole
    return Information(shared=shared.clip(0, 1), chance=chance.clip(0, 1), gap=gaps(shared.clip(0, 1)))


def gaps(shared: Exact) -> Exact:
    """The highest minus the second highest of each column; of a single row the highest itself."""
    padded = np.vstack([shared, np.zeros((2, shared.shape[1]))])
    *_, second, first = np.sort(padded, axis=0)
    return np.asarray(first - second)


def bins_for(count: int) -> int:
    """√(n/5): then chance is about 0.03 of an attribute, however few images there are."""
    return max(_FEWEST_BINS, min(BINS, int((count / _PER_CELL) ** 0.5)))


def cut(values: Floats, bins: int = BINS) -> Bins:
    """values: [n], n ≥ 1, finite. The bin of each, 0 … k − 1, none of them empty: a bin for each value where there are
    at most ``BINS`` values, else by quantiles, equal values in one bin."""
    known, which = np.unique(values, return_inverse=True)
    if len(known) > BINS:
        edges = np.quantile(values.astype(np.float64), np.arange(1, bins) / bins)
        _, which = np.unique(np.searchsorted(edges, values.astype(np.float64), side="right"), return_inverse=True)
    return np.asarray(which.reshape(-1), np.intp)


def mutual_information(a: Bins, b: Bins) -> float:
    """I(a; b) in nats, from counts; a, b: [n], n ≥ 1, ≥ 0."""
    across = int(b.max()) + 1
    together = np.bincount(a * across + b, minlength=(int(a.max()) + 1) * across).reshape(-1, across)
    found = entropy(together.sum(axis=0)) + entropy(together.sum(axis=1)) - entropy(together.reshape(-1))
    return max(0.0, found)


def entropy(counts: npt.NDArray[np.integer]) -> float:
    """In nats, of what is proportional to ``counts``, whose sum is > 0."""
    share = counts[counts > 0] / counts.sum()
    return float(-(share * np.log(share)).sum()) + 0.0
