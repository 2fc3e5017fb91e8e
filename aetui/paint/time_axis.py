"""Seconds on an axis: ``duration(seconds)`` → "1:02:03", ``time_ticks(low, high, count)`` at round times of a clock."""

from __future__ import annotations

import math

import numpy as np

from aetui.paint.axes import Values, number, ticks

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_STEPS = (
    *(1.0, 2.0, 5.0, 10.0, 15.0, 30.0),
    *(minutes * _MINUTE for minutes in (1, 2, 5, 10, 15, 30)),
    *(hours * _HOUR for hours in (1, 2, 3, 6, 12)),
)


def duration(seconds: float) -> str:
    """h:mm:ss, with fractions below ten seconds, days above ("2d 3:00:00"); "nan" where it is no number."""
    if not math.isfinite(seconds):
        return str(seconds)
    sign = "-" if seconds < 0 else ""
    seconds = abs(seconds)
    if seconds < 10 and seconds != round(seconds):
        return f"{sign}{number(seconds, 3)}s"
    whole = round(seconds)
    days, rest = divmod(whole, int(_DAY))
    text = f"{rest // 3600}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{sign}{number(days)}d {text}" if days else sign + text


def time_ticks(low: float, high: float, count: int) -> Values:
    """Round times in [low, high] seconds, low < high: at most ``count`` (≥ 2) of them, at least one."""
    if high - low < count:
        return ticks(low, high, count)
    step = next((step for step in _STEPS if (high - low) / step < count), None)
    if step is None:
        return ticks(low / _DAY, high / _DAY, count) * _DAY
    found = np.arange(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1, dtype=np.float64) * step
    return found if len(found) else np.array([(low + high) / 2])


def time_labels(values: Values) -> list[str]:
    """``values`` (ascending seconds) as clock times, with the decimals that tell neighbours apart."""
    step = float(np.diff(values).min()) if len(values) > 1 else 1.0
    decimals = min(9, max(0, -math.floor(math.log10(step) + 1e-9))) if step > 0 else 0
    if not decimals:
        return [duration(float(np.rint(value))) for value in values]
    return [_with_decimals(float(value), decimals) for value in values]


def _with_decimals(seconds: float, decimals: int) -> str:
    text = f"{abs(seconds):.{decimals}f}"
    whole, _, fraction = text.partition(".")
    sign = "-" if seconds < 0 and float(text) else ""
    return sign + (f"{text}s" if len(whole) < 3 and float(text) < 60 else f"{duration(float(whole))}.{fraction}")
