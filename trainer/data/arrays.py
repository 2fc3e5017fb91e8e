"""Images from an ``.npy`` or ``.npz`` file: header first, never unpickled.

An ``.npy`` is memory-mapped, so that what is copied is what the splits keep.
"""

from __future__ import annotations

import math
import tokenize
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from export.errors import ToolError
from trainer.data.dataset import Images
from trainer.data.limits import check_memory, check_ratio, damaged

_ROWS_BYTES = 32 << 20
"""Floats are checked and converted in pieces of this size."""

_CHANNELS = (1, 3)


def read_array_file(path: Path) -> tuple[Images, npt.NDArray[np.int64], tuple[str, ...]]:
    """(images [n, C, H, W], labels int64 [n] with −1 for none, class names) of an ``.npy`` or ``.npz`` file.

    The array may be [N,H,W], [N,C,H,W], [N,H,W,C] or [N,d] (which becomes [N,1,1,d]), uint8 or float in [0, 1]; an
    npz has it as ``images``, and may have ``labels`` [N], integers (−1: none) or text. Raises ToolError: exit 2 for a
    wrong shape, dtype or range, 3 for a damaged or hostile file.
    """
    images, labels = (_map_npy(path), None) if path.suffix == ".npy" else _read_npz(path)
    pixels = as_images(images, path)
    if labels is None:
        return pixels, np.full(len(pixels), -1, np.int64), ()
    return pixels, *_as_labels(labels, len(pixels), path)


def as_images(array: npt.NDArray[Any], path: Path) -> Images:
    """``array`` as [n, C, H, W], uint8 or float32 in [0, 1]; uint8 stays where it is. Raises ToolError (exit 2)."""
    shaped = _as_nchw(array, path)
    if shaped.dtype == np.uint8:
        return shaped
    if shaped.dtype.kind != "f":
        raise ToolError(
            f"{path} holds {array.dtype}",
            why="images are uint8, or float in [0, 1]",
            do="save images.astype(numpy.uint8) if the values are 0 to 255",
        )
    out = np.empty(shaped.shape, np.float32)
    step = max(1, _ROWS_BYTES // max(1, 4 * math.prod(shaped.shape[1:])))
    for start in range(0, len(shaped), step):
        # A float64 beyond float32's range becomes infinite here, which the check below then refuses.
        with np.errstate(over="ignore"):
            out[start : start + step] = shaped[start : start + step]
        _check_range(out[start : start + step], start, path)
    return out


def _as_nchw(array: npt.NDArray[Any], path: Path) -> npt.NDArray[Any]:
    """A view of ``array`` as [n, C, H, W]. Where both readings of four axes are possible, [N,C,H,W] is meant."""
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


def _check_range(rows: npt.NDArray[np.float32], start: int, path: Path) -> None:
    low, high = float(rows.min()), float(rows.max())
    if low >= 0 and high <= 1:  # false for NaN, which min and max hand on
        return
    flat = rows.reshape(len(rows), -1)
    bad = start + int(np.argmax(~((flat >= 0) & (flat <= 1)).all(axis=1)))
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ToolError(
            f"{path} holds a value that is not a number: image {bad}",
            why="NaN and infinity cannot be trained on",
            do="replace them, or leave such images out (numpy.isfinite finds them)",
        )
    raise ToolError(
        f"{path} holds values outside [0, 1]: image {bad}",
        why=f"floats are pixels in [0, 1], and there are values from {low:g} to {high:g}",
        do="save images / 255, or the uint8 values" if low >= 0 and high <= 255 else "scale the images to [0, 1]",
    )


def _as_labels(labels: npt.NDArray[Any], count: int, path: Path) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """(index into the class names, class names). −1 stays −1: none."""
    if labels.shape != (count,) or labels.dtype.kind not in "iuU":
        raise ToolError(
            f"{path} has labels of {labels.dtype} {list(labels.shape)}",
            why=f"labels are integers or text [{count}], one per image",
            do="save the labels as such, or leave them out",
        )
    known = np.ones(count, bool) if labels.dtype.kind == "U" else labels != -1
    found, inverse = np.unique(labels[known], return_inverse=True)
    out = np.full(count, -1, np.int64)
    out[known] = inverse
    return out, tuple(str(value) for value in found)


def _map_npy(path: Path) -> npt.NDArray[Any]:
    with path.open("rb") as file:
        shape, fortran, dtype = _header(file, path)
        offset = file.tell()
    needed, there = math.prod(shape) * dtype.itemsize, path.stat().st_size - offset
    if there < needed:
        raise damaged(path, f"it is truncated: {there:,} bytes of data where its header says {needed:,}")
    check_memory(path, needed)
    if needed == 0:  # an empty file cannot be mapped
        return np.empty(shape, dtype)
    return np.memmap(path, dtype, "r", offset, shape, "F" if fortran else "C")


def _read_npz(path: Path) -> tuple[npt.NDArray[Any], npt.NDArray[Any] | None]:
    """The arrays ``images`` and, if it is there, ``labels``."""
    try:
        with zipfile.ZipFile(path) as archive:
            keys = [name.removesuffix(".npy") for name in archive.namelist()]
            if "images" not in keys:
                raise ToolError(
                    f"{path} has no array 'images'",
                    why=f"its arrays are: {', '.join(keys[:10]) or 'none'}",
                    do="numpy.savez(path, images=…, labels=…)   (the labels may be left out)",
                )
            images = _read_member(archive, "images.npy", path)
            return images, _read_member(archive, "labels.npy", path) if "labels" in keys else None
    # RuntimeError: encrypted; NotImplementedError: an exotic compression; KeyError: 'images' is no .npy.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, KeyError) as error:
        raise damaged(path, str(error) or type(error).__name__) from error


def _read_member(archive: zipfile.ZipFile, name: str, path: Path) -> npt.NDArray[Any]:
    info = archive.getinfo(name)
    with archive.open(info) as file:
        shape, fortran, dtype = _header(file, path)
        needed = math.prod(shape) * dtype.itemsize
        if needed != info.file_size - file.tell():
            raise damaged(path, f"{name} has {info.file_size:,} bytes, its header says {needed:,} of data")
        check_ratio(path, needed, info.compress_size)
        check_memory(path, needed)
        data = file.read(needed)  # checks the CRC at its end
    return np.ndarray(shape, dtype, data, order="F" if fortran else "C")


def _header(file: IO[bytes], path: Path) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """(shape, Fortran order?, dtype) of the array that begins here; reads to the end of the header."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # headers that Python 2 wrote
            version = np.lib.format.read_magic(file)
            if version == (1, 0):
                shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
            elif version == (2, 0):
                shape, fortran, dtype = np.lib.format.read_array_header_2_0(file)
            else:
                raise ValueError(f"format version {version[0]}.{version[1]} is not one for plain arrays")
    except (ValueError, SyntaxError, TypeError, tokenize.TokenError, RecursionError, MemoryError) as error:
        raise damaged(path, f"it is no numpy array: {str(error) or type(error).__name__}") from error
    if dtype.hasobject:
        raise damaged(path, "it holds pickled objects, which are never loaded", do="save the images as uint8 or float")
    if min(shape, default=0) < 0:
        raise damaged(path, f"its header says the shape {list(shape)}")
    return shape, fortran, dtype
