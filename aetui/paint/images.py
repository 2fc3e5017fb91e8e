"""Images to ``Cells``: half blocks or characters, in the colours there are.

``paint_image(image, columns, rows, look)`` is what widgets call, and ``paint_images`` for many: it fits the image into
the rectangle and picks the painter by the look. ``half_blocks`` and ``characters`` draw pixels that have the right size
already; ``ascii_lines`` is the plain text of one. ``difference(a, b)`` makes a ``Signed`` image (a residual), drawn in
two hues. An image is float32 [C, H, W] or [H, W] in [0, 1], C = 1 or 3 (other C: the mean), or uint8, or a ``Signed``,
or ``aetui.paint.points.Points``; NaN is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from aetui.paint.cells import DEFAULT, Cells, Colours, blank, part
from aetui.paint.colours import quantize_gray, quantize_rgb, quantize_signed
from aetui.paint.look import Look
from aetui.paint.points import Points, paint_points
from aetui.paint.resize import Pixels, fit, resize

RAMP = " .:-=+*#%@"
"""Ten characters from no ink to much."""

_LESS_RAMP, _MORE_RAMP = " .-~=o", " .:+*#"
_BLACK = 16
_SPACE, _UPPER_HALF = (np.uint32(ord(character)) for character in " ▀")
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True, eq=False)
class Signed:
    """values: float32 [H, W] in [−1, 1]; below 0 is drawn in blues, above in reds, 0 in black."""

    values: Pixels


Image = npt.ArrayLike | Signed | Points


def shape_of(image: Image) -> tuple[int, int]:
    """Height and width in pixels; points lie in a square of any size."""
    if isinstance(image, Points):
        return 1, 1
    height, width = (image.values if isinstance(image, Signed) else np.asarray(image)).shape[-2:]
    return int(height), int(width)


def as_pixels(image: npt.ArrayLike) -> Pixels:
    """``image`` as float32 [1 or 3, H, W], clipped to [0, 1], uint8 divided by 255."""
    pixels = _within_one(np.asarray(image))
    if pixels.ndim == 2:
        pixels = pixels[None]
    if pixels.ndim != 3:
        raise ValueError(f"an image is [C, H, W] or [H, W], not {list(pixels.shape)}")
    return _gray_or_rgb(pixels)


def _within_one(array: npt.NDArray[Any]) -> Pixels:
    """Of any shape: float32 in [0, 1]."""
    if array.dtype == np.uint8:
        array = array / np.float32(255)
    if array.dtype != np.float32 or not _is_within(array):
        array = np.nan_to_num(array, nan=0.0, posinf=1.0, neginf=0.0).clip(0, 1).astype(np.float32)
    pixels: Pixels = array
    return pixels


def _gray_or_rgb(pixels: Pixels) -> Pixels:
    """[C, ...] → [1 or 3, ...]."""
    return pixels if len(pixels) in (1, 3) else np.asarray(pixels.mean(axis=0, keepdims=True), np.float32)


def _is_within(array: Pixels) -> bool:
    """Whether all values are in [0, 1]; a NaN is the smallest and the largest for NumPy."""
    flat = array.ravel()
    return bool(flat.size and flat[flat.argmin()] >= 0 and flat[flat.argmax()] <= 1)


def size_of(height: int, width: int, columns: int, rows: int, look: Look) -> tuple[int, int]:
    """The (columns, rows) of cells that an image of height × width pixels takes in columns × rows, aspect kept."""
    if look.pixels == "half":
        high, wide = fit(height, width, rows * 2, columns)
        return wide, (high + 1) // 2
    factor = min(rows / height, columns / (2 * width))
    if factor >= 1:
        factor = int(factor)
    return max(1, round(2 * width * factor)), max(1, round(height * factor))


def paint_image(image: Image, columns: int, rows: int, look: Look) -> Cells:
    """``image`` as large as it fits into columns × rows, aspect kept; the result may be smaller than asked."""
    height, width = shape_of(image)
    if height == 0 or width == 0 or columns < 1 or rows < 1:
        return blank(0, 0)
    high, wide = _drawn_size(height, width, columns, rows, look)
    if isinstance(image, Points):
        return paint_points(image, wide, (high + 1) // 2 if look.pixels == "half" else high, look)
    if isinstance(image, Signed):
        return _paint_signed(resize(image.values, high, wide), look)
    return _paint_pixels(resize(as_pixels(image), high, wide), look)


def paint_images(images: Sequence[Image], columns: int, rows: int, look: Look) -> list[Cells]:
    """What ``paint_image`` gives for each, in less time where they are arrays of one shape."""
    height, width = shape_of(images[0]) if len(images) > 1 and _are_alike(images) else (0, 0)
    if height and width and columns >= 1 and rows >= 1:
        high, wide = _drawn_size(height, width, columns, rows, look)
        if high % 2 == 0 or look.pixels != "half":
            array = np.asarray(images)
            pixels = _within_one(array.reshape(len(images), -1, height, width)).swapaxes(0, 1)
            sheet = resize(_gray_or_rgb(pixels), high, wide)
            drawn = _paint_pixels(sheet.reshape(len(sheet), -1, wide), look)
            each = drawn.rows // len(images)
            return [part(drawn, index * each, 0, each, wide) for index in range(len(images))]
    return [paint_image(image, columns, rows, look) for image in images]


def _are_alike(images: Sequence[Image]) -> bool:
    if isinstance(images, np.ndarray):
        return images.ndim in (3, 4)
    first = images[0]
    return isinstance(first, np.ndarray) and all(
        isinstance(image, np.ndarray) and image.shape == first.shape and image.dtype == first.dtype for image in images
    )


def _drawn_size(height: int, width: int, columns: int, rows: int, look: Look) -> tuple[int, int]:
    """(high, wide) in what is drawn: pixels where a cell has two, else characters."""
    if look.pixels == "half":
        return fit(height, width, rows * 2, columns)
    wide, high = size_of(height, width, columns, rows, look)
    return high, wide


def _paint_pixels(pixels: Pixels, look: Look) -> Cells:
    return half_blocks(pixels, look) if look.pixels == "half" else characters(pixels, look)


def half_blocks(pixels: Pixels, look: Look) -> Cells:
    """pixels: [1 or 3, H, W] in [0, 1] → W columns, ⌈H/2⌉ rows of ▀; a missing last row is the default background."""
    gray = len(pixels) == 1
    if gray:
        colours = quantize_gray(pixels[0], look.depth, exact=look.exact, grays=look.grays)
    else:
        colours = quantize_rgb(pixels, look.depth)
    return stack_pixels(colours)


def stack_pixels(colours: Colours) -> Cells:
    """One colour per pixel, int32 [H, W], as half blocks."""
    if len(colours) % 2:
        colours = np.concatenate([colours, np.full((1, colours.shape[1]), DEFAULT, np.int32)])
    top, bottom = colours[0::2], colours[1::2]
    points, foreground = np.full(top.shape, _UPPER_HALF), top.copy()
    flat = top == bottom
    np.copyto(points, _SPACE, where=flat)
    np.copyto(foreground, DEFAULT, where=flat)
    return Cells(points.view("<U1"), foreground, bottom.copy())


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
        if len(pixels) == 1:
            cells.foreground[...] = quantize_gray(_lifted(pixels[0]), look.depth, grays=look.grays)
        else:
            cells.foreground[...] = quantize_rgb(pixels, look.depth)
        cells.background[...] = 0 if look.depth == "16" else _BLACK
    return cells


def ascii_lines(image: npt.ArrayLike, *, width_per_pixel: int = 2, ramp: str = RAMP) -> list[str]:
    """One string per row of pixels, ``width_per_pixel`` characters each; bright is much ink."""
    level = _brightness(as_pixels(image))
    table = np.array([character * width_per_pixel for character in ramp])
    return ["".join(row) for row in table[_steps(level, len(ramp))].tolist()]


def difference(image: npt.ArrayLike, reference: npt.ArrayLike, *, limit: float = 1.0) -> Signed:
    """image − reference (the mean of the channels), full colour at ±limit."""
    delta = as_pixels(image).mean(axis=0) - as_pixels(reference).mean(axis=0)
    return Signed((delta / np.float32(max(limit, 1e-6))).clip(-1, 1))


def _paint_signed(values: Pixels, look: Look) -> Cells:
    if look.pixels == "half":
        return stack_pixels(quantize_signed(values, look.depth))
    cells = blank(*values.shape)
    step = _steps(np.abs(values), len(_MORE_RAMP))
    cells.characters[...] = np.where(values < 0, np.array(list(_LESS_RAMP))[step], np.array(list(_MORE_RAMP))[step])
    if look.depth != "mono":
        # The character says how much, the colour which way: a dark one could not be read.
        cells.foreground[...] = quantize_signed(np.sign(values) * np.float32(0.7), look.depth)
        cells.background[...] = 0 if look.depth == "16" else _BLACK
    return cells


def _brightness(pixels: Pixels) -> Pixels:
    return pixels[0] if len(pixels) == 1 else np.tensordot(_LUMA, pixels, axes=1)


def _steps(level: Pixels, count: int) -> npt.NDArray[np.int64]:
    return np.minimum((level * count).astype(np.int64), count - 1)


def _lifted(pixels: Pixels) -> Pixels:
    """A character covers a part of its cell only: its colour is brightened to make up for it."""
    return np.sqrt(pixels)
