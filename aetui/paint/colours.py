"""Colours as integers: the xterm palette 0–255, exact ones from ``rgb``; series colours; nearest palette colours.

``quantize_gray`` turns brightness into the 26 grays of the palette (16, 232–255, 231); ``quantize_rgb`` and
``quantize_signed`` do the same for RGB and for signed values; ``series_colour(index, look)`` is the charts' cycle.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from aetui.paint.cells import DEFAULT, Colours
from aetui.paint.look import FULL_GRAYS, Depth, Look

_EXACT = 1 << 24

GRAYS: npt.NDArray[np.int32] = np.array([16, *range(232, 256), 231], np.int32)
"""The palette's grays from black to white."""

GRAY_VALUES: npt.NDArray[np.float32] = (np.array([0, *range(8, 239, 10), 255]) / 255).astype(np.float32)
"""Their brightness in [0, 1]: evenly spaced but for the last."""

_GRAYS_16 = np.array([0, 8, 7, 15], np.int32)
_GRAY_VALUES_16 = np.array([0, 85, 170, 255], np.float32) / 255
_CUBE = np.array([0, 95, 135, 175, 215, 255], np.float32) / 255

PALETTE_16: tuple[tuple[int, int, int], ...] = (
    *((0, 0, 0), (170, 0, 0), (0, 170, 0), (170, 85, 0), (0, 0, 170), (170, 0, 170), (0, 170, 170), (170, 170, 170)),
    *((85, 85, 85), (255, 85, 85), (85, 255, 85), (255, 255, 85)),
    *((85, 85, 255), (255, 85, 255), (85, 255, 255), (255, 255, 255)),
)
"""Red, green and blue of the 16 colours on a PC's console; other terminals have their own."""

_PALETTE_16 = np.array(PALETTE_16, np.float32) / 255

_SIGNED = np.array(
    [51, 45, 39, 33, 27, 21, 20, 19, 18, 17, 16, 52, 88, 124, 160, 196, 202, 208, 214, 220, 226], np.int32
)
_SIGNED_16 = np.array([14, 12, 4, 0, 1, 9, 11], np.int32)

_SERIES_DARK = (39, 208, 114, 213, 220, 203, 80, 147)
_SERIES_DARK_FAINT = (24, 94, 65, 96, 100, 95, 30, 60)
_SERIES_LIGHT = (25, 166, 28, 127, 136, 160, 30, 61)
_SERIES_LIGHT_FAINT = (110, 216, 151, 182, 222, 217, 116, 146)
_SERIES_16_DARK = (14, 11, 10, 13, 9, 12, 15, 7)
_SERIES_16_DARK_FAINT = (6, 3, 2, 5, 1, 4, 7, 8)
_SERIES_16_LIGHT = (4, 1, 2, 5, 6, 3, 0, 8)
_SERIES_16_LIGHT_FAINT = (12, 9, 10, 13, 14, 11, 8, 7)


def rgb(red: int, green: int, blue: int) -> int:
    """An exact colour from 0–255 each."""
    return _EXACT | red << 16 | green << 8 | blue


def is_exact(colour: int) -> bool:
    """True where ``rgb`` made the colour, False for the palette and the default."""
    return colour >= _EXACT


def components(colour: int) -> tuple[int, int, int]:
    """Red, green and blue of an exact colour."""
    return colour >> 16 & 255, colour >> 8 & 255, colour & 255


def series_colour(index: int, look: Look, *, faint: bool = False) -> int:
    """The colour of the ``index``-th series; the cycle has eight. faint: for what lies behind it."""
    if look.depth == "mono":
        return DEFAULT
    if look.depth == "16":
        dark, light = (_SERIES_16_DARK_FAINT, _SERIES_16_LIGHT_FAINT) if faint else (_SERIES_16_DARK, _SERIES_16_LIGHT)
    else:
        dark, light = (_SERIES_DARK_FAINT, _SERIES_LIGHT_FAINT) if faint else (_SERIES_DARK, _SERIES_LIGHT)
    cycle = dark if look.dark else light
    return cycle[index % len(cycle)]


def quiet_colour(look: Look) -> int:
    """For axes, ticks and captions: less loud than text."""
    if look.depth in ("mono", "16"):
        return DEFAULT
    return 245 if look.dark else 242


def quantize_gray(
    pixels: npt.NDArray[np.float32], depth: Depth, *, exact: bool = False, grays: int = FULL_GRAYS
) -> Colours:
    """Brightness in [0, 1] as colours: ``grays`` of the 26 grays, 4 in 16 colours; exact with truecolor: 256."""
    if exact and depth == "truecolor" and grays >= FULL_GRAYS:
        level = (pixels * 255 + 0.5).astype(np.int32)
        return np.asarray(_EXACT | level << 16 | level << 8 | level, np.int32)
    colours, edges = _gray_steps(depth, grays)
    return colours.take(edges.searchsorted(pixels))


@lru_cache(16)
def _gray_steps(depth: Depth, grays: int) -> tuple[Colours, npt.NDArray[np.float32]]:
    """The grays from black to white, and the brightness between each and the next."""
    colours, values = (_GRAYS_16, _GRAY_VALUES_16) if depth == "16" else (GRAYS, GRAY_VALUES)
    if grays < len(colours):
        chosen = np.rint(np.linspace(0, len(colours) - 1, max(2, grays))).astype(np.int64)
        colours, values = colours[chosen], values[chosen]
    return colours, np.asarray((values[1:] + values[:-1]) / 2, np.float32)


def quantize_signed(values: npt.NDArray[np.float32], depth: Depth) -> Colours:
    """Values in [−1, 1] as blues below 0, black at 0, reds and yellows above; no two steps alike."""
    ramp = _SIGNED_16 if depth == "16" else _SIGNED
    half = len(ramp) // 2
    return np.asarray(ramp[np.rint(values * half).astype(np.int64) + half], np.int32)


def quantize_rgb(pixels: npt.NDArray[np.float32], depth: Depth) -> Colours:
    """RGB in [0, 1], [3, …], as the nearest colours of ``depth``, […]."""
    if depth == "truecolor":
        red, green, blue = (pixels * 255 + 0.5).astype(np.int32)
        return np.asarray(_EXACT | red << 16 | green << 8 | blue, np.int32)
    if depth == "16":
        distance = ((pixels[:, None] - _PALETTE_16.T.reshape(3, 16, *[1] * (pixels.ndim - 1))) ** 2).sum(axis=0)
        return np.asarray(distance.argmin(axis=0), np.int32)
    edges = (_CUBE[1:] + _CUBE[:-1]) / 2
    red, green, blue = np.searchsorted(edges, pixels).astype(np.int32)
    cube = np.stack([_CUBE[red], _CUBE[green], _CUBE[blue]])
    mean = pixels.mean(axis=0)
    gray = np.searchsorted((GRAY_VALUES[1:] + GRAY_VALUES[:-1]) / 2, mean)
    nearer = ((pixels - GRAY_VALUES[gray]) ** 2).sum(axis=0) <= ((pixels - cube) ** 2).sum(axis=0)
    nearer |= (red == green) & (green == blue)  # the cube's own grays are none that Rich would send
    return np.asarray(np.where(nearer, GRAYS[gray], 16 + 36 * red + 6 * green + blue), np.int32)
