"""Arrays written row by row, so that they may be larger than memory: ``.npy``, ``.npz`` and ``.csv``."""

from __future__ import annotations

import io
import json
import math
import shutil
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import IO, Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


class NpyStream:
    """An ``.npy`` that grows; how many rows it has is written into its header by ``finish``.

    file: open for writing, at its beginning, and seekable. shape: of one row.
    """

    def __init__(self, file: IO[bytes], dtype: np.dtype[Any], shape: Sequence[int]) -> None:
        self._file, self._dtype, self._shape = file, dtype, tuple(shape)
        self.count = 0
        file.write(self._header())

    def append(self, rows: npt.NDArray[Any]) -> None:
        """rows: [n, …], of the dtype and the shape that were announced. Raises OSError."""
        if rows.shape[1:] != self._shape or rows.dtype != self._dtype:
            raise ValueError(f"rows are {rows.dtype} {list(rows.shape)}, not {self._dtype} {list(self._shape)}")
        self._file.write(np.ascontiguousarray(rows).data)
        self.count += len(rows)

    def finish(self) -> None:
        """The header says how many rows there are. Raises OSError."""
        self._file.seek(0)
        self._file.write(self._header())
        self._file.seek(0, io.SEEK_END)

    def _header(self) -> bytes:
        """As long for any number of rows: numpy leaves room for the first axis to grow."""
        return npy_header(self._dtype, (self.count, *self._shape))


def npy_header(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    """What an ``.npy`` of this dtype and shape begins with."""
    buffer = io.BytesIO()
    described = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(buffer, described)
    return buffer.getvalue()


class CodeStream(ABC):
    """Takes the heads of images one batch after the other."""

    @abstractmethod
    def append(self, names: Sequence[str], heads: Mapping[str, Array]) -> None:
        """names: of n images; heads: name → float32 [n, …]. Raises OSError."""

    @abstractmethod
    def finish(self) -> None:
        """Nothing more comes. Raises OSError."""


class CodeArray(CodeStream):
    """The first head alone, in an ``.npy``."""

    def __init__(self, file: IO[bytes], heads: Mapping[str, tuple[int, ...]]) -> None:
        self._head, shape = next(iter(heads.items()))
        self._stream = NpyStream(file, np.dtype(np.float32), shape)

    def append(self, names: Sequence[str], heads: Mapping[str, Array]) -> None:
        self._stream.append(heads[self._head])

    def finish(self) -> None:
        self._stream.finish()


class CodeTable(CodeStream):
    """Names and all heads as text, a line per image; nine digits give back the same float32."""

    def __init__(self, file: IO[bytes], heads: Mapping[str, tuple[int, ...]]) -> None:
        self._heads = list(heads)
        self._file = file
        columns = [column for head, shape in heads.items() for column in head_columns(head, shape)]
        self._format = ",".join(["%.9g"] * len(columns))
        self._write(",".join(["name", *columns]))

    def append(self, names: Sequence[str], heads: Mapping[str, Array]) -> None:
        rows = np.concatenate([heads[head].reshape(len(names), -1) for head in self._heads], axis=1)
        for name, row in zip(names, rows.tolist(), strict=True):
            self._write(f"{quoted(name)},{self._format % tuple(row)}")

    def finish(self) -> None:
        pass

    def _write(self, line: str) -> None:
        self._file.write(line.encode("utf-8", "surrogateescape") + b"\n")


class CodeArchive(CodeStream):
    """Names and all heads in an ``.npz``, uncompressed. Until all are there, each waits in a file of its own.

    parts: an empty file for ``names`` and for each head, opened for reading and writing.
    """

    def __init__(self, file: IO[bytes], heads: Mapping[str, tuple[int, ...]], parts: Mapping[str, IO[bytes]]) -> None:
        self._file, self._parts = file, parts
        self._streams = {
            head: NpyStream(self._parts[head], np.dtype(np.float32), shape) for head, shape in heads.items()
        }
        self._longest = 1

    def append(self, names: Sequence[str], heads: Mapping[str, Array]) -> None:
        for head, stream in self._streams.items():
            stream.append(heads[head])
        for name in names:
            self._longest = max(self._longest, len(name))
            self._parts["names"].write(json.dumps(name).encode() + b"\n")

    def finish(self) -> None:
        with zipfile.ZipFile(self._file, "w") as archive:
            for head, stream in self._streams.items():
                stream.finish()
                self._parts[head].seek(0)
                with _member(archive, head) as member:
                    shutil.copyfileobj(self._parts[head], member, 1 << 20)
            with _member(archive, "names") as member:
                self._write_names(member)

    def _write_names(self, member: IO[bytes]) -> None:
        dtype = np.dtype(f"<U{self._longest}")
        member.write(npy_header(dtype, (next(iter(self._streams.values())).count,)))
        self._parts["names"].seek(0)
        for line in self._parts["names"]:
            member.write(np.array([json.loads(line)], dtype).tobytes())


def head_columns(head: str, shape: Sequence[int]) -> list[str]:
    """What the numbers of one head are called in a table: latent_0, latent_1; scale_tril_0_0, scale_tril_0_1."""
    return ["_".join([head, *map(str, index)]) for index in np.ndindex(*shape)] if math.prod(shape) else []


def quoted(text: str) -> str:
    """``text`` as one field of a CSV."""
    if any(character in text for character in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """Without a time: the same arrays give the same bytes."""
    return archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True)
