"""A program in a pseudo-terminal: what it writes, when, and what a terminal emulator makes of it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import pyte

Chunk = tuple[float, bytes]
"""When it came (``time.perf_counter``), and what."""


class Terminal:
    """Runs ``command`` on a terminal of columns × rows; use as a context manager."""

    def __init__(
        self, command: Sequence[str], folder: Path, size: tuple[int, int], environ: Mapping[str, str] | None = None
    ) -> None:
        columns, rows = size
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLORTERM")}
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=folder,
            env={**kept, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **(environ or {})},
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._master)

    def press(self, key: bytes) -> float:
        """Send the bytes of a key. Returns when."""
        now = time.perf_counter()
        os.write(self._master, key)
        return now

    def read(self, quiet_s: float) -> list[Chunk]:
        """What comes until nothing has for so long; the emulator is not fed (it is slow: see ``feed``)."""
        return self._read(lambda: quiet_s)

    def read_for(self, seconds: float) -> list[Chunk]:
        """What comes within so long."""
        deadline = time.perf_counter() + seconds
        return self._read(lambda: deadline - time.perf_counter())

    def _read(self, left: Callable[[], float]) -> list[Chunk]:
        chunks: list[Chunk] = []
        while (seconds := left()) > 0 and select.select([self._master], [], [], seconds)[0]:
            try:
                data = os.read(self._master, 1 << 16)
            except OSError:
                break
            chunks.append((time.perf_counter(), data))
        return chunks

    def feed(self, data: bytes) -> None:
        """Let the emulator take it (without the queries that it does not know)."""
        self._stream.feed(data.replace(b"\x1b[?2026$p", b"").replace(b"\x1b[?2048$p", b""))

    def settle(self, seconds: float = 0.5, limit_s: float = 30.0) -> None:
        """Read and feed until nothing has come for so long."""
        deadline = time.perf_counter() + limit_s
        while time.perf_counter() < deadline:
            chunks = self.read(seconds)
            if not chunks:
                return
            for _, data in chunks:
                self.feed(data)

    def wait_for(self, text: str, limit_s: float = 60.0) -> float:
        """Until ``text`` is in what was written (as bytes, so put no style change inside). Returns when it came."""
        wanted, seen, found = text.encode(), b"", None
        deadline = time.perf_counter() + limit_s
        while found is None and time.perf_counter() < deadline:
            for when, data in self.read_for(0.05):
                self.feed(data)
                seen += data
                if found is None and wanted in seen:
                    found = when
        if found is not None:
            return found
        raise TimeoutError(f"no {text!r} within {limit_s:g} s in\n" + "\n".join(self.screen.display))

    def changes(self, chunks: Sequence[Chunk], watched: Callable[[], object]) -> list[float]:
        """Feed ``chunks``; when those came that changed what ``watched`` makes of the screen."""
        before, found = watched(), []
        for when, data in chunks:
            self.feed(data)
            now = watched()
            if now != before:
                before = now
                found.append(when)
        return found

    def first_change(self, chunks: Sequence[Chunk], watched: Callable[[], object]) -> float | None:
        """The first of ``changes``; None: there was none."""
        return next(iter(self.changes(chunks, watched)), None)


def cpu_s(pid: int) -> float:
    """Processor time of a process and of its children that are still there, in seconds (Linux)."""
    tick = os.sysconf("SC_CLK_TCK")
    total = 0
    for one in (pid, *_children(pid)):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / tick


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []
