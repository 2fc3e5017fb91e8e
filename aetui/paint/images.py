"""Images to ``Cells``: half blocks or characters, in the colours there are.

``paint_image(image, columns, rows, look)`` is what widgets call: it fits the image into the rectangle and picks the
painter by the look. ``half_blocks`` and ``characters`` draw pixels that have the right size already;
``ascii_lines`` is the plain text of one. ``difference(a, b)`` shows a signed residual in colours.
An image is float32 [C, H, W] or [H, W] in [0, 1], C = 1 or 3 (other C: the mean); NaN counts as 0.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aetui.paint.cells import DEFAULT, Cells, blank
from aetui.paint.colours import quantize_gray, quantize_rgb
from aetui.paint.look import Depth, Look
from aetui.paint.resize import Pixels, fit, resize

RAMP = " .:-=+*#%@"
"""Ten characters from no ink to much."""

_BLACK = 16
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def as_pixels(image: npt.ArrayLike) -> Pixels:
    """``image`` as float32 [1 or 3, H, W], clipped to [0, 1], uint8 divided by 255."""
    array = np.asarray(image)
    scale = 255 if array.dtype == np.uint8 else 1
    pixels = array.astype(np.float32) / np.float32(scale)
    if pixels.ndim == 2:
        pixels = pixels[None]
    if pixels.ndim != 3:
        raise ValueError(f"an image is [C, H, W] or [H, W], not {list(array.shape)}")
    if len(pixels) not in (1, 3):
        pixels = pixels.mean(axis=0, keepdims=True)
    return np.nan_to_num(pixels, nan=0.0, posinf=1.0, neginf=0.0).clip(0, 1)


def size_of(height: int, width: int, columns: int, rows: int, look: Look) -> tuple[int, int]:
    """The (columns, rows) of cells that an image of height × width pixels takes in columns × rows, aspect kept."""
    if look.pixels == "half":
        high, wide = fit(height, width, rows * 2, columns)
        return wide, (high + 1) // 2
    factor = min(rows / height, columns / (2 * width))
    if factor >= 1:
        factor = int(factor)
    return max(1, round(2 * width * factor)), max(1, round(height * factor))


def paint_image(image: npt.ArrayLike, columns: int, rows: int, look: Look) -> Cells:
    """``image`` as large as it fits into columns × rows, aspect kept; the result may be smaller than asked."""
    pixels = as_pixels(image)
    height, width = pixels.shape[1:]
    if height == 0 or width == 0 or columns < 1 or rows < 1:
        return blank(0, 0)
    if look.pixels == "half":
        high, wide = fit(height, width, rows * 2, columns)
        return half_blocks(resize(pixels, high, wide), look.depth, exact=look.exact)
    wide, high = size_of(height, width, columns, rows, look)
    return characters(resize(pixels, high, wide), look)


def half_blocks(pixels: Pixels, depth: Depth, *, exact: bool = False) -> Cells:
    """pixels: [1 or 3, H, W] in [0, 1] → W columns, ⌈H/2⌉ rows of ▀; a missing last row is the default background."""
    gray = len(pixels) == 1
    colours = quantize_gray(pixels[0], depth, exact=exact) if gray else quantize_rgb(pixels, depth)
    if len(colours) % 2:
        colours = np.concatenate([colours, np.full((1, colours.shape[1]), DEFAULT, np.int32)])
    top, bottom = colours[0::2], colours[1::2]
    cells = blank(*top.shape)
    flat = top == bottom
    cells.characters[...] = np.where(flat, " ", "▀")
    cells.foreground[...] = np.where(flat, DEFAULT, top)
    cells.background[...] = bottom
    return cells


def characters(pixels: Pixels, look: Look, ramp: str = RAMP) -> Cells:
    """pixels: [1 or 3, H, W] → H rows, W columns of ``ramp``, one per pixel, coloured by the pixel where it can be.

    Without colours the ramp is turned on a light background, where ink is dark.
    """
    level = _brightness(pixels)
    coloured = look.depth != "mono"
    if not coloured and not look.dark:
        level = 1 - level
    cells = blank(*level.shape)
    cells.characters[...] = np.array(list(ramp))[_steps(level, len(ramp))]
    if coloured:
        depth = look.depth
        gray = len(pixels) == 1
        cells.foreground[...] = quantize_gray(_lifted(pixels[0]), depth) if gray else quantize_rgb(pixels, depth)
        cells.background[...] = 0 if depth == "16" else _BLACK
    return cells


def ascii_lines(image: npt.ArrayLike, *, width_per_pixel: int = 2, ramp: str = RAMP) -> list[str]:
    """One string per row of pixels, ``width_per_pixel`` characters each; bright is much ink."""
    level = _brightness(as_pixels(image))
    table = np.array([character * width_per_pixel for character in ramp])
    return ["".join(row) for row in table[_steps(level, len(ramp))].tolist()]


def difference(image: npt.ArrayLike, reference: npt.ArrayLike, *, limit: float = 1.0) -> Pixels:
    """image − reference as RGB float32 [3, H, W]: 0 is black, more is orange, less is blue, full at ±limit."""
    delta = (as_pixels(image).mean(axis=0) - as_pixels(reference).mean(axis=0)) / max(limit, 1e-6)
    more, less = delta.clip(0, 1), (-delta).clip(0, 1)
    return np.stack([more + 0.1 * less, 0.55 * more + 0.55 * less, 0.1 * more + less]).clip(0, 1)


def _brightness(pixels: Pixels) -> Pixels:
    return pixels[0] if len(pixels) == 1 else np.tensordot(_LUMA, pixels, axes=1)


def _steps(level: Pixels, count: int) -> npt.NDArray[np.int64]:
    return np.minimum((level * count).astype(np.int64), count - 1)


def _lifted(pixels: Pixels) -> Pixels:
    """A character covers a part of its cell only: its colour is brightened to make up for it."""
    return np.sqrt(pixels)
