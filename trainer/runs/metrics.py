"""The logs of a run: one JSON object per line, written by one trainer, tailed by any number of readers.

``metrics.jsonl`` holds what was trained on, ``health.jsonl`` what the network looked like (see ``trainer.alerts``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from export import atomic
from trainer.runs.tail import Lines, Tail

Row = dict[str, Any]
"""``step`` (optimiser steps done), ``epoch`` (1.5 is half-way through the second), ``time`` (Unix seconds),
``split`` (``train`` or ``validation``), ``loss`` and one number per term; None where a value was not finite."""

METRICS = ("step", "split")
"""What every row of ``metrics.jsonl`` has; a line without is no row."""
HEALTH = ("step", "kind")
"""The same for ``health.jsonl``."""


class MetricsLog:
    """Appends rows to a log; one line is one write."""

    def __init__(self, path: Path) -> None:
        self._path = path
        _cut_torn_tail(path)
        self._descriptor = atomic.open_log(path)

    def append(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write ``rows``; a non-finite number becomes null. Raises OSError."""
        atomic.append_lines(self._descriptor, [_line(dict(row)) for row in rows])

    def size_bytes(self) -> int:
        """How long the log is now: a checkpoint notes it."""
        return os.fstat(self._descriptor).st_size

    def sync(self) -> None:
        """Make every row durable: before the checkpoint that counts them."""
        os.fsync(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)


_encode = json.JSONEncoder(allow_nan=False).encode  # json.dumps makes a new encoder for every row


def _line(row: Row) -> str:
    try:
        return _encode(row)
    except ValueError:
        return _encode(atomic.finite(row))


def cut_back(path: Path, step: int, keys: tuple[str, ...] = METRICS) -> None:
    """Drop every row after ``step``, and whatever cannot be read: only resuming does this. keys: what a row has."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return
    kept = [
        line
        for line in data.split(b"\n")[:-1]
        if (row := _parse(line, keys)) is not None and isinstance(row.get("step"), int) and row["step"] <= step
    ]
    if data == b"".join(line + b"\n" for line in kept):
        return
    atomic.write_bytes(path, b"".join(line + b"\n" for line in kept))


@dataclass
class Update:
    """What ``MetricsTail.poll`` found. restarted: forget all earlier rows, the log was cut back or replaced."""

    rows: list[Row] = field(default_factory=list)
    restarted: bool = False


class MetricsTail:
    """Follows a log that grows, is cut back, or is replaced; never reads half a line.

    keys: what a row has. ``poll`` costs one ``stat`` where nothing changed. ``bad_lines`` counts the lines that were no
    rows.
    """

    def __init__(self, path: Path, keys: tuple[str, ...] = METRICS) -> None:
        self._tail = Tail(path)
        self._keys = keys
        self.bad_lines = 0

    def poll(self) -> Update:
        """The rows that have appeared since the last call, at most about 256 KiB of them (call again for more)."""
        return self._update(self._tail.read())

    def read_all(self) -> Update:
        """``poll`` until nothing is left."""
        total = Update()
        while True:
            lines = self._tail.read()
            update = self._update(lines)
            if update.restarted:
                total = Update(restarted=True)
            total.rows += update.rows
            if not lines.more:
                return total

    def _update(self, lines: Lines) -> Update:
        update = Update(restarted=lines.restarted)
        if lines.restarted:
            self.bad_lines = 0
        for line in lines.data.split(b"\n")[:-1]:
            row = _parse(line, self._keys)
            if row is None:
                self.bad_lines += 1
            else:
                update.rows.append(row)
        return update


def _parse(line: bytes, keys: tuple[str, ...]) -> Row | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and all(key in value for key in keys) else None


def _cut_torn_tail(path: Path) -> None:
    """A crash can leave half a line at the end; the next row must not be glued to it."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return
    if data and not data.endswith(b"\n"):
        atomic.cut_file(path, data.rfind(b"\n") + 1)
