"""Numbers as short texts: sparklines, durations, rates. Pure functions."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

BLOCKS = "▁▂▃▄▅▆▇█"
ASCII_LEVELS = "_.-=+*#"


def sparkline(values: npt.NDArray[np.float64], width: int, *, unicode: bool = True) -> str:
    """``values`` [n] as ``width`` characters, the mean of a slice each; NaN is left out, an empty slice is a space.

    The height is the logarithm where all values are positive: losses fall fast, then slowly.
    """
    if width < 1:
        return ""
    finite = values[np.isfinite(values)]
    if len(finite) < 2:
        return ""
    scaled = np.log(finite) if finite.min() > 0 else finite / np.abs(finite).max(initial=1e-300)
    width = min(width, len(scaled))
    edges = np.linspace(0, len(scaled), width + 1).astype(int)
    heights = np.add.reduceat(scaled, edges[:-1]) / np.diff(edges)
    low, high = float(heights.min()), float(heights.max())
    levels = BLOCKS if unicode else ASCII_LEVELS
    if high <= low:
        return levels[0] * width
    steps = np.rint((heights - low) / (high - low) * (len(levels) - 1)).astype(int)
    return "".join(levels[step] for step in steps)


def short_number(value: float | None) -> str:
    """At most seven characters: ``0.0123``, ``12.35``, ``1.2e+06``; nothing for None."""
    if value is None or not math.isfinite(value):
        return ""
    if value and not 1e-4 <= abs(value) < 1e5:
        return f"{value:.1e}"
    return f"{value:.4g}"


def rate(value: float | None) -> str:
    """Images per second: ``850``, ``12.3k``, ``1.2M``."""
    if value is None or not math.isfinite(value):
        return ""
    for limit, unit, scale in ((1e3, "", 1.0), (1e6, "k", 1e3), (math.inf, "M", 1e6)):
        if abs(value) < limit:
            return f"{value / scale:.3g}{unit}"
    return ""


def duration(seconds: float | None) -> str:
    """``42s``, ``3m12s``, ``1h05m``, ``2d03h``; nothing for None."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return ""
    whole = round(seconds)
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if days:
        return f"{days}d{hours % 24:02}h"
    if hours:
        return f"{hours}h{minutes % 60:02}m"
    return f"{minutes}m{whole % 60:02}s" if minutes else f"{whole}s"
