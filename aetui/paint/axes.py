"""Ticks with sensible numbers and short labels.

``ticks(low, high, count)`` → ascending values at 1, 2 or 5 · 10^k; ``log_ticks`` the same for a logarithmic axis;
``labels(values)`` → one string each, all different; ``number(value)`` for read-outs.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

_SUFFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"))
_MOST_DECIMALS = 6


def ticks(low: float, high: float, count: int) -> Values:
    """Round values in [low, high], low < high, evenly spaced: as many as ``count`` (≥ 2) allows, at least one."""
    power = math.floor(math.log10((high - low) / count))
    for exponent, factor in ((power + more, factor) for more in (0, 1, 2) for factor in (1, 2, 5)):
        step = factor * 10.0**exponent
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < count:
            break
    if last < first:
        return np.array([(low + high) / 2])
    values = np.arange(first, last + 1, dtype=np.float64) * step
    return np.asarray(values if exponent >= 0 else np.round(values, -exponent + 1), np.float64)


def log_ticks(low: float, high: float, count: int) -> Values:
    """The same for a logarithmic axis, 0 < low < high: powers of ten, with 2 and 5 between where there is room."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for factors in ((1, 2, 5), (1, 3), (1,)):
        values = [factor * 10.0**power for power in range(first, last + 1) for factor in factors]
        inside = [value for value in values if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)]
        if 2 <= len(inside) <= count:
            return np.array(inside)
    if len(inside) > count:
        return np.array(inside[:: math.ceil(len(inside) / max(1, count))])
    return ticks(low, high, count)


def labels(values: Values) -> list[str]:
    """``values`` (ascending) in the fewest digits that tell neighbours apart; k, M, G for large ones."""
    if len(values) <= 1:
        return [number(float(value)) for value in values]
    largest = float(np.abs(values).max())
    step = float(np.diff(values).min())
    if float(np.diff(values).max()) > 1.5 * step:
        return [number(float(value)) for value in values]
    scale, suffix = next(((scale, suffix) for scale, suffix in _SUFFIXES if largest >= 10 * scale), (1.0, ""))
    decimals = max(0, -math.floor(math.log10(step / scale) + 1e-9))
    if not scale * 1e-5 <= largest < scale * 1e7 or decimals > _MOST_DECIMALS:
        digits = max(0, math.floor(math.log10(largest) + 1e-9) - math.floor(math.log10(step) + 1e-9))
        return ["0" if value == 0 else _scientific(float(value), min(digits, 16)) for value in values]
    return ["0" if value == 0 else f"{value / scale:.{decimals}f}" + suffix for value in values + 0.0]


def number(value: float, digits: int = 4) -> str:
    """``value`` to ``digits`` significant digits, short: 0.0123, 1.2M, 3e-07; NaN is "nan"."""
    if not math.isfinite(value):
        return str(value)
    if value == 0:
        return "0"
    if not 1e-4 <= abs(value) < 1e12:
        return _scientific(value, digits - 1, strip=True)
    scale, suffix = next(((scale, suffix) for scale, suffix in _SUFFIXES if abs(value) >= 10 * scale), (1.0, ""))
    return f"{value / scale:.{digits}g}".replace("e+0", "e") + suffix


def _scientific(value: float, decimals: int, *, strip: bool = False) -> str:
    mantissa, exponent = f"{value:.{decimals}e}".split("e")
    if strip and "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}"
