"""A data set from an ``.npy`` or ``.npz`` file; one that is larger than memory stays in its ``.npy``."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from export.errors import ToolError
from trainer.data.limits import check_memory, resident_limit_bytes
from trainer.data.npy import NpyFile, open_npy, read_npz
from trainer.data.split import Part
from trainer.data.stored import StoredImages
from trainer.data.values import Images, as_nchw, check_values, converted, in_unit_range, kept_type

_PIECE_BYTES = 32 << 20
"""Floats are checked and converted in pieces of this size."""

_ROW_BYTES = 40
"""What each image costs in memory even if it stays in its file: its label, and its number while they are shuffled."""


def read_array_file(path: Path) -> Part:
    """The images in an ``.npy`` or ``.npz`` file, and what an npz says about them.

    The array may be [N,H,W], [N,C,H,W], [N,H,W,C] or [N,d] (which becomes [N,1,1,d]), uint8 or float in [0, 1];
    [N,d] floats that leave [0, 1] are the coordinates of points. An npz has it as ``images``, and may have ``labels``
    [N], integers (−1: none) or text; ``targets``, a noisy partner of each image, in the same shape and type;
    ``attributes`` [N,A], numbers that describe each image, and ``attribute_names`` [A], text.
    Raises ToolError: exit 2 for a wrong shape, dtype or range, 3 for a damaged or hostile file.
    """
    if path.suffix == ".npy":
        file = open_npy(path)
        if math.prod(file.shape) * kept_type(file.dtype, path).itemsize > resident_limit_bytes():
            stored = _left_in_file(file)
            return Part(images=stored, points=stored.points)
        images, points = as_images(file.map(), path)
        return Part(images=images, points=points)
    arrays = read_npz(path, "images", ("labels", "targets", "attributes", "attribute_names"))
    images, points = as_images(arrays["images"], path)
    targets, noisy_points = _as_targets(arrays.get("targets"), images, path)
    labels, classes = _as_labels(arrays.get("labels"), len(images), path)
    attributes, names = _as_attributes(arrays.get("attributes"), arrays.get("attribute_names"), len(images), path)
    return Part(
        images=images, points=points or noisy_points, targets=targets, labels=labels, classes=classes,
        attributes=attributes, attribute_names=names,
    )  # fmt: skip


def as_images(array: npt.NDArray[Any], path: Path) -> tuple[Images, bool]:
    """(``array`` as [n, C, H, W], uint8 or float32; whether it holds points). uint8 stays where it is.

    Raises ToolError (exit 2).
    """
    shaped = as_nchw(array, path)
    dtype = kept_type(shaped.dtype, path)
    if dtype == np.uint8:
        return shaped, False
    out: Images = np.empty(shaped.shape, dtype)
    flat = array.ndim == 2
    step = max(1, _PIECE_BYTES // max(1, 4 * math.prod(shaped.shape[1:])))
    for start in range(0, len(shaped), step):
        piece = converted(shaped[start : start + step], dtype)
        check_values(piece, np.arange(start, start + len(piece)), path, points=flat)
        out[start : start + step] = piece
    return out, flat and not in_unit_range(out)


def _left_in_file(file: NpyFile) -> StoredImages:
    """The images of a file that is too large for memory. Only some are looked at. Raises ToolError (exit 2)."""
    if file.fortran:
        raise ToolError(
            f"{file.path} is larger than memory, and its images do not lie one after the other",
            why="it is in Fortran order, so that reading an image reads the whole file",
            do="numpy.save(path, numpy.ascontiguousarray(images))",
        )
    flat = len(file.shape) == 2
    stored = StoredImages(
        path=file.path, stored_shape=file.shape, stored_dtype=file.dtype, offset=file.offset, points=flat
    )
    check_memory(file.path, _ROW_BYTES * len(stored))
    count = min(len(stored), 1000, max(1, _PIECE_BYTES // (stored.dtype.itemsize * math.prod(stored.shape[1:]))))
    sample = stored.gather(np.linspace(0, len(stored) - 1, count).astype(np.int64))
    return replace(stored, points=flat and not in_unit_range(sample))


def _as_labels(
    labels: npt.NDArray[Any] | None, count: int, path: Path
) -> tuple[npt.NDArray[np.int64] | None, tuple[str, ...]]:
    """(index into the class names, class names). −1 stays −1: none."""
    if labels is None:
        return None, ()
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


def _as_targets(targets: npt.NDArray[Any] | None, images: Images, path: Path) -> tuple[Images | None, bool]:
    """(the targets as the images are, whether they hold points)."""
    if targets is None:
        return None, False
    shaped, points = as_images(targets, path)
    if shaped.shape != images.shape or shaped.dtype != images.dtype:
        raise ToolError(
            f"{path} has targets of {targets.dtype} {list(targets.shape)}",
            why=f"a target is the other noisy picture of an image, and the images are {images.dtype} "
            f"{list(images.shape)} as [N,C,H,W]",
            do="save the targets in the shape and type of the images, or leave them out",
        )
    return shaped, points


def _as_attributes(
    attributes: npt.NDArray[Any] | None, names: npt.NDArray[Any] | None, count: int, path: Path
) -> tuple[npt.NDArray[np.float32] | None, tuple[str, ...]]:
    """(float32 [count, A], A names); without names they are called by their numbers."""
    if attributes is None:
        if names is not None:
            raise ToolError(
                f"{path} has attribute_names without attributes",
                why="they name the columns of the array attributes",
                do=f"save attributes [{count}, {names.size}], too, or leave the names out",
            )
        return None, ()
    if attributes.ndim != 2 or len(attributes) != count or not attributes.size or attributes.dtype.kind not in "biuf":
        raise ToolError(
            f"{path} has attributes of {attributes.dtype} {list(attributes.shape)}",
            why=f"attributes are numbers [{count}, A], a row per image",
            do="save the attributes as such, or leave them out",
        )
    with np.errstate(over="ignore"):
        values = attributes.astype(np.float32)
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0]
        raise ToolError(
            f"{path} holds an attribute that is not a number: image {row}, attribute {column}",
            why="NaN and infinity cannot be compared with a code",
            do="replace them, or leave such images out",
        )
    width = values.shape[1]
    if names is None:
        return values, tuple(str(number) for number in range(width))
    if names.shape != (width,) or names.dtype.kind != "U" or len(set(names.tolist())) != width:
        raise ToolError(
            f"{path} has attribute_names of {names.dtype} {list(names.shape)}",
            why=f"there are {width} attributes: each has a name, and no two the same",
            do="save the names as text, one per column of attributes",
        )
    return values, tuple(str(name) for name in names)
