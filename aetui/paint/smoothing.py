"""``smooth(ys, weight)``: the exponential moving average of a curve without start-up bias."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

WEIGHTS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
"""The steps that keys go through: an average over about 1/(1 − weight) points."""

_BLOCK = 64
_EXACT = 38.0
"""1 − exp(−38) is 1 in float64: behind it there is no bias to correct."""


def smooth(ys: Values, weight: float) -> Values:
    """Exponential moving average: s = weight · s + (1 − weight) · y, divided by the weights so far; NaN stays a gap.

    ys: [n]. weight: 0 (as it is) to < 1. Returns [n]. Source: Kingma & Ba 2015, section 3 (the bias correction).
    """
    if weight <= 0 or len(ys) == 0:
        return ys
    finite = np.isfinite(ys)
    known = ys if finite.all() else ys[finite]
    smoothed = _decayed_sums(known, weight) * (1 - weight)
    biased = min(len(known), math.ceil(_EXACT / -math.log(weight)))
    smoothed[:biased] /= -np.expm1(np.arange(1, biased + 1) * math.log(weight))
    if known is ys:
        return smoothed
    result = np.full(len(ys), np.nan)
    result[finite] = smoothed
    return result


def _decayed_sums(ys: Values, weight: float) -> Values:
    """S with S[t] = Σ weight^(t − i) · ys[i] over i ≤ t: in all blocks at once, then from block to block again so.

    Every term is positive times y, so nothing cancels; the plain recursion takes many times as long.
    """
    count = len(ys)
    blocks = -(-count // _BLOCK)
    padded = np.zeros((blocks, _BLOCK))
    padded.reshape(-1)[:count] = ys
    sums = np.ascontiguousarray(padded.T)  # [place in the block, block]
    for place in range(1, _BLOCK):
        sums[place] += weight * sums[place - 1]
    if blocks > 1:
        carried = _decayed_sums(sums[-1], weight**_BLOCK)
        sums[:, 1:] += weight ** np.arange(1, _BLOCK + 1)[:, None] * carried[:-1]
    return np.asarray(sums.T.reshape(-1)[:count], np.float64)
