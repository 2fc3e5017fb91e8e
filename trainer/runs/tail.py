"""Following a file of lines that another process writes: it grows, is cut back, is replaced, vanishes."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import IO

CHUNK_BYTES = 1 << 18
"""What one ``Tail.read`` hands out at most; a longer line is no line."""

_MARK_BYTES = 64


@dataclass(frozen=True)
class Place:
    """How far a file was read. offset: bytes; mark: the last bytes before it, by which its content is known again."""

    inode: int = -1
    offset: int = 0
    mark: bytes = b""

    def is_in(self, file: IO[bytes]) -> bool:
        """True where ``file`` goes on from here: it is the same one, and nothing was taken away. Raises OSError."""
        if self.offset == 0:
            return True
        found = os.fstat(file.fileno())
        if found.st_ino != self.inode or found.st_size < self.offset:
            return False
        file.seek(self.offset - len(self.mark))
        return file.read(len(self.mark)) == self.mark


@dataclass(frozen=True)
class Lines:
    """data: whole lines, each with its newline. restarted: forget all earlier ones, the file was cut back or replaced.

    more: it holds more already.
    """

    data: bytes = b""
    restarted: bool = False
    more: bool = False


class Tail:
    """Reads on from ``place``, the beginning by default; never hands out half a line.

    ``read`` costs one ``stat`` where nothing changed.
    """

    def __init__(self, path: Path, place: Place | None = None) -> None:
        self._path = os.fspath(path)
        self._place = place or Place()
        self._seen: tuple[int, int, int] | None = None
        self._inside_long = False

    @property
    def place(self) -> Place | None:
        """Where the next ``read`` goes on; None in the middle of a line that is too long for one."""
        return None if self._inside_long else self._place

    def read(self) -> Lines:
        """What came since the last call, at most ``CHUNK_BYTES`` (``more``: call again). Never raises OSError."""
        try:
            found = os.stat(self._path)
            if _stamp(found) == self._seen or not stat.S_ISREG(found.st_mode):
                return Lines()
            with open(self._path, "rb", buffering=0) as file:
                return self._read(file)
        except FileNotFoundError:
            restarted = self._place.offset > 0
            self._start_over()
            return Lines(restarted=restarted)
        except OSError:
            return Lines()

    def _read(self, file: IO[bytes]) -> Lines:
        found = os.fstat(file.fileno())
        restarted = not self._place.is_in(file)
        if restarted:
            self._start_over()
        offset = self._place.offset
        file.seek(offset)
        data = file.read(CHUNK_BYTES)
        more = bool(data) and offset + len(data) < found.st_size
        self._seen = None if more else _stamp(found)
        whole = data[: data.rfind(b"\n") + 1]
        taken = len(whole)
        if self._inside_long and whole:
            # What is left of a line that was too long could pass for a line of its own: it is handed out empty.
            whole = whole[whole.index(b"\n") :]
            self._inside_long = False
        elif not whole and len(data) == CHUNK_BYTES:
            self._inside_long = True
        if self._inside_long:
            taken = len(data)
        mark = (self._place.mark + data[:taken])[-_MARK_BYTES:]
        self._place = Place(found.st_ino, offset + taken, mark)
        return Lines(whole, restarted, more)

    def _start_over(self) -> None:
        self._place = Place()
        self._seen = None
        self._inside_long = False


def _stamp(found: os.stat_result) -> tuple[int, int, int]:
    return (found.st_ino, found.st_size, found.st_mtime_ns)
