"""Who is in train, validation and test: a function of the number of images (and, above 2 GB, their size) alone.

Every run of a data set therefore sees the same images, whatever its ``--seed``, and a run with another
``--validation`` is still tested on the same ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from export.errors import ToolError
from trainer.data.dataset import DataSet, Split
from trainer.data.stored import StoredImages
from trainer.data.values import Images

SPLIT_SEED = 465
"""Fixed for ever: another value would move test images into the training of older runs."""

TEST_FRACTION = 0.1
"""Of a source without a test part of its own."""

LARGE_BYTES = 2 << 30
"""A source without a test part of its own whose images take more has its held-out parts limited."""

HELD_IMAGES, HELD_BYTES = 10_000, 256 << 20
"""To which they are limited, whichever is less."""

MINIMUM_IMAGES = 10
"""A tenth of fewer images is no test image."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """The images of a source, or of its training part, before they are split.

    images: [n, C, H, W], in memory or in their file. labels: int64 [n]; None: none has one. The rest is as in ``Split``
    and ``DataSet``.
    """

    images: Images | StoredImages
    labels: npt.NDArray[np.int64] | None = None
    classes: tuple[str, ...] = ()
    attributes: npt.NDArray[np.float32] | None = None
    attribute_names: tuple[str, ...] = ()
    targets: Images | None = None
    points: bool = False


def hold_out(
    count: int, fraction: float, limit: int | None = None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The rows 0 … count − 1 as (kept, held out), both int64 and ascending, a fixed random choice.

    A fraction above 0 holds out one row at least. limit: of those held out, return only so many, a random choice, too;
    the others are in neither.
    """
    size = max(1, round(count * fraction)) if fraction > 0 else 0
    # RandomState, because numpy promises that its stream never changes; that of default_rng may.
    order = np.random.RandomState(SPLIT_SEED).permutation(count)
    kept = np.ones(count, bool)
    kept[order[:size]] = False
    return np.flatnonzero(kept).astype(np.int64), np.sort(order[: size if limit is None else min(size, limit)])


def split_all(part: Part, validation: float) -> tuple[Split, Split, Split]:
    """(train, validation, test) of a source without a test part: 10 % test, then ``validation`` of the rest.

    Of a source above ``LARGE_BYTES``, validation and test are no larger than ``held_limit`` says. Raises ToolError
    (exit 2) for too few images.
    """
    count, limit = len(part.images), held_limit(part.images)
    _check(count, MINIMUM_IMAGES, validation)
    rest, test = hold_out(count, TEST_FRACTION, limit)
    kept, held = hold_out(len(rest), validation, limit)
    return _take(part, rest[kept]), _take(part, rest[held], resident=True), _take(part, test, resident=True)


def held_limit(images: Images | StoredImages) -> int | None:
    """How many images validation and test may have at most; None: as many as there are.

    Of a large source a tenth would be too much to hold in memory and to evaluate. A function of the images alone, not
    of this machine's memory, so that figures mean the same everywhere.
    """
    row_bytes = images.dtype.itemsize * math.prod(images.shape[1:])
    if row_bytes * len(images) <= LARGE_BYTES:
        return None
    return max(100, min(HELD_IMAGES, HELD_BYTES // row_bytes))


def split_training(images: Images, labels: npt.NDArray[np.int64], validation: float) -> tuple[Split, Split]:
    """(train, validation) of the training part of a source that has a test part. As ``split_all``."""
    _check(len(images), 2, validation)
    kept, held = hold_out(len(images), validation)
    part = Part(images=images, labels=labels)
    return _take(part, kept), _take(part, held)


def whole(images: Images, labels: npt.NDArray[np.int64]) -> Split:
    """All rows as one split, in writable memory: torch warns of any other."""
    writable: Images = images if images.flags.writeable else images.copy()
    return Split(images=writable, labels=labels, index=np.arange(len(labels), dtype=np.int64))


def from_one_part(name: str, part: Part, source: str, validation: float) -> DataSet:
    """The data set of a source without a test part; see ``split_all``."""
    train, held, test = split_all(part, validation)
    return DataSet(
        name=name, train=train, validation=held, test=test, classes=part.classes, source=source,
        attribute_names=part.attribute_names, points=part.points,
    )  # fmt: skip


def check_validation(validation: float) -> None:
    """Raises ToolError (exit 2) unless 0 ≤ validation ≤ 0.5."""
    if not 0 <= validation <= 0.5:
        raise ToolError(
            f"--validation {validation} is out of range",
            why="it is the fraction of the training images that is held out, from 0 to 0.5",
            do="--validation 0.05 is the default, --validation 0 holds out none",
        )


def _take(part: Part, rows: npt.NDArray[np.int64], *, resident: bool = False) -> Split:
    """The images ``rows`` of ``part``. resident: in memory, wherever they are now."""
    file, targets = None, None
    if not isinstance(part.images, StoredImages):
        images, targets = _copy(part.images, rows), None if part.targets is None else _copy(part.targets, rows)
    elif resident:
        images = part.images.gather(rows)
    else:
        file, images = part.images, np.empty((0, *part.images.shape[1:]), part.images.dtype)
    return Split(
        images=images,
        labels=np.full(len(rows), -1, np.int64) if part.labels is None else part.labels[rows],
        index=rows,
        attributes=None if part.attributes is None else part.attributes[rows],
        targets=targets,
        file=file,
    )


def _copy(images: npt.NDArray[Any], rows: npt.NDArray[np.int64]) -> Images:
    # ascontiguousarray: indexing keeps a [N,H,W,C] layout.
    copy: Images = np.ascontiguousarray(images[rows])
    return copy


def _check(count: int, minimum: int, validation: float) -> None:
    check_validation(validation)
    if count < minimum:
        raise ToolError(
            f"too few images: {count}",
            why=f"training, validation and test need {minimum} at least",
            do="add images, or choose another --data",
        )
