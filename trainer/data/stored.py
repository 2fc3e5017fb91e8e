"""Images that stay in their file because memory has no room for them: read when they are asked for."""

from __future__ import annotations

import math
import os
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from export.errors import from_os_error
from trainer.data.limits import damaged
from trainer.data.values import Images, as_nchw, check_values, converted, kept_type


@dataclass(frozen=True, kw_only=True)
class StoredImages:
    """The images of a whole ``.npy`` file in C order, which is held open: it may be renamed or removed meanwhile.

    stored_shape, stored_dtype: of the array in the file, any that ``as_nchw`` and ``kept_type`` take; offset: the bytes
    before it. points: floats are coordinates, not pixels. Read with ``preadv``, not mapped: a mapped file that is cut
    off, or whose disk fails, kills the process that reads it. Raises OSError where the file cannot be opened.
    """

    path: Path
    stored_shape: tuple[int, ...]
    stored_dtype: np.dtype[Any]
    offset: int
    points: bool
    shape: tuple[int, ...] = field(init=False)
    """(n, C, H, W)."""
    dtype: np.dtype[Any] = field(init=False)
    """uint8 or float32: what ``gather`` gives."""
    _handle: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        one = np.broadcast_to(np.zeros((), self.stored_dtype), self.stored_shape)
        object.__setattr__(self, "shape", as_nchw(one, self.path).shape)
        object.__setattr__(self, "dtype", kept_type(self.stored_dtype, self.path))
        object.__setattr__(self, "_handle", os.open(self.path, os.O_RDONLY | os.O_CLOEXEC))
        weakref.finalize(self, os.close, self._handle)

    def __len__(self) -> int:
        return self.shape[0]

    def gather(self, numbers: npt.NDArray[np.int64]) -> Images:
        """The images ``numbers`` [k], in that order: uint8 or float32 [k, C, H, W], in memory of their own.

        Raises ToolError: exit 2 for a value that no image has, since nobody has looked at all of them before; exit 3
        where the file has become shorter; another where the system fails to read.
        """
        images = converted(as_nchw(self.rows(numbers), self.path), self.dtype)
        check_values(images, numbers, self.path, points=self.points)
        return images

    def rows(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """The rows ``numbers`` [k] as they are stored, whatever they hold: [k, …]. Raises ToolError as ``gather``."""
        try:
            return self._read(numbers.tolist())
        except OSError as error:
            raise from_os_error(error) from error

    def _read(self, numbers: list[int]) -> npt.NDArray[Any]:
        """[k, …] as they are stored."""
        row_bytes = self.stored_dtype.itemsize * math.prod(self.stored_shape[1:])
        starts = [self.offset + row_bytes * number for number in numbers]
        if hasattr(os, "posix_fadvise"):
            # The system then reads side by side what is asked for one by one below: images in random order come from a
            # cold disk 4 times as fast (784 bytes each; 5 times with 12 kB).
            for start in starts:
                os.posix_fadvise(self._handle, start, row_bytes, os.POSIX_FADV_WILLNEED)
        rows = np.empty((len(starts), row_bytes), np.uint8)
        for row, start in zip(rows, starts, strict=True):
            if os.preadv(self._handle, [row.data], start) != row_bytes:
                there = os.fstat(self._handle).st_size
                raise damaged(self.path, f"it was cut off while in use: {there:,} bytes are left")
        return rows.reshape(-1).view(self.stored_dtype).reshape(len(starts), *self.stored_shape[1:])
