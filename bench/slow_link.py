"""A program on a terminal at the other end of a slow link: rate, delay, and buffers that fill up on the way.

``SlowTerminal(command, folder, size, Wire(bytes_per_s=…, round_trip_s=…))`` is read like a ``Terminal``. The terminal
at the far end answers what it is asked, as fast as the link lets it. ``frames`` and ``key_times`` say of what arrived
which pictures it brought and how long keys took.
"""

from __future__ import annotations

import bisect
import contextlib
import heapq
import itertools
import os
import queue
import re
import select
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bench.terminal import Chunk, Terminal

SYNC_BEGIN, SYNC_END = b"\x1b[?2026h", b"\x1b[?2026l"
_PACKET_BYTES = 1400
_NOTICED = re.compile(rb"\x1b\[(?:(?P<row>\d*)(?:;(?P<column>\d*))?H|(?P<cursor>6n)|\?(?P<mode>2026)\$p)")
_UNFINISHED = re.compile(rb"\x1b(?:\[[?\d;$]{0,12})?\Z")


@dataclass(frozen=True, kw_only=True)
class Wire:
    """bytes_per_s: towards the terminal; None: as fast as they come. round_trip_s: half of it each way.

    held_bytes: what ssh and TCP take of the program before it has to wait.
    """

    bytes_per_s: float | None
    round_trip_s: float
    held_bytes: int = 256 * 1024


LOCAL = Wire(bytes_per_s=None, round_trip_s=0.0)


class Answers:
    """What a terminal says to what it reads: where its cursor was put, and that it knows synchronized output."""

    def __init__(self) -> None:
        self._row, self._column = 1, 1
        self._rest = b""

    def to(self, data: bytes) -> bytes:
        """Sequences may come in pieces."""
        data, said = self._rest + data, b""
        unfinished = _UNFINISHED.search(data)
        self._rest = data[unfinished.start() :] if unfinished else b""
        for found in _NOTICED.finditer(data[: len(data) - len(self._rest)]):
            if found["cursor"]:
                said += b"\x1b[%d;%dR" % (self._row, self._column)
            elif found["mode"]:
                said += b"\x1b[?2026;2$y"
            else:
                self._row, self._column = int(found["row"] or 1), int(found["column"] or 1)
        return said


class SlowTerminal(Terminal):
    """Runs ``command`` on a terminal at the far end of ``wire``; use as a context manager."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        size: tuple[int, int],
        wire: Wire = LOCAL,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(command, folder, size, environ)
        self._wire = wire
        self._arrived: queue.Queue[Chunk] = queue.Queue()
        self._upwards: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
        self._wakes, self._wake = os.pipe()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._carry, name="slow link", daemon=True)
        self._thread.start()

    def __exit__(self, *reason: object) -> None:
        self._ends.set()
        os.write(self._wake, b"x")
        self._thread.join()
        super().__exit__(*reason)
        os.close(self._wakes)
        os.close(self._wake)

    def press(self, key: bytes) -> float:
        """Send the bytes of a key from the far end. Returns when."""
        now = time.perf_counter()
        self._upwards.put((now + self._wire.round_trip_s / 2, key))
        os.write(self._wake, b"k")
        return now

    def _read(self, left: Callable[[], float]) -> list[Chunk]:
        chunks: list[Chunk] = []
        while (seconds := left()) > 0:
            try:
                chunks.append(self._arrived.get(timeout=seconds))
            except queue.Empty:
                break
        return chunks

    def _carry(self) -> None:
        """Both ways, until the end: everything has a time at which it is where it goes."""
        wire, answers, order = self._wire, Answers(), itertools.count()
        down: list[tuple[float, int, bytes]] = []
        up: list[tuple[float, int, bytes]] = []
        leaving: list[tuple[float, int]] = []  # packets that are still here, by when they will have left
        held, free_at, open_ = 0, 0.0, True
        while not self._ends.is_set():
            now = time.perf_counter()
            while leaving and leaving[0][0] <= now:
                held -= heapq.heappop(leaving)[1]
            while down and down[0][0] <= now:
                data = heapq.heappop(down)[2]
                self._arrived.put((time.perf_counter(), data))
                if said := answers.to(data):
                    heapq.heappush(up, (now + wire.round_trip_s / 2, next(order), said))
            with contextlib.suppress(queue.Empty):
                while True:
                    when, key = self._upwards.get_nowait()
                    heapq.heappush(up, (when, next(order), key))
            while up and up[0][0] <= now:
                with contextlib.suppress(OSError):
                    os.write(self._master, heapq.heappop(up)[2])
            times = [waiting[0][0] for waiting in (down, up, leaving) if waiting]
            wait = max(0.0, min(times) - time.perf_counter()) if times else 1.0
            reads = [self._wakes] + ([self._master] if open_ and held < wire.held_bytes else [])
            ready = select.select(reads, [], [], wait)[0]
            if self._wakes in ready:
                os.read(self._wakes, 1024)
            if self._master not in ready:
                continue
            try:
                data = os.read(self._master, min(1 << 16, wire.held_bytes - held))
            except OSError:
                open_ = False
                continue
            now = time.perf_counter()
            for start in range(0, len(data), _PACKET_BYTES):
                packet = data[start : start + _PACKET_BYTES]
                if wire.bytes_per_s is not None:
                    free_at = max(now, free_at) + len(packet) / wire.bytes_per_s
                    heapq.heappush(leaving, (free_at, len(packet)))
                    held += len(packet)
                arrives = max(now, free_at) + wire.round_trip_s / 2
                heapq.heappush(down, (arrives, next(order), packet))


class Frame(NamedTuple):
    """when: its last byte came. size: bytes."""

    when: float
    size: int


class Bytes:
    """Chunks as one, with the time at which each byte came."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self.data = b"".join(data for _, data in chunks)
        self._times = [when for when, _ in chunks]
        self._ends = list(itertools.accumulate(len(data) for _, data in chunks))

    def when(self, place: int) -> float:
        """When the byte at ``place`` came."""
        return self._times[bisect.bisect_right(self._ends, place)]


_FRAME = re.compile(re.escape(SYNC_BEGIN) + rb"(.*?)" + re.escape(SYNC_END), re.DOTALL)


def frames(chunks: Sequence[Chunk], holding: bytes = b"\xe2\x96") -> list[Frame]:
    """What came in synchronized output and has something of a picture in it. holding: by default any block."""
    found = Bytes(chunks)
    return [
        Frame(found.when(one.end() - 1), one.end() - one.start())
        for one in _FRAME.finditer(found.data)
        if holding in one[1]
    ]


def key_times(chunks: Sequence[Chunk], pressed: Sequence[float], marked: re.Pattern[bytes]) -> list[float | None]:
    """Seconds from each key, pressed at these times, to the text that counts it. None: it never came.

    marked: finds the number of keys so far in its first group; a text that counts more keys counts each of them.
    """
    found = Bytes(chunks)
    seen = [(int(one[1]), found.when(one.end() - 1)) for one in marked.finditer(found.data)]
    return [
        next((when - at for count, when in seen if count >= number), None) for number, at in enumerate(pressed, start=1)
    ]
