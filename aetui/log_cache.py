"""Long logs as arrays on disk, so that opening one again costs no parsing.

A file per log, in the user's folder for such things: ``.npy`` arrays one after the other, first bytes (a checksum and
JSON: which log, how far, which terms), then a block of float64 for every track. Nothing in it is believed before its
size and checksum fit, and a file where they do not is passed over: the log itself is the truth.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from aetui.log_columns import LogColumns
from aetui.series import AXES, Track
from export import atomic
from trainer.runs.tail import Place

FORMAT = 1
MOST_BYTES = 1 << 30
"""What all files may take together; those that were not used for longest go first."""

_HEADER_BYTES = 1 << 20
_ABANDONED_S = 3600.0
_SLACK = 1.25


@dataclass(frozen=True)
class CachedLog:
    """A log as far as ``place``. bad_lines: those before it."""

    place: Place
    columns: LogColumns
    bad_lines: int


class LogCache:
    """Keeps logs in ``folder``, which is made when there is something to keep. Never raises OSError."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._most_bytes = most_bytes

    def read(self, log: Path) -> CachedLog | None:
        """What was kept of ``log``, if that is still how it begins; else None."""
        path = self._path(log)
        try:
            with open(path, "rb") as file:
                header = _read_header(file)
                place = Place(header["inode"], header["offset"], bytes.fromhex(header["mark"]))
                with open(log, "rb") as now:
                    if header["format"] != FORMAT or header["log"] != _key(log) or not place.is_in(now):
                        return None
                columns = _read_columns(file, header)
            os.utime(path)
            return CachedLog(place, columns, int(header["bad_lines"]))
        except (OSError, ValueError, TypeError, KeyError, EOFError, MemoryError, OverflowError):
            return None

    def write(self, log: Path, kept: CachedLog) -> None:
        """Keep ``kept`` of ``log``, and let others go where that is too much. A folder that takes nothing is done
        without."""
        tracks = [(split, track) for split, tracks in kept.columns.tracks.items() for track in tracks]
        size = sum(track.block.nbytes for _, track in tracks)
        header = {
            "format": FORMAT,
            "log": _key(log),
            "inode": kept.place.inode,
            "offset": kept.place.offset,
            "mark": kept.place.mark.hex(),
            "bad_lines": kept.bad_lines,
            "start": kept.columns.start,
            "tracks": [
                {"split": split, "names": track.names, "crc": _checksum(track.block)} for split, track in tracks
            ],
        }
        if size > self._most_bytes:
            return
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._make_room(size)
            with atomic.new_file(self._path(log), durable=False) as file:
                text = json.dumps(header).encode()
                _write_array(file, np.frombuffer(zlib.crc32(text).to_bytes(4, "little") + text, np.uint8))
                for _, track in tracks:
                    _write_array(file, track.block)

    def _path(self, log: Path) -> Path:
        return self._folder / f"{hashlib.sha256(_key(log).encode()).hexdigest()[:32]}.npy"

    def _make_room(self, size: int) -> None:
        """Remove the files that were not used for longest until ``size`` bytes more are not too much."""
        files = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    found = entry.stat(follow_symlinks=False)
                    if entry.name.endswith(".npy"):
                        files.append((found.st_mtime, found.st_size, entry.path))
                    elif entry.name.endswith(".tmp") and time.time() - found.st_mtime > _ABANDONED_S:
                        os.unlink(entry.path)
        total = sum(length for _, length, _ in files) + size
        for _, length, path in sorted(files):
            if total <= self._most_bytes:
                return
            with contextlib.suppress(OSError):
                os.unlink(path)
            total -= length


def user_cache(environ: Mapping[str, str]) -> LogCache | None:
    """The cache in the user's folder for what can be made again (XDG cache); None where there is no home."""
    cache = environ.get("XDG_CACHE_HOME", "")
    try:
        # A relative path in the variable is to be passed over, says the XDG base directory specification.
        return LogCache((Path(cache) if os.path.isabs(cache) else Path.home() / ".cache") / "aetui")
    except RuntimeError:
        return None


def _key(log: Path) -> str:
    # Names of files may hold bytes that are no text.
    return os.fsencode(os.path.abspath(log)).decode("utf-8", "backslashreplace")


def _checksum(block: npt.NDArray[Any]) -> int:
    value = 0
    for row in block:
        value = zlib.crc32(np.ascontiguousarray(row).data, value)
    return value


def _write_array(file: IO[bytes], array: npt.NDArray[Any]) -> None:
    """As ``np.save`` would, row by row: a view into a larger buffer is not copied as a whole."""
    header = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape}
    np.lib.format.write_array_header_1_0(file, header)
    for row in np.atleast_2d(array):
        file.write(np.ascontiguousarray(row).data)


def _read_shape(file: IO[bytes], dtype: npt.DTypeLike) -> tuple[int, ...]:
    """The shape of the ``.npy`` array that begins here. Raises ValueError where it is another kind of array."""
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("another version")
    shape, fortran_order, found = np.lib.format.read_array_header_1_0(file)
    if found != dtype or fortran_order or found.hasobject:
        raise ValueError("another kind of array")
    return shape


def _read_header(file: IO[bytes]) -> dict[str, Any]:
    (size,) = _read_shape(file, np.uint8)
    if not 4 < size <= _HEADER_BYTES:
        raise ValueError("no header")
    data = file.read(size)
    if zlib.crc32(data[4:]) != int.from_bytes(data[:4], "little"):
        raise ValueError("a damaged header")
    header = json.loads(data[4:])
    if not isinstance(header, dict):
        raise ValueError("no header")
    return header


def _read_columns(file: BufferedReader, header: Mapping[str, Any]) -> LogColumns:
    tracks: dict[str, list[Track]] = {}
    left = os.fstat(file.fileno()).st_size
    for said in header["tracks"]:
        rows, count = _read_shape(file, np.float64)
        if rows != len(AXES) + len(said["names"]) or rows * count * 8 > left:
            raise ValueError("a damaged block")
        # Room for the rows to come, which costs nothing until they do.
        block = np.empty((rows, int(count * _SLACK)))
        for row in block:
            if file.readinto(row[:count].data) != count * 8:
                raise EOFError
        if _checksum(block[:, :count]) != said["crc"]:
            raise ValueError("a damaged block")
        tracks.setdefault(said["split"], []).append(Track(said["names"], block, count))
    return LogColumns(tracks, header["start"])
