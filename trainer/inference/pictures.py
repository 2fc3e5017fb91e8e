"""Arrays as pictures: PNG, contact sheets, strips and GIFs. Pillow is imported when one is made."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from export.errors import ToolError

Array = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

GAP = 2
"""Pixels between two images of a sheet."""

_GROUND = 96
"""The gray between them: darker than paper, lighter than a black background."""

_COMFORTABLE = 112
"""So many pixels wide is an image that one can look at."""

SHEET_PIXELS = 1 << 26
"""A larger sheet is no picture that anything opens."""


def to_bytes(images: Array) -> Bytes:
    """float32 in [0, 1], any shape → uint8, rounded; what lies outside is cut off."""
    rounded: Bytes = np.rint(np.clip(images, 0, 1) * np.float32(255)).astype(np.uint8)
    return rounded


def beside(columns: list[Array]) -> Array:
    """Several versions of the same images, left to right: float32 [n, C, H, W] each → [n, C, H, sum of W and gaps]."""
    gap = np.full((*columns[0].shape[:3], GAP), _GROUND / 255, np.float32)
    parts = [part for column in columns for part in (column, gap)]
    return np.concatenate(parts[:-1], axis=3)


def sheet(images: Bytes, columns: int | None = None) -> Bytes:
    """uint8 [n, C, H, W], n ≥ 1 → one image [C, H', W'], row by row, as near to a square as whole rows allow."""
    count, channels, height, width = images.shape
    across, down = _grid(count, height, width, columns)
    whole = np.full((channels, down * (height + GAP) - GAP, across * (width + GAP) - GAP), _GROUND, np.uint8)
    for number, image in enumerate(images):
        top, left = (height + GAP) * (number // across), (width + GAP) * (number % across)
        whole[:, top : top + height, left : left + width] = image
    return whole


def check_sheet(count: int, height: int, width: int, columns: int | None = None) -> None:
    """Raises ToolError (exit 2) where a sheet of ``count`` images of that size would be too large for a picture."""
    across, down = _grid(count, height, width, columns)
    size = down * (height + GAP) - GAP, across * (width + GAP) - GAP
    if size[0] * size[1] > SHEET_PIXELS:
        raise ToolError(
            f"a sheet of {count:,} images would have {size[1]:,}×{size[0]:,} pixels",
            why=f"more than {SHEET_PIXELS:,} pixels are not written as one picture",
            do="make fewer, choose a smaller --scale, or give a folder or an .npy as --output",
        )


def _grid(count: int, height: int, width: int, columns: int | None) -> tuple[int, int]:
    """(images across, images down)."""
    across = min(max(columns or math.ceil(math.sqrt(count * height / width)), 1), count)
    return across, math.ceil(count / across)


def comfortable_scale(height: int, width: int) -> int:
    """How often a pixel of a small image is repeated so that one sees something."""
    return max(1, _COMFORTABLE // max(height, width))


def magnified(image: Bytes, scale: int) -> Bytes:
    """Every pixel ``scale`` times in both directions: […, H, W] → […, scale·H, scale·W]."""
    return image.repeat(scale, axis=-2).repeat(scale, axis=-1)


def png(image: Bytes) -> bytes:
    """uint8 [1 or 3, H, W] as a PNG; the same pixels give the same bytes."""
    buffer = io.BytesIO()
    _picture(image).save(buffer, "PNG")
    return buffer.getvalue()


def gif(frames: Bytes, frame_ms: int) -> bytes:
    """uint8 [n, 1 or 3, H, W], n ≥ 1 → a GIF that plays there and back for ever, each frame for ``frame_ms``."""
    there = [_picture(frame) for frame in frames]
    way = there + there[-2:0:-1]
    buffer = io.BytesIO()
    way[0].save(buffer, "GIF", save_all=True, append_images=way[1:], duration=frame_ms, loop=0, optimize=False)
    return buffer.getvalue()


def _picture(image: Bytes) -> Any:
    import PIL.Image

    return PIL.Image.fromarray(image[0] if len(image) == 1 else np.ascontiguousarray(image.transpose(1, 2, 0)))
