"""Which codes lie nearest, and how far codes lie from each other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.float32]
Distances = npt.NDArray[np.float64]

_PART = 512


def distances(codes: Codes, queries: Codes) -> Distances:
    """Euclidean distances of queries [m, d] to codes [n, d]: float64 [m, n], exact to float64's rounding."""
    found = np.empty((len(queries), len(codes)))
    reference = codes.astype(np.float64)
    squares = (reference**2).sum(axis=1)
    for start in range(0, len(queries), _PART):
        part = queries[start : start + _PART].astype(np.float64)
        squared = (part**2).sum(axis=1)[:, None] + squares - 2 * part @ reference.T
        found[start : start + _PART] = np.sqrt(squared.clip(0))
    return found


def to_nearest(codes: Codes, queries: Codes) -> Distances:
    """Of each of queries [m, d] the distance to the nearest of codes [n, d], n ≥ 1: float64 [m]."""
    reference = codes.astype(np.float64)
    squares = (reference**2).sum(axis=1)
    found = np.empty(len(queries))
    for start in range(0, len(queries), _PART):
        part = queries[start : start + _PART].astype(np.float64)
        closest = (squares - 2 * part @ reference.T).min(axis=1)
        found[start : start + _PART] = np.sqrt((closest + (part**2).sum(axis=1)).clip(0))
    return found


def nearest(codes: Codes, query: Codes) -> tuple[int, float]:
    """The row of codes [n, d], n ≥ 1, that is nearest to query [d], and its distance."""
    away = codes - query
    row = int(np.einsum("ij,ij->i", away, away).argmin())
    return row, float(np.linalg.norm(away[row].astype(np.float64)))


def gaps(codes: Codes) -> Distances:
    """Of each code the distance to the nearest other one: float64 [n]; 0 where there is no other."""
    if len(codes) < 2:
        return np.zeros(len(codes))
    found = np.empty(len(codes))
    for start in range(0, len(codes), _PART):
        part = distances(codes, codes[start : start + _PART])
        part[np.arange(len(part)), np.arange(start, start + len(part))] = np.inf
        found[start : start + _PART] = part.min(axis=1)
    return found
