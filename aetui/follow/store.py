"""Follows the runs of other processes by looking at their files: no event loop, no terminal, no lock."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from aetui.follow.entries import ACTIVE, Entry
from aetui.follow.log_cache import LogCache
from aetui.follow.readers import BundleReader, RunReader
from aetui.follow.sources import Sources
from trainer.runs.folder import is_run

POLL_S = 0.1
"""How often runs that train are looked at; the others, and the folders, every ``SLOW_S`` seconds."""

SLOW_S = 1.0
SLOW_PER_RUN_S = 0.01
"""With many runs they are looked at less often: one costs 25 to 50 µs, and all of them at most 0.5 % of a core."""

PATIENCE_S = 0.05
"""How long a look may go on reading long logs before what it has is shown."""

_BREATH_S = 0.002

Reader = RunReader | BundleReader


class Store:
    """The runs and bundles of ``sources``, newest first. One thread polls; ``entries`` may be read from any.

    cache: where long logs are kept; None: nowhere. looked: there was a poll.
    """

    def __init__(self, sources: Sources, cache: LogCache | None = None) -> None:
        self.entries: tuple[Entry, ...] = ()
        self.looked = False
        self._sources = sources
        self._cache = cache
        self._readers: dict[Path, Reader] = {}
        self._found: dict[Path, Entry] = {}
        self._next_slow = 0.0

    def poll(self, *, all_runs: bool = False, patience_s: float | None = None) -> bool:
        """Look once. Returns True where ``entries`` differ from before. Never raises for a broken run folder.

        patience_s: how long to read on in long logs, the newest run's first; the next polls do the rest. None: all.
        """
        slow = all_runs or time.monotonic() >= self._next_slow
        if slow:
            self._discover()
            self._next_slow = time.monotonic() + max(SLOW_S, SLOW_PER_RUN_S * len(self._readers))
        now = time.monotonic()
        deadline = None if patience_s is None else now + patience_s
        found = {path: self._found.get(path) or self._readers[path].poll(now) for path in self._readers}
        due = [path for path in found if slow or self._trains_or_lags(path, found[path])]
        for path in sorted(due, key=lambda path: _newest_first(found[path])):
            found[path] = self._readers[path].poll(deadline)
        entries = self.entries
        if found != self._found:
            entries = tuple(sorted(found.values(), key=_newest_first))
        changed = not self.looked or entries is not self.entries
        self._found, self.entries, self.looked = found, entries, True
        return changed

    def pause_s(self) -> float:
        """How long nothing needs to be looked at."""
        if any(reader.behind for reader in self._readers.values()):
            return _BREATH_S
        if any(entry.state in ACTIVE for entry in self._found.values()):
            return POLL_S
        return max(_BREATH_S, self._next_slow - time.monotonic())

    def _trains_or_lags(self, path: Path, entry: Entry) -> bool:
        return entry.state in ACTIVE or self._readers[path].behind

    def _discover(self) -> None:
        """Find what came and went. A run that is known and whole costs no call of its own."""
        runs = [path for folder in self._sources.folders for path in _folders_in(folder)]
        paths: dict[Path, type[Reader]] = {
            path: RunReader for path in [*runs, *self._sources.runs] if self._is_whole(path) or _is_run(path)
        }
        paths.update((path, BundleReader) for path in self._sources.bundles)
        for gone in self._readers.keys() - paths.keys():
            del self._readers[gone]
        for path, kind in paths.items():
            if path not in self._readers:
                self._readers[path] = RunReader(path, self._cache) if kind is RunReader else BundleReader(path)

    def _is_whole(self, path: Path) -> bool:
        reader = self._readers.get(path)
        return isinstance(reader, RunReader) and reader.whole


class Follower:
    """Polls a store in a thread of its own and calls ``on_change`` (from that thread) when something changed."""

    def __init__(self, store: Store, on_change: Callable[[], object]) -> None:
        self._store = store
        self._on_change = on_change
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="follow runs", daemon=True)

    def start(self) -> None:
        """Begin to poll."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a poll that hangs in a dead network file system is left behind."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)

    def _follow(self) -> None:
        while not self._stop.is_set():
            if self._store.poll(patience_s=PATIENCE_S) and not self._stop.is_set():
                self._on_change()
            self._stop.wait(self._store.pause_s())


def _newest_first(entry: Entry) -> tuple[float, str]:
    return (-entry.started, entry.name)


def _folders_in(folder: Path) -> list[Path]:
    """The folders that could be runs, as ``trainer.runs.folder.find_runs`` takes them."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir())
    except OSError:
        return []
    return [folder / name for name in names]


def _is_run(path: Path) -> bool:
    try:
        return is_run(path)
    except OSError:
        return False
