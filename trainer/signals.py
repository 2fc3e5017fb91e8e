"""Ctrl-C, kill and hang-up as a wish to stop: seen at the next step boundary; the second time at once."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """Which signal has asked the process to stop, or None."""

    def __init__(self) -> None:
        self.signal: int | None = None

    @property
    def exit_code(self) -> int:
        """128 + the signal's number, or 0 without one."""
        return 128 + self.signal if self.signal else 0

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Only notes the signal: writing is for the loop, where files are whole. The second one ends the process."""
        if self.signal is not None:
            os._exit(128 + number)
        self.signal = number


@contextlib.contextmanager
def interruptible() -> Iterator[Interruption]:
    """Catch the signals for the length of the block, also where a shell had set them to be ignored."""
    interruption = Interruption()
    before = {number: signal.signal(number, interruption.handle) for number in _SIGNALS}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
