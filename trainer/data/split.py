"""Who is in train, validation and test: a function of the number of images alone.

Every run of a data set therefore sees the same images, whatever its ``--seed``, and a run with another
``--validation`` is still tested on the same ones.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from export.errors import ToolError
from trainer.data.dataset import DataSet, Images, Split

SPLIT_SEED = 465
"""Fixed for ever: another value would move test images into the training of older runs."""

TEST_FRACTION = 0.1
"""Of a source without a test part of its own."""

MINIMUM_IMAGES = 10
"""A tenth of fewer images is no test image."""


def hold_out(count: int, fraction: float) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The rows 0 … count − 1 as (kept, held out), both int64 and ascending, a fixed random choice.

    A fraction above 0 holds out one row at least.
    """
    size = max(1, round(count * fraction)) if fraction > 0 else 0
    # RandomState, because numpy promises that its stream never changes; that of default_rng may.
    order = np.random.RandomState(SPLIT_SEED).permutation(count).astype(np.int64)
    return np.sort(order[size:]), np.sort(order[:size])


def split_all(images: Images, labels: npt.NDArray[np.int64], validation: float) -> tuple[Split, Split, Split]:
    """(train, validation, test) of a source without a test part: 10 % test, then ``validation`` of the rest.

    images: [n, C, H, W]; labels: int64 [n]. Raises ToolError (exit 2) for too few images.
    """
    _check(len(images), MINIMUM_IMAGES, validation)
    rest, test = hold_out(len(images), TEST_FRACTION)
    kept, held = hold_out(len(rest), validation)
    return _take(images, labels, rest[kept]), _take(images, labels, rest[held]), _take(images, labels, test)


def split_training(images: Images, labels: npt.NDArray[np.int64], validation: float) -> tuple[Split, Split]:
    """(train, validation) of the training part of a source that has a test part. As ``split_all``."""
    _check(len(images), 2, validation)
    kept, held = hold_out(len(images), validation)
    return _take(images, labels, kept), _take(images, labels, held)


def whole(images: Images, labels: npt.NDArray[np.int64]) -> Split:
    """All rows as one split, in writable memory: torch warns of any other."""
    writable: Images = images if images.flags.writeable else images.copy()
    return Split(images=writable, labels=labels, index=np.arange(len(labels), dtype=np.int64))


def from_one_part(
    name: str, images: Images, labels: npt.NDArray[np.int64], classes: tuple[str, ...], source: str, validation: float
) -> DataSet:
    """The data set of a source without a test part; see ``split_all``."""
    train, held, test = split_all(images, labels, validation)
    return DataSet(name=name, train=train, validation=held, test=test, classes=classes, source=source)


def check_validation(validation: float) -> None:
    """Raises ToolError (exit 2) unless 0 ≤ validation ≤ 0.5."""
    if not 0 <= validation <= 0.5:
        raise ToolError(
            f"--validation {validation} is out of range",
            why="it is the fraction of the training images that is held out, from 0 to 0.5",
            do="--validation 0.05 is the default, --validation 0 holds out none",
        )


def _take(images: Images, labels: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]) -> Split:
    # np.asarray: a memory map becomes an ordinary array. ascontiguousarray: indexing keeps a [N,H,W,C] layout.
    taken: Images = np.ascontiguousarray(np.asarray(images)[rows])
    return Split(images=taken, labels=labels[rows], index=rows)


def _check(count: int, minimum: int, validation: float) -> None:
    check_validation(validation)
    if count < minimum:
        raise ToolError(
            f"too few images: {count}",
            why=f"training, validation and test need {minimum} at least",
            do="add images, or choose another --data",
        )
