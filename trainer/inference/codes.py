"""Codes to decode: from an ``.npy``, an ``.npz`` or a ``.csv``, as ``aetrain encode`` writes them or anybody else."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from export.errors import ToolError
from trainer.data.limits import damaged
from trainer.data.npy import open_npy, read_npz
from trainer.data.stored import StoredImages
from trainer.inference.arrays import head_columns

Array = npt.NDArray[np.float32]

_LINE_CHARACTERS = 1 << 22
"""A line of a table of codes is shorter, however wide they are."""


@dataclass(frozen=True)
class Codes:
    """Codes of one file. count: how many; None where that shows only at the end."""

    path: Path
    width: int
    head: str
    count: int | None

    def batches(self, size: int) -> Iterator[tuple[list[str], Array]]:
        """(names, codes float32 [n, width]) in order, at most ``size`` at a time.

        Raises ToolError: exit 2 for values that are none, 3 for a damaged file.
        """
        if self.path.suffix.lower() == ".csv":
            rows: Iterator[tuple[list[str], npt.NDArray[Any]]] = _from_table(self, size)
        elif self.path.suffix.lower() == ".npy":
            rows = _from_array(self, size)
        else:
            rows = _from_archive(self, size)
        for names, codes in rows:
            yield names, _finite(codes, names, self.path)


def open_codes(path: Path, head: str, width: int) -> Codes:
    """head: what the code is called in an ``.npz`` and a ``.csv``; width: of the model's.

    Raises ToolError: exit 2 for what is missing or of another shape, 3 for a damaged file; OSError.
    """
    suffix = path.suffix.lower()
    if not path.is_file():
        raise ToolError(f"there are no codes at {path}", why="no file has this name", do="aetrain encode   writes some")
    if suffix == ".csv":
        return Codes(path, width, head, None)
    if suffix == ".npy":
        file = open_npy(path)
        _check(file.shape, file.dtype, path, width)
        if file.fortran:
            raise ToolError(
                f"{path} is in Fortran order", why="its codes do not lie one after the other",
                do="numpy.save(path, numpy.ascontiguousarray(codes))",
            )  # fmt: skip
        return Codes(path, width, head, file.shape[0])
    if suffix == ".npz":
        codes = read_npz(path, head, ())[head]
        _check(codes.shape, codes.dtype, path, width)
        return Codes(path, width, head, len(codes))
    raise ToolError(
        f"{path} is no file of codes", why="codes are in an .npy, an .npz or a .csv", do="aetrain encode   writes each"
    )


def _check(shape: tuple[int, ...], dtype: np.dtype[Any], path: Path, width: int) -> None:
    if len(shape) != 2 or shape[1] != width or dtype.kind not in "f":
        raise ToolError(
            f"{path} holds {dtype} {list(shape)}, the model takes codes float32 [n, {width}]",
            why=f"its code is {width} wide",
            do="give codes that this model, or one trained with it, has written",
        )


def _finite(codes: npt.NDArray[Any], names: list[str], path: Path) -> Array:
    with np.errstate(over="ignore"):
        exact: Array = np.ascontiguousarray(codes, np.float32)
    good = np.isfinite(exact).all(axis=1)
    if not good.all():
        raise ToolError(
            f"{path} holds a value that is not a number: {names[int(np.argmin(good))]}",
            why="NaN and infinity cannot be decoded",
            do="replace them, or leave such codes out",
        )
    return exact


def _from_array(codes: Codes, size: int) -> Iterator[tuple[list[str], npt.NDArray[Any]]]:
    file = open_npy(codes.path)
    stored = StoredImages(
        path=file.path, stored_shape=file.shape, stored_dtype=file.dtype, offset=file.offset, points=True
    )
    for start in range(0, len(stored), size):
        numbers = np.arange(start, min(start + size, len(stored)))
        yield _numbered(codes.path, start, len(numbers), len(stored)), stored.rows(numbers)


def _from_archive(codes: Codes, size: int) -> Iterator[tuple[list[str], npt.NDArray[Any]]]:
    arrays = read_npz(codes.path, codes.head, ("names",))
    rows, names = arrays[codes.head], arrays.get("names")
    if names is not None and (names.shape != (len(rows),) or names.dtype.kind != "U"):
        raise damaged(codes.path, f"its names are {names.dtype} {list(names.shape)}, not text [{len(rows)}]")
    for start in range(0, len(rows), size):
        some = rows[start : start + size]
        own = None if names is None else [str(name) for name in names[start : start + size]]
        yield own or _numbered(codes.path, start, len(some), len(rows)), some


def _from_table(codes: Codes, size: int) -> Iterator[tuple[list[str], npt.NDArray[Any]]]:
    """With a header: the column ``name`` and those of the head. Without one: as many numbers as the code is wide."""
    with codes.path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        lines = csv.reader(iter(lambda: file.readline(_LINE_CHARACTERS), ""))
        try:
            first = next(lines, None)
            if first is None:
                return
            named, columns = _columns(first, codes)
            rows = lines if columns is not None else itertools.chain([first], lines)
            places = range(codes.width) if columns is None else columns
            counted = enumerate(row for row in rows if row)
            while some := list(itertools.islice(counted, size)):
                names = [row[named] if named is not None else f"{codes.path.stem}-{i:05d}" for i, row in some]
                yield names, np.array([[float(row[place]) for place in places] for _, row in some], np.float64)
        except (csv.Error, ValueError, IndexError) as error:
            raise damaged(codes.path, f"line {lines.line_num}: {error}", do="repair the table") from error


def _columns(first: list[str], codes: Codes) -> tuple[int | None, list[int] | None]:
    """(the column of names, the columns of the code); the latter is None where the first line is one of numbers."""
    wanted = head_columns(codes.head, (codes.width,))
    if all(column in first for column in wanted):
        places = [first.index(column) for column in wanted]
        return (first.index("name") if "name" in first else None), places
    if len(first) == codes.width and all(map(_is_number, first)):
        return None, None
    raise ToolError(
        f"{codes.path} has no columns {wanted[0]} to {wanted[-1]}",
        why=f"the model's code is {codes.width} wide, and the first line begins {','.join(first)[:60]}",
        do=f"give such a header, or lines of {codes.width} numbers without one",
    )


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _numbered(path: Path, start: int, count: int, total: int) -> list[str]:
    digits = max(2, len(str(total - 1)))
    return [f"{path.stem}-{number:0{digits}d}" for number in range(start, start + count)]


def picture_name(name: str) -> str:
    """The path of a PNG for a code of this name, below a folder that it cannot lead out of."""
    parts = [part for part in name.replace("\\", "/").replace("\0", "").split("/") if part not in ("", ".", "..")]
    path = "/".join(parts) or "image"
    return path if path.lower().endswith(".png") else f"{path}.png"
