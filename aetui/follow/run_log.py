"""``RunLog``: the log of one run, followed, parsed and kept."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from aetui.follow.log_cache import CachedLog, LogCache
from aetui.follow.log_columns import LogColumns
from aetui.follow.log_lines import rows_of
from aetui.follow.series import Series
from trainer.runs.tail import Tail

LONG_BYTES = 4 << 20
"""A log is kept in the cache from here on, and again when so much has come; while it grows, an eighth at least."""


class RunLog:
    """series: what the log says, by (split, term). bad_lines: how many lines said nothing.

    behind: it holds more than was read; the next ``poll`` goes on.
    """

    def __init__(self, path: Path, cache: LogCache | None = None) -> None:
        self.series: Mapping[tuple[str, str], Series] = {}
        self.bad_lines = 0
        self.behind = False
        self._path = path
        self._cache = cache
        self._tail = Tail(path)
        self._columns = LogColumns()
        self._kept_bytes = 0
        self._looked = False

    def poll(self, deadline: float | None = None, *, grows: bool = True) -> bool:
        """Read what is new, at least a piece, until ``deadline`` (monotonic seconds; None: all). grows: rows will come.

        Returns True where there was something. Never raises OSError.
        """
        changed = self._recall()
        while True:
            lines = self._tail.read()
            if lines.restarted:
                self._columns, self.bad_lines, self._kept_bytes = LogColumns(), 0, 0
            if lines.data:
                rows, bad = rows_of(lines.data)
                self._columns.add(rows)
                self.bad_lines += bad
            changed |= lines.restarted or bool(lines.data)
            self.behind = lines.more
            if not lines.more or (deadline is not None and time.monotonic() >= deadline):
                break
        if changed:
            self.series = self._columns.series()
        if changed or not grows:
            self._keep(grows)
        return changed

    def _recall(self) -> bool:
        """Before the first look: begin where the cache ends. Returns True where it knew the log."""
        if self._looked:
            return False
        self._looked = True
        try:
            long = self._path.stat().st_size >= LONG_BYTES
        except OSError:
            return False
        kept = self._cache.read(self._path) if self._cache is not None and long else None
        if kept is None:
            return False
        self._tail = Tail(self._path, kept.place)
        self._columns, self.bad_lines, self._kept_bytes = kept.columns, kept.bad_lines, kept.place.offset
        return True

    def _keep(self, grows: bool) -> None:
        place = self._tail.place
        if self._cache is None or self.behind or place is None:
            return
        if place.offset - self._kept_bytes >= max(LONG_BYTES, self._kept_bytes // 8 if grows else 0):
            self._kept_bytes = place.offset
            self._cache.write(self._path, CachedLog(place, self._columns, self.bad_lines))
