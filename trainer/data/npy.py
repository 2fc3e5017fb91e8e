"""``.npy`` and ``.npz`` files: header first, never unpickled, an ``.npy`` mapped into memory and not read."""

from __future__ import annotations

import math
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from export.errors import ToolError
from trainer.data.limits import check_memory, check_ratio, damaged


@dataclass(frozen=True, kw_only=True)
class NpyFile:
    """An ``.npy`` file by its header. offset: the bytes before its values; fortran: in Fortran order, not C."""

    path: Path
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool
    offset: int

    def map(self) -> npt.NDArray[Any]:
        """The array, mapped into memory and not read. Raises OSError."""
        if 0 in self.shape:  # nothing cannot be mapped
            return np.empty(self.shape, self.dtype)
        return np.memmap(self.path, self.dtype, "r", self.offset, self.shape, "F" if self.fortran else "C")


def open_npy(path: Path) -> NpyFile:
    """The header of ``path``, held against the file's size. Raises ToolError (exit 3), OSError."""
    with path.open("rb") as file:
        shape, fortran, dtype = _header(file, path)
        offset = file.tell()
    needed, there = math.prod(shape) * dtype.itemsize, path.stat().st_size - offset
    if there < needed:
        raise damaged(path, f"it is truncated: {there:,} bytes of data where its header says {needed:,}")
    return NpyFile(path=path, shape=shape, dtype=dtype, fortran=fortran, offset=offset)


def read_npz(path: Path, needed: str, others: Iterable[str]) -> dict[str, npt.NDArray[Any]]:
    """The array ``needed`` and those of the ``others`` that are there, by name.

    Raises ToolError: exit 2 where ``needed`` is not there or the arrays do not fit into memory, 3 for a damaged or
    hostile file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            keys = [name.removesuffix(".npy") for name in archive.namelist()]
            if needed not in keys:
                more = ", labels=…)   (the labels may be left out)" if "labels" in others else ")"
                raise ToolError(
                    f"{path} has no array {needed!r}",
                    why=f"its arrays are: {', '.join(keys[:10]) or 'none'}",
                    do=f"numpy.savez(path, {needed}=…{more}",
                )
            found: dict[str, npt.NDArray[Any]] = {}
            for key in (needed, *others):
                if key in keys:
                    found[key] = _read_member(archive, f"{key}.npy", path, sum(one.nbytes for one in found.values()))
            return found
    # RuntimeError: encrypted; NotImplementedError: an exotic compression; KeyError: the key is no .npy.
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, KeyError) as error:
        raise damaged(path, str(error) or type(error).__name__) from error


def _read_member(archive: zipfile.ZipFile, name: str, path: Path, read_bytes: int) -> npt.NDArray[Any]:
    """One array. read_bytes: how much the others took."""
    info = archive.getinfo(name)
    with archive.open(info) as file:
        shape, fortran, dtype = _header(file, path)
        needed = math.prod(shape) * dtype.itemsize
        if needed != info.file_size - file.tell():
            raise damaged(path, f"{name} has {info.file_size:,} bytes, its header says {needed:,} of data")
        check_ratio(path, needed, info.compress_size)
        check_memory(path, read_bytes + needed)
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
