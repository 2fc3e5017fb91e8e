"""``load``: the one way from what the user calls a data set to arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from export.errors import ToolError, from_os_error, nearest, unknown
from trainer.data.arrays import read_array_file
from trainer.data.catalog import IDX_SETS, NAMES, IdxSet
from trainer.data.dataset import DataSet
from trainer.data.digits import load_digits
from trainer.data.faces import load_faces
from trainer.data.fetch import DIMENSIONS, find_or_fetch
from trainer.data.folder import read_folder
from trainer.data.idx import read_idx
from trainer.data.limits import damaged
from trainer.data.points import POINT_SETS, load_points
from trainer.data.split import check_validation, from_one_part, split_training, whole

EMBEDDED: Mapping[str, Callable[[float], DataSet]] = {
    "digits": load_digits,
    "faces": load_faces,
    **{name: functools.partial(load_points, name) for name in POINT_SETS},
}
"""The sets that need no file: name → what makes one, given the share of validation images."""

if TYPE_CHECKING:
    from trainer.config import FitConfig


def load_data(fit: FitConfig) -> DataSet:
    """The data set that the options of ``aetrain fit`` name. Raises ToolError, as ``load`` does."""
    return load(
        fit.data,
        data_dir=fit.data_dir,
        image_size=fit.image_size,
        channels=fit.channels,
        validation=fit.validation,
    )


def load(
    data: str,
    *,
    data_dir: Path | None = None,
    image_size: tuple[int, int] | int | None = None,
    channels: int | None = None,
    validation: float = 0.05,
) -> DataSet:
    """The data set that ``data`` names: one of ``NAMES``, a folder of images, an .npy or an .npz file.

    data_dir: where to look first for a named set. image_size: (height, width), or one number for both; channels:
    1 or 3; both for a folder only. validation: the fraction of the training images that is held out.
    Images of an .npy that is larger than ``resident_limit_bytes`` stay in the file: then ``train.resident`` is False.
    Raises ToolError: exit 2 where the data are unknown, missing, of a wrong shape or out of range, 3 where they
    are damaged or hostile, 1 where the system refuses to read them.
    """
    check_validation(validation)
    size = _size(image_size)
    if channels not in (None, 1, 3):
        raise ToolError(f"--channels {channels} is out of range", why="images have 1 or 3", do="--channels 3")
    try:
        if data in NAMES or Path(data).is_file():
            _refuse_without_effect(data, image_size, channels)
        if data in EMBEDDED:
            return EMBEDDED[data](validation)
        if data in IDX_SETS:
            return _load_idx(IDX_SETS[data], data_dir, validation)
        return _load_path(data, size, channels, validation)
    except OSError as error:
        raise from_os_error(error) from error


def _load_idx(wanted: IdxSet, data_dir: Path | None, validation: float) -> DataSet:
    files = find_or_fetch(wanted, data_dir)
    with ThreadPoolExecutor(4) as pool:  # unpacking frees the GIL
        train, train_labels, test, test_labels = pool.map(read_idx, files, DIMENSIONS)
    for images, labels, file in ((train, train_labels, files[1]), (test, test_labels, files[3])):
        if len(images) != len(labels):
            raise damaged(file, f"it has {len(labels)} labels for {len(images)} images")
        if len(labels) and labels.max() >= len(wanted.classes):
            raise damaged(file, f"it has a label {labels.max()}, {wanted.name} has {len(wanted.classes)} classes")
    if train.shape[1:] != test.shape[1:] or not len(test):
        raise damaged(files[2], f"it holds images {list(test.shape)} beside {list(train.shape)} for training")
    kept, held = split_training(train[:, np.newaxis], train_labels.astype(np.int64), validation)
    return DataSet(
        name=wanted.name,
        train=kept,
        validation=held,
        test=whole(test[:, np.newaxis], test_labels.astype(np.int64)),
        classes=wanted.classes,
        source=str(files[0].parent),
    )


def _load_path(data: str, size: tuple[int, int] | None, channels: int | None, validation: float) -> DataSet:
    path = Path(data)
    if path.is_dir():
        return from_one_part(path.resolve().name, read_folder(path, size, channels), data, validation)
    if path.is_file() and path.suffix in (".npy", ".npz"):
        return from_one_part(path.stem, read_array_file(path), data, validation)
    raise _no_data_at(path, data)


def _no_data_at(path: Path, data: str) -> ToolError:
    if path.exists():
        return ToolError(
            f"{data} is no data set",
            why="a data set is a folder of images, an .npy or an .npz file",
            do="give the folder that the images are in, or save the array with numpy.save",
        )
    if "/" in data or path.suffix:
        return ToolError(
            f"there is no data at {data}",
            why="no folder and no file has this name",
            do=f"check the path, or use a data set with a name: {', '.join(NAMES)}",
        )
    guess = nearest(data.lower().replace("_", "-"), NAMES)
    do = f"did you mean {guess!r}?" if guess else "use one of these, a folder of images, an .npy or an .npz file"
    return unknown("data set", data, NAMES, do=do)


def _size(image_size: tuple[int, int] | int | None) -> tuple[int, int] | None:
    """(height, width). Raises ToolError (exit 2) for sizes that no image has."""
    size = (image_size, image_size) if isinstance(image_size, int) else image_size
    if size is not None and not all(1 <= side <= 4096 for side in size):
        raise ToolError(
            f"--image-size {image_size} is out of range", why="a side has 1 to 4096 pixels", do="--image-size 64"
        )
    return size


def _refuse_without_effect(data: str, image_size: tuple[int, int] | int | None, channels: int | None) -> None:
    for flag, value in (("--image-size", image_size), ("--channels", channels)):
        if value is not None:
            raise ToolError(
                f"{flag} has no effect on --data {data}",
                why="only a folder of images is scaled and converted",
                do=f"leave {flag} out, or give a folder of images",
            )
