"""``Pacer``: when the next frame of moving pictures may be written, and how large it may be.

Pure: time is an argument everywhere (``now``, s, monotonic). After a frame the terminal is asked for a report
(``ESC[6n``), and its answer says that all bytes before it arrived. Bytes under way are held to what the pipe itself
holds and a little more, as in TCP Vegas (Brakmo & Peterson 1995): a queue is what a key's echo waits behind.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from aetui.terminal.link_rate import Link
from aetui.terminal.picture_quality import GRAYS, Ladder

FIXED_PER_S = 15.0
"""Frames/s to a terminal that answers nothing."""
_FIRST_PATIENCE_S = 1.0
_PATIENCE_S = 2.0
_LONGEST_PATIENCE_S = 4.0
_ASK_AGAIN_S = 2.0
_QUEUE_S = 0.04
"""How long a queue of our own bytes may take to drain."""
_SLOWEST_PER_S = 12.0
"""A frame is never larger than what the link takes in one of these."""
_NO_LIMIT_BYTES = 100_000
"""More than any frame has."""


@dataclass(frozen=True, kw_only=True)
class Meter:
    """What went over the link in about the last second."""

    frames_per_s: float
    bytes_per_s: float
    round_trip_s: float | None
    """Smoothed; None before the first answer."""
    grays: int
    answers: bool
    """Whether the terminal answers reports now."""


class Pacer:
    """Holds back frames so that a key gets through; see the module."""

    def __init__(self, *, most_per_s: float = 60.0) -> None:
        self._period_s = 1.0 / most_per_s
        self._most_per_s = most_per_s
        self._link = Link()
        self._ladder = Ladder()
        self._due = -math.inf
        self._last_sent = -math.inf
        self._last_asked = -math.inf
        self._answered_once = False
        self._silent = False
        """Given up on answers; what is sent meanwhile is a fixed rate or single frames."""
        self._held = False
        self._extra = 1
        self._extra_from = -math.inf
        self._at_rest = False
        self._log: deque[tuple[float, int, bool]] = deque()

    @property
    def grays(self) -> int:
        """Grays that moving pictures should have now; the most from ``rested`` until a frame is sent."""
        return GRAYS[0] if self._at_rest else self._ladder.grays

    @property
    def budget(self) -> int | None:
        """Most bytes that one frame should have, or None where any frame will do."""
        rate = self._link.bytes_per_s
        if rate is None or rate > _NO_LIMIT_BYTES * _SLOWEST_PER_S:
            return None
        return max(1, int(rate / _SLOWEST_PER_S))

    def asks(self, now: float) -> bool:
        """Whether a report is to be asked for behind the frame that is sent now."""
        return not self._silent or self._answered_once or now - self._last_asked >= _ASK_AGAIN_S

    def wait_s(self, now: float) -> float:
        """0 where a frame may be sent now, else s after which (or when there was an answer) to ask again."""
        if self._silent:
            period = self._patience_s(now) if self._answered_once else 1 / FIXED_PER_S
            return max(0.0, min(self._last_sent + period, now + period) - now)
        due = max(0.0, min(self._due, now + self._period_s) - now)
        if self._fits(now):
            return due
        self._held = True
        if not self._link.pending:  # others' bytes: they drain
            return max(due, 0.01)
        left = self._link.pending[0].sent_at + self._patience_s(now) - now
        if left > 0:
            return max(due, left)
        self._silent = True
        self._link.give_up(now)
        return due

    def sent(self, now: float, token: int, size: int) -> None:
        """A frame of ``size`` bytes was written; token 0: without a report."""
        self._note(now, size, frame=True)
        self._due = max(self._due, now - self._period_s / 2) + self._period_s
        self._last_sent = now
        if not self._at_rest:
            self._ladder.frame(size)
        self._at_rest = False
        if token:
            self._last_asked = now
            if self._silent:
                self._link.give_up(now)
            self._link.sent(now, token, size, held=self._held)
        else:
            self._link.wrote(now, size)
        self._held = False

    def wrote(self, now: float, size: int) -> None:
        """Somebody else wrote ``size`` bytes."""
        self._note(now, size, frame=False)
        self._link.wrote(now, size)

    def answered(self, now: float, token: int) -> bool:
        """A report came; False where it is none that was asked for."""
        report = self._link.answered(now, token)
        if report is None:
            return False
        self._answered_once = True
        self._silent = False
        if report.sent_at >= self._extra_from:
            self._grow(now, full=report.held)
        if self._link.bytes_per_s is not None:
            self._ladder.judge(now, self._link.bytes_per_s, full=report.held)
        return True

    def meter(self, now: float) -> Meter:
        """About the last second."""
        self._forget(now)
        return Meter(
            frames_per_s=float(sum(frame for _, _, frame in self._log)),
            bytes_per_s=float(sum(size for _, size, _ in self._log)),
            round_trip_s=self._link.smooth_round_trip_s,
            grays=self.grays,
            answers=self._answered_once and not self._silent,
        )

    def rested(self, now: float) -> None:
        """Nothing moves: the next frame is the one in full quality. Call it before each such frame."""
        self._at_rest = True

    def most_unanswered(self) -> int:
        """Frames that may be unanswered: ≤ max(2, ⌈frames/s that the link takes · smallest round trip⌉ + 1)."""
        link, size = self._link, self._ladder.size
        if link.round_trip_s is None or link.bytes_per_s is None or size is None:
            return 1
        frames_per_s = min(self._most_per_s, link.bytes_per_s / size)
        return max(2, math.ceil(frames_per_s * link.round_trip_s) + 1)

    def _fits(self, now: float) -> bool:
        """Whether one more frame may be under way."""
        link = self._link
        size = self._ladder.size or 0.0
        unanswered = link.unanswered_bytes(now)
        if link.bytes_per_s is None or link.round_trip_s is None:
            return not link.pending
        room = link.bytes_per_s * (link.round_trip_s + _QUEUE_S) + self._extra * size
        if not link.pending:
            return unanswered + size <= room or unanswered <= size
        return len(link.pending) < self.most_unanswered() and unanswered + size <= room

    def _grow(self, now: float, *, full: bool) -> None:
        """Once a round trip: one frame more while no queue shows, one less where it does (TCP Vegas)."""
        link = self._link
        if link.round_trip_s is None or link.last_round_trip_s is None:
            return
        queue_s = link.last_round_trip_s - link.round_trip_s
        if queue_s > _QUEUE_S:
            self._extra = max(0, self._extra - 1)
        elif full:
            self._extra = min(8, self._extra + 1)
        self._extra_from = now

    def _patience_s(self, now: float) -> float:
        """How long an answer is waited for."""
        link = self._link
        if not self._answered_once:
            return _FIRST_PATIENCE_S
        transmission = link.unanswered_bytes(now) / (link.bytes_per_s or 40_000.0)
        usual = max(_PATIENCE_S, 4 * (link.smooth_round_trip_s or 0.0)) + transmission
        return min(_LONGEST_PATIENCE_S, usual)

    def _note(self, now: float, size: int, *, frame: bool) -> None:
        self._log.append((now, size, frame))
        self._forget(now)

    def _forget(self, now: float) -> None:
        while self._log and self._log[0][0] <= now - 1.0:
            self._log.popleft()
