"""What images may hold: the shapes, types and values of arrays that people bring."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from export.errors import ToolError

Images = npt.NDArray[np.uint8] | npt.NDArray[np.float32]
"""[n, C, H, W]: uint8, or float32 where the source was float."""

_CHANNELS = (1, 3)


def as_nchw(array: npt.NDArray[Any], path: Path) -> npt.NDArray[Any]:
    """A view of ``array`` as [n, C, H, W]; [N,d] becomes [N,1,1,d]. Raises ToolError (exit 2) for another shape.

    Where both readings of four axes are possible, [N,C,H,W] is meant.
    """
    if 0 not in array.shape[1:]:
        if array.ndim == 2:
            return array[:, np.newaxis, np.newaxis, :]
        if array.ndim == 3:
            return array[:, np.newaxis]
        if array.ndim == 4 and array.shape[1] in _CHANNELS:
            return array
        if array.ndim == 4 and array.shape[3] in _CHANNELS:
            return array.transpose(0, 3, 1, 2)
    raise ToolError(
        f"{path} has the shape {list(array.shape)}",
        why="images are [N,H,W], [N,C,H,W], [N,H,W,C] or [N,d], with 1 or 3 channels",
        do="reshape the array and save it again",
    )


def kept_type(dtype: np.dtype[Any], path: Path) -> np.dtype[Any]:
    """uint8 or float32, as which images of ``dtype`` are kept. Raises ToolError (exit 2) for other types."""
    if dtype == np.uint8:
        return dtype
    if dtype.kind == "f":
        return np.dtype(np.float32)
    raise ToolError(
        f"{path} holds {dtype}",
        why="images are uint8, or float in [0, 1]",
        do="save images.astype(numpy.uint8) if the values are 0 to 255",
    )


def converted(rows: npt.NDArray[Any], dtype: np.dtype[Any]) -> Images:
    """``rows`` as ``dtype``, contiguous: a copy only where they are not.

    What is too large for float32 becomes infinite, which ``check_values`` refuses.
    """
    with np.errstate(over="ignore"):
        images: Images = np.ascontiguousarray(rows, dtype)
    return images


def check_values(images: Images, numbers: npt.NDArray[np.int64], path: Path, *, points: bool) -> None:
    """Raises ToolError (exit 2), naming one, where an image holds what it must not.

    Floats must be finite, and in [0, 1] unless they are the coordinates of points. numbers: int64 [n], of the images
    in their file.
    """
    if images.dtype == np.uint8 or not images.size:
        return
    low, high = float(images.min()), float(images.max())  # NaN, where there is one
    finite = math.isfinite(low) and math.isfinite(high)
    if finite and (points or (low >= 0 and high <= 1)):
        return
    flat = images.reshape(len(images), -1)
    good = (flat >= 0) & (flat <= 1) if finite else np.isfinite(flat)
    bad = numbers[np.argmax(~good.all(axis=1))]
    if not finite:
        raise ToolError(
            f"{path} holds a value that is not a number: image {bad}",
            why="a network can make nothing of NaN and infinity",
            do="replace them, or leave such images out (numpy.isfinite finds them)",
        )
    raise ToolError(
        f"{path} holds values outside [0, 1]: image {bad}",
        why=f"floats are pixels in [0, 1], and there are values from {low:g} to {high:g}",
        do="save images / 255, or the uint8 values" if low >= 0 and high <= 255 else "scale the images to [0, 1]",
    )


def in_unit_range(images: Images) -> bool:
    """True where every value is a pixel's."""
    return images.dtype == np.uint8 or not images.size or bool(images.min() >= 0 and images.max() <= 1)
