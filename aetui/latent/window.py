"""A part of an axis, in shares of the whole: what zooming and panning do to it."""

from __future__ import annotations

Window = tuple[float, float]

ALL: Window = (0.0, 1.0)
CLOSEST, WIDEST = 1e-3, 8.0
"""How small and how large a part may be, against the whole."""


def is_window(low: float, high: float) -> bool:
    """Whether it is neither too small nor too large, nor too far away."""
    return CLOSEST <= high - low <= WIDEST and low >= -WIDEST and high <= WIDEST + 1


def moved(window: Window, share: float) -> Window:
    """``share`` of itself further, where that is not too far."""
    by = share * (window[1] - window[0])
    low, high = window[0] + by, window[1] + by
    return (low, high) if is_window(low, high) else window


def zoomed(window: Window, still: float, factor: float) -> Window | None:
    """1/factor as much; what lies at the share ``still`` of the window stays there. None: too much or too little."""
    low, high = window
    span = (high - low) / factor
    about = low + still * (high - low)
    found = about - still * span, about + (1 - still) * span
    return found if is_window(*found) else None
