"""Where images come from: files that are decoded in threads, or an array that is read row by row."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from export.errors import ExitCode, ToolError
from trainer.data.folder import quiet_decoding, read_sized_image
from trainer.data.npy import open_npy, read_npz
from trainer.data.stored import StoredImages
from trainer.data.values import Images, as_nchw, check_values, converted, kept_type
from trainer.inference.models import Opened

Array = npt.NDArray[np.float32]


class Source(ABC):
    """Some images, numbered from 0."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def name(self, number: int) -> str:
        """What image ``number`` is called in tables."""

    @abstractmethod
    def picture(self, number: int) -> str:
        """The relative path of a PNG made of image ``number``."""

    @abstractmethod
    def files(self) -> Iterable[str]:
        """What must not be given twice."""

    @abstractmethod
    def read(self, start: int, stop: int, skipped: list[tuple[str, str]]) -> tuple[list[int], Array]:
        """(the numbers that could be read, their images float32 [n, C, H, W]) of ``start`` to ``stop``.

        skipped: gets (name, reason) of the others, where the source may skip any. Raises ToolError.
        """


class FileImages(Source):
    """Image files, scaled to the model's size as training scales them.

    files: their paths; above: the folder below which they are named; skip: unreadable ones are left out; say: is told
    where one is scaled.
    """

    def __init__(
        self, *, files: Sequence[str], above: str, opened: Opened, skip: bool, say: Callable[[str], None]
    ) -> None:
        self._channels, *size = opened.image_shape
        if opened.points:
            raise ToolError(
                f"{files[0]} is a picture, and the model takes rows of {size[1]} numbers",
                why=f"it was trained on {opened.bundle.manifest.data}",
                do=f"give an .npy of float32 [n, {size[1]}]",
            )
        self._size = size[0], size[1]
        self._files, self._above, self._skip, self._say = files, above, skip, say

    def __len__(self) -> int:
        return len(self._files)

    def name(self, number: int) -> str:
        return os.path.relpath(self._files[number], self._above).replace(os.sep, "/")

    def picture(self, number: int) -> str:
        stem = self._stem(number)
        return f"{self.name(number) if stem in self._shared else stem}.png"

    def files(self) -> Iterable[str]:
        return self._files

    def read(self, start: int, stop: int, skipped: list[tuple[str, str]]) -> tuple[list[int], Array]:
        numbers = range(start, stop)
        with quiet_decoding(), ThreadPoolExecutor() as pool:
            try:
                decoded = list(pool.map(self._decode, numbers))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        kept, images = [], []
        for number, one in zip(numbers, decoded, strict=True):
            if isinstance(one, ToolError):
                skipped.append((self.name(number), one.why))
                continue
            image, (height, width) = one
            kept.append(number)
            images.append(image)
            if (height, width) != self._size:
                self._say(
                    f"{self._files[number]} has {width}×{height} pixels: images of other sizes are scaled to "
                    f"{self._size[1]}×{self._size[0]}"
                )
        return kept, pixels(np.stack(images)) if images else np.empty((0, self._channels, *self._size), np.float32)

    def _decode(self, number: int) -> tuple[npt.NDArray[np.uint8], tuple[int, int]] | ToolError:
        """(pixels [C, H, W], the (height, width) in the file), or why the file is left out."""
        path = Path(self._files[number])
        try:
            image, size = read_sized_image(path, self._size, self._channels)
        except ToolError as error:
            if self._skip and error.exit_code == ExitCode.DAMAGED:
                return error
            if error.exit_code == ExitCode.DAMAGED:
                error.do = "repair it, take it out, or go on without such files: --skip-bad"
            raise
        return (image.transpose(2, 0, 1) if image.ndim == 3 else image[np.newaxis]), size

    @cached_property
    def _shared(self) -> set[str]:
        """Names that several files have but for their suffix."""
        stems = Counter(self._stem(number) for number in range(len(self)))
        return {stem for stem, count in stems.items() if count > 1}

    def _stem(self, number: int) -> str:
        return os.path.splitext(self.name(number))[0]


class ArrayImages(Source):
    """The rows of an array [n, C, H, W], in memory or in its file.

    stem: what they are called after. path: the file, for errors; None where it is known that the values are right.
    unbounded: its values may be any finite number.
    """

    def __init__(self, *, stem: str, images: Images | StoredImages, unbounded: bool, path: Path | None = None) -> None:
        self._stem, self._images, self._path, self._unbounded = stem, images, path, unbounded
        self._digits = max(2, len(str(max(len(images) - 1, 0))))

    def __len__(self) -> int:
        return len(self._images)

    def name(self, number: int) -> str:
        return f"{self._stem}-{number:0{self._digits}d}"

    def picture(self, number: int) -> str:
        return f"{self.name(number)}.png"

    def files(self) -> Iterable[str]:
        return [self._stem]

    def read(self, start: int, stop: int, skipped: list[tuple[str, str]]) -> tuple[list[int], Array]:
        numbers = np.arange(start, stop)
        if isinstance(self._images, StoredImages):
            images = self._images.gather(numbers)
        else:
            images = self._images[start:stop]
            if self._path is not None:
                images = converted(images, kept_type(images.dtype, self._path))
                check_values(images, numbers, self._path, points=self._unbounded)
        return numbers.tolist(), pixels(images)


def open_array(path: Path, opened: Opened) -> ArrayImages:
    """The images in an ``.npy`` (which stays in its file) or an ``.npz`` (its array ``images``).

    Raises ToolError: exit 2 where they are not what the model takes, 3 for a damaged file; OSError.
    """
    images: Images | StoredImages
    if path.suffix.lower() == ".npy":
        file = open_npy(path)
        _check_shape(file.shape, file.dtype, path, opened)
        if file.fortran:
            images = as_nchw(file.map(), path)
        else:
            images = StoredImages(
                path=path, stored_shape=file.shape, stored_dtype=file.dtype, offset=file.offset, points=opened.unbounded
            )
    else:
        array = read_npz(path, "images", ())["images"]
        _check_shape(array.shape, array.dtype, path, opened)
        images = as_nchw(array, path)
    return ArrayImages(stem=path.stem, images=images, unbounded=opened.unbounded, path=path)


def pixels(images: Images) -> Array:
    """Images as the encoder takes them: uint8 to [0, 1], float32 as it is; contiguous."""
    if images.dtype == np.uint8:
        return np.divide(images, np.float32(255), dtype=np.float32)
    return np.ascontiguousarray(images, np.float32)


def _check_shape(shape: tuple[int, ...], dtype: np.dtype[Any], path: Path, opened: Opened) -> None:
    """Raises ToolError (exit 2) where the array is not one of images that the model takes."""
    found = as_nchw(np.broadcast_to(np.zeros((), np.uint8), shape), path).shape[1:]
    wanted = opened.image_shape
    if found != wanted:
        takes = f"[n, {wanted[2]}]" if opened.points else f"[n, {wanted[0]}, {wanted[1]}, {wanted[2]}]"
        raise ToolError(
            f"{path} has the shape {list(shape)}, the model takes {takes}",
            why=f"it was trained on {opened.bundle.manifest.data}; only image files are scaled",
            do="bring the array to that shape",
        )
    if kept_type(dtype, path) == np.uint8 and opened.unbounded:
        raise ToolError(
            f"{path} holds bytes, and the model takes coordinates",
            why=f"it was trained on {opened.bundle.manifest.data}",
            do=f"save float32 [n, {wanted[2]}]",
        )
