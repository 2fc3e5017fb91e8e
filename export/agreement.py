"""Do two computations agree? What may separate them, by the precision that the graph computes in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

ABSOLUTE = 1e-5
RELATIVE = 1e-4
"""float32. Wider than at export: another processor sums in another order."""

HALF = 2e-3
"""float16 has 11 bits, and a runtime may sum in them or in float32: 2e-3 · (1 + max|y|)."""

STEPS = 2
"""int8. Where two values lie either side of a rounding, they end a whole quantum apart, and the layers behind may make
ten of one (a sigmoid does of a logit's). One pixel may therefore differ by a lot, but not all of them: the root mean
square stays below so many of the 255 steps that there are up to the largest value."""


@dataclass(frozen=True)
class Difference:
    """How far two arrays are apart. largest: |a − b|, infinite where that is not a number or the shapes differ."""

    largest: float
    excessive: bool
    """More than rounding."""


def compare(
    found: npt.NDArray[Any], wanted: npt.NDArray[Any], precision: str = "fp32", scale: float | None = None
) -> Difference:
    """Compare two computations of one tensor in a graph of ``precision`` (fp32, fp16 or int8), of any dtype.

    scale: max|y|, which the tolerance grows with; default that of ``wanted``. Bytes may be off by one.
    """
    if found.shape != wanted.shape:
        return Difference(math.inf, excessive=True)
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(found.astype(np.float64) - wanted.astype(np.float64))
        largest = float(apart.max(initial=0.0))
    if not math.isfinite(largest):
        return Difference(math.inf, excessive=True)
    measured = _root_mean_square(apart) if precision == "int8" else largest
    return Difference(largest, not measured <= tolerance(wanted.dtype, precision, largest_value(wanted, scale)))


def tolerance(dtype: np.dtype[Any], precision: str, scale: float) -> float:
    """What may separate two computations of values up to ``scale``: the largest difference, for int8 the RMS."""
    whole = np.issubdtype(dtype, np.integer)
    if precision == "int8":
        return float(STEPS) if whole else STEPS * scale / 255
    if whole:
        return 1.0 if dtype.itemsize == 1 else 0.0
    return HALF * (1 + scale) if precision == "fp16" else ABSOLUTE + RELATIVE * scale


def _root_mean_square(values: npt.NDArray[np.float64]) -> float:
    return math.sqrt(float(np.square(values).mean())) if values.size else 0.0


def largest_value(values: npt.NDArray[Any], scale: float | None = None) -> float:
    """max|y| of ``values``, or ``scale`` where that is given."""
    return float(np.abs(values.astype(np.float64)).max(initial=0.0)) if scale is None else scale
