"""Follows the runs of other processes by looking at their files: no event loop, no terminal, no lock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from aetui.entries import ACTIVE, BundleReader, Entry, RunReader
from aetui.sources import Sources
from trainer.runs.folder import find_runs, is_run

POLL_S = 0.15
"""How often runs that train are looked at; the others, and the folders, every ``SLOW_S`` seconds."""

SLOW_S = 1.0


class Store:
    """The runs and bundles of ``sources``, newest first. One thread polls; ``entries`` may be read from any."""

    def __init__(self, sources: Sources) -> None:
        self.entries: tuple[Entry, ...] = ()
        self.looked = False
        self._sources = sources
        self._readers: dict[Path, RunReader | BundleReader] = {}
        self._found: dict[Path, Entry] = {}
        self._next_slow = 0.0

    def poll(self, *, all_runs: bool = False) -> bool:
        """Look once. Returns True where ``entries`` differ from before. Never raises for a broken run folder."""
        slow = all_runs or time.monotonic() >= self._next_slow
        if slow:
            self._next_slow = time.monotonic() + SLOW_S
            self._discover()
        for path, reader in self._readers.items():
            before = self._found.get(path)
            if slow or before is None or before.state in ACTIVE:
                self._found[path] = reader.poll()
        entries = tuple(sorted(self._found.values(), key=_newest_first))
        changed = not self.looked or _differ(entries, self.entries)
        self.entries, self.looked = entries, True
        return changed

    def _discover(self) -> None:
        paths: dict[Path, type[RunReader] | type[BundleReader]] = {}
        for folder in self._sources.folders:
            try:
                paths.update((run.path, RunReader) for run in find_runs(folder))
            except OSError:
                continue
        paths.update((path, RunReader) for path in self._sources.runs if _is_run(path))
        paths.update((path, BundleReader) for path in self._sources.bundles)
        for gone in self._readers.keys() - paths.keys():
            del self._readers[gone]
            self._found.pop(gone, None)
        for path, reader in paths.items():
            if path not in self._readers:
                self._readers[path] = reader(path)


class Follower:
    """Polls a store in a thread of its own and calls ``on_change`` (from that thread) when something changed."""

    def __init__(self, store: Store, on_change: Callable[[], object]) -> None:
        self._store = store
        self._on_change = on_change
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="follow runs", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a poll that hangs in a dead network file system is left behind."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)

    def _follow(self) -> None:
        while not self._stop.is_set():
            if self._store.poll() and not self._stop.is_set():
                self._on_change()
            self._stop.wait(POLL_S)


def _newest_first(entry: Entry) -> tuple[float, str]:
    return (-entry.started, entry.name)


def _is_run(path: Path) -> bool:
    try:
        return is_run(path)
    except OSError:
        return False


def _differ(now: tuple[Entry, ...], before: tuple[Entry, ...]) -> bool:
    """Like ``!=``, but never compares arrays: a series that grew is another object."""
    if len(now) != len(before):
        return True
    return any(_facts(a) != _facts(b) or a.series is not b.series for a, b in zip(now, before, strict=True))


def _facts(entry: Entry) -> tuple[object, ...]:
    return tuple(value for name, value in vars(entry).items() if name != "series")
