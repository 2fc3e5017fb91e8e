"""Whether the threads of a CPU step get the cores that they are meant for."""

from __future__ import annotations

import time
from collections.abc import Callable

WINDOW_S = 5.0
"""The share is taken over so long; one long file or a pause in it is no sign of others."""
WANTED_SHARE = 0.7
"""Threads that wait for each other by spinning use all of their time. Below this share somebody else has it, and then
every operation waits for the thread that does not run: on two cores beside one busy process a step took ten times as
long as on a single thread."""


class Cores:
    """Follows one process. clock, cpu: seconds that have passed, and that all threads together have computed."""

    def __init__(
        self,
        threads: int,
        clock: Callable[[], float] = time.monotonic,
        cpu: Callable[[], float] = time.process_time,
    ) -> None:
        self._threads = threads
        self._clock, self._cpu = clock, cpu
        self._told = threads == 1
        self.restart()

    def restart(self) -> None:
        """Begin a new window: after a pause, in which nothing was to be computed."""
        self._since = (self._clock(), self._cpu())

    def look(self) -> str | None:
        """Once, a line for people if others take the cores; else None."""
        if self._told:
            return None
        now, used = self._clock(), self._cpu()
        passed = now - self._since[0]
        if passed < WINDOW_S:
            return None
        share = (used - self._since[1]) / (self._threads * passed)
        self._since = (now, used)
        if share >= WANTED_SHARE:
            return None
        self._told = True
        return (
            f"other processes take the cores: {self._threads} threads, which wait for each other, get {share:.0%} of "
            "their time; beside others a run with --threads 1 may be several times as fast"
        )
