"""Long logs as arrays on disk, so that opening one again costs no parsing.

A file per log, in the user's folder for such things: eight bytes (how long the header is, and its checksum), the header
as JSON (which log, how far, which terms), then float64 as they lie in memory, a block per track. Nothing in it is
believed before its size and checksum fit, and a file where they do not is passed over: the log itself is the truth.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import struct
import sys
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np

from aetui.follow.log_columns import LogColumns
from aetui.follow.series import AXES, Floats, Track
from aetui.places import cache_folder
from export import atomic
from trainer.runs.tail import Place

MOST_BYTES = 1 << 30
"""What all files may take together; those that were not used for longest go first."""

_FORMAT = f"1 {sys.byteorder}"
_HEADER_BYTES = 1 << 20
_ABANDONED_S = 3600.0
_SLACK = 1.25
_PREFIX = struct.Struct("<II")


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
                    if header["format"] != _FORMAT or header["log"] != _key(log) or not place.is_in(now):
                        return None
                columns = _read_columns(file, header)
            os.utime(path)
            return CachedLog(place, columns, int(header["bad_lines"]))
        except (OSError, ValueError, TypeError, KeyError, OverflowError, MemoryError, struct.error):
            return None

    def write(self, log: Path, kept: CachedLog) -> None:
        """Keep ``kept`` of ``log``, and let others go where that is too much. A folder that takes nothing is done
        without."""
        tracks = [(split, track) for split, tracks in kept.columns.tracks.items() for track in tracks]
        size = sum(track.block.nbytes for _, track in tracks)
        header = {
            "format": _FORMAT,
            "log": _key(log),
            "inode": kept.place.inode,
            "offset": kept.place.offset,
            "mark": kept.place.mark.hex(),
            "bad_lines": kept.bad_lines,
            "start": kept.columns.start,
            "tracks": [
                {"split": split, "names": track.names, "count": track.count, "crc": _checksum(track.block)}
                for split, track in tracks
            ],
        }
        if size > self._most_bytes:
            return
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._make_room(size)
            with atomic.new_file(self._path(log), durable=False) as file:
                text = json.dumps(header).encode()
                file.write(_PREFIX.pack(len(text), zlib.crc32(text)) + text)
                for _, track in tracks:
                    for row in track.block:
                        file.write(row.data)

    def _path(self, log: Path) -> Path:
        return self._folder / f"{hashlib.sha256(_key(log).encode()).hexdigest()[:32]}.columns"

    def _make_room(self, size: int) -> None:
        """Remove the files that were not used for longest until ``size`` bytes more are not too much."""
        files = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    found = entry.stat(follow_symlinks=False)
                    if entry.name.endswith(".columns"):
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
    """The cache in the user's folder for what can be made again; None where there is no home."""
    folder = cache_folder(environ)
    return None if folder is None else LogCache(folder)


def _key(log: Path) -> str:
    # Names of files may hold bytes that are no text.
    return os.fsencode(os.path.abspath(log)).decode("utf-8", "backslashreplace")


def _checksum(block: Floats) -> int:
    value = 0
    for row in block:
        value = zlib.crc32(row.data, value)
    return value


def _read_header(file: BufferedReader) -> dict[str, Any]:
    """Raises ValueError, struct.error."""
    length, checksum = _PREFIX.unpack(file.read(_PREFIX.size))
    text = file.read(length) if length <= _HEADER_BYTES else b""
    if zlib.crc32(text) != checksum:
        raise ValueError("a damaged header")
    header: dict[str, Any] = json.loads(text)
    return header


def _read_columns(file: BufferedReader, header: Mapping[str, Any]) -> LogColumns:
    """Raises ValueError."""
    tracks: dict[str, list[Track]] = {}
    left = os.fstat(file.fileno()).st_size
    for said in header["tracks"]:
        rows, count = len(AXES) + len(said["names"]), said["count"]
        if rows * count * 8 > left:
            raise ValueError("a damaged block")
        # Room for the rows to come, which costs nothing until they do.
        block = np.empty((rows, int(count * _SLACK)))
        for row in block:
            if file.readinto(row[:count].data) != 8 * count:
                raise ValueError("a block that is too short")
        if _checksum(block[:, :count]) != said["crc"]:
            raise ValueError("a damaged block")
        tracks.setdefault(said["split"], []).append(Track(said["names"], block, count))
    return LogColumns(tracks, header["start"])
