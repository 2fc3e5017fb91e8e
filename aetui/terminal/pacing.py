"""``Pacer``: when the next frame of moving pictures may be written, and how large it may be.

Pure: time is an argument everywhere (``now``, s, monotonic). Behind a frame the terminal is asked for a report
(``ESC[6n``), and its answer says that all bytes before it arrived. Bytes under way are held to what the pipe itself
holds and a short queue, which is what a key's echo waits behind; how short follows TCP Vegas (Brakmo & Peterson 1995):
a frame more while the round trip stays near the smallest, a frame less where it grows. What the pipe holds is told by
``link_rate``, how good pictures may be by ``picture_quality``.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from aetui.terminal.link_rate import Link, Report
from aetui.terminal.picture_quality import GRAYS, Ladder

FIXED_PER_S = 15.0
"""Frames/s to a terminal that answers nothing."""
_FIXED_BUDGET = 8_000
"""Bytes of a frame to such a terminal."""
_FIRST_FIXED = 60
"""So many frames are smaller at first: answers may only be late, behind what was written when all began."""
_ASK_AGAIN_S = 2.0
"""So often it is asked again."""
_FIRST_PATIENCE_S = 1.0
"""So long the first answer of all is waited for; twice as long at most where a large repaint lies before it."""
_SMALL_REPAINT = 8_000
_PATIENCE_S = 2.0
"""So long any other is waited for, or four round trips, and as long as the bytes before it take."""
_LONGEST_PATIENCE_S = 4.0
_LAST_PATIENCE_S = 1.0
"""So long late answers are waited for when the app is left, beyond two round trips and the bytes before them."""
_SHORTEST_WAIT_S = 0.001
_OVERDUE_S = 0.2
_LONGEST_OVERDUE_S = 1.0
_SHORTEST_QUEUE_S = 0.025
_LONGEST_QUEUE_S = 0.05
"""How long the queue of our own bytes may take to drain: a quarter of the round trip, within these."""
_FIRST_BUDGET = 1_000
"""Bytes of the first frame, when nothing is known; a link that takes them well gets twice as many, and so on."""
_LEAST_BUDGET = 200
_SLOWEST_PER_S = 12.0
"""A frame on a slow link is never larger than what that takes in one of these."""
_NO_LIMIT = 100_000
"""More bytes than any frame has."""


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
    """Holds back frames so that a key gets through; see the module.

    most_per_s: frames. most_bytes_per_s: where the user knows what nobody tells (inside tmux, which answers itself);
    None: no limit.
    """

    def __init__(self, *, most_per_s: float = 60.0, most_bytes_per_s: float | None = None) -> None:
        self._most_per_s = most_per_s
        self._most_bytes_per_s = most_bytes_per_s or math.inf
        self._link = Link()
        self._ladder = Ladder()
        self._due = -math.inf
        self._last_sent = -math.inf
        self._last_asked = -math.inf
        self._knows_answers = False
        self._silent = False
        """Nothing is waited for: frames go at a fixed rate, or one by one where there were answers before."""
        self._fixed = 0
        self._held = False
        self._budget = float(_FIRST_BUDGET)
        self._opening = 2.0
        self._took_before_s = 0.0
        self._extra = 0.0
        self._starting = True
        self._queue_before_s = 0.0
        self._more_from = self._less_from = -math.inf
        self._at_rest = False
        self._log: deque[tuple[float, int, bool]] = deque()

    @property
    def grays(self) -> int:
        """Grays that moving pictures should have now; the most from ``rested`` until a frame is sent."""
        return GRAYS[0] if self._at_rest else self._ladder.grays

    @property
    def budget(self) -> int | None:
        """Most bytes that one frame should have, or None where any frame will do."""
        if self._silent and not self._knows_answers:
            most = float(_FIXED_BUDGET if self._fixed > _FIRST_FIXED else _FIRST_BUDGET)
        else:
            most = max(self._budget, (self._link.bytes_per_s or 0.0) / _SLOWEST_PER_S)
        most = min(most, self._most_bytes_per_s / _SLOWEST_PER_S)
        return max(1, int(most)) if most < _NO_LIMIT else None

    @property
    def most_unanswered(self) -> int:
        """Frames that may be unanswered: ≤ max(2, ⌈frames/s that the link takes · smallest round trip⌉ + 1)."""
        if self._link.base_s is None:
            return 1
        return max(2, math.ceil(min(self._most_per_s, self._link.frames_per_s) * self._link.base_s) + 1)

    @property
    def unanswered(self) -> int:
        """Frames of which nothing is heard yet and an answer is waited for."""
        return len(self._link.pending)

    def asks(self, now: float) -> bool:
        """Whether a report is to be asked for behind the frame that is sent now."""
        return not self._silent or self._knows_answers or now - self._last_asked >= _ASK_AGAIN_S

    def awaits(self, now: float) -> bool:
        """Whether answers are to be waited for before nobody reads them any more."""
        link = self._link
        if not link.pending and not (link.lost and self._knows_answers):
            return False
        usual = _LAST_PATIENCE_S + 2 * (link.smooth_s or 0.0) + link.unanswered_bytes(now) / link.drain_per_s
        patience_s = min(_LONGEST_PATIENCE_S, usual) if self._knows_answers else self._patience_s(now)
        return now - self._last_asked < patience_s and (self._knows_answers or not self._silent)

    def wait_s(self, now: float) -> float:
        """0 where a frame may be sent now, else s after which (or when there was an answer) to ask again; < 5."""
        due = max(0.0, self._due - now)
        if self._silent:
            period = self._patience_s(now) if self._knows_answers else 1 / FIXED_PER_S
            return min(_LONGEST_PATIENCE_S, max(due, self._last_sent + period - now, 0.0))
        if due > _SHORTEST_WAIT_S + 1 / self._most_per_s:
            self._held = True
            return min(due, _LONGEST_PATIENCE_S)
        missing = self._missing_s(now)
        if missing <= 0.0:
            return due
        self._held = True
        if self._link.pending:
            left = self._link.pending[0].sent_at + self._patience_s(now) - now
            if len(self._link.pending) < self.most_unanswered:
                left = min(left, self._last_sent + self._overdue_s(now) - now)
                if left <= 0.0:  # one frame more, whose answer stands for a lost one too
                    return due
        else:
            left = min(missing, self._last_sent + _PATIENCE_S - now)
        if left > 0.0:
            return max(due, left, _SHORTEST_WAIT_S)
        self._silent = bool(self._link.pending)
        self._link.give_up(now)
        return due

    def sent(self, now: float, token: int, size: int) -> None:
        """A frame of ``size`` bytes was written; token 0: without a report."""
        self._note(now, size, frame=True)
        period = 1 / self._most_per_s
        self._due = max(self._due, now - period / 2) + max(period, size / self._most_bytes_per_s)
        self._last_sent = now
        if not self._at_rest:
            self._ladder.frame(size)
        self._at_rest = False
        if self._silent:
            self._fixed += 1
            if token:
                self._link.give_up(now)
        if token:
            self._last_asked = now
            self._link.sent(now, token, size, held=self._held)
        else:
            self._link.wrote(now, size)
        self._held = False

    def wrote(self, now: float, size: int) -> None:
        """Somebody else wrote ``size`` bytes."""
        self._note(now, size, frame=False)
        if self._most_bytes_per_s < math.inf:
            due = max(self._due, now) + size / self._most_bytes_per_s
            self._due = min(due, now + _LONGEST_PATIENCE_S)  # whatever else was repainted
        self._link.wrote(now, size)

    def answered(self, now: float, token: int) -> bool:
        """A report came; False where it is none that was asked for."""
        report = self._link.answered(now, token)
        if report is None:
            return False
        self._knows_answers = True
        self._silent = False
        link = self._link
        if link.bytes_per_s is not None and link.base_s is not None:
            self._follow_queue(now, report)
            self._open_or_close(now, report)
            self._ladder.judge(now, min(link.bytes_per_s, self._most_bytes_per_s), link.base_s, held=report.held)
        return True

    def rested(self, now: float) -> None:
        """Nothing moves: the next frame is one in full quality. Call it before each such frame."""
        self._at_rest = True

    def meter(self, now: float) -> Meter:
        """About the last second."""
        self._forget(now)
        return Meter(
            frames_per_s=float(sum(frame for _, _, frame in self._log)),
            bytes_per_s=float(sum(size for _, size, _ in self._log)),
            round_trip_s=self._link.smooth_s,
            grays=self.grays,
            answers=self._knows_answers and not self._silent,
        )

    def _missing_s(self, now: float) -> float:
        """0 where one more frame may be under way, else about how long the pipe needs to have room for it."""
        link = self._link
        if link.bytes_per_s is None or link.base_s is None:
            return math.inf if link.pending else 0.0
        unanswered = link.unanswered_bytes(now)
        if not link.pending:
            return unanswered / link.bytes_per_s - self._queue_s if link.is_full(now) else 0.0
        if len(link.pending) >= self.most_unanswered:
            return math.inf
        if link.is_stale(now):
            room = 0.5 * link.bytes_per_s * link.base_s
        else:
            room = link.bytes_per_s * (link.base_s + self._queue_s) + self._extra
        return (unanswered + self._ladder.size - room) / link.bytes_per_s

    @property
    def _queue_s(self) -> float:
        """How long our own queue may take; what changes from one answer to the next is none."""
        quarter = 0.25 * (self._link.base_s or 0.0)
        return min(_LONGEST_QUEUE_S, max(_SHORTEST_QUEUE_S, quarter)) + min(quarter, self._link.jitter_s)

    def _follow_queue(self, now: float, report: Report) -> None:
        """Once a round trip: more while no queue shows (at first twice as much, as TCP's slow start), else less."""
        link = self._link
        queue_s, self._queue_before_s = min(link.queue_s, self._queue_before_s), link.queue_s
        if queue_s > self._queue_s:
            if report.sent_at >= self._less_from:
                self._starting, self._less_from = False, now
                self._extra = self._extra / 2 if self._extra > self._ladder.size else 0.0
        elif report.held and report.sent_at >= self._more_from:
            self._more_from = now
            more = self._extra if self._starting else 0.0
            most = self.most_unanswered * self._ladder.size
            self._extra = min(most, self._extra + max(more, self._ladder.size))

    def _open_or_close(self, now: float, report: Report) -> None:
        """Larger frames where the largest took little longer than none, smaller ones where they took too long."""
        link = self._link
        if link.is_full(now):
            self._opening = 1.25
            self._budget = max(_LEAST_BUDGET, (link.bytes_per_s or 0.0) / _SLOWEST_PER_S)
        if link.is_full(now) or report.size > 1.5 * report.frame:  # what took so long was somebody else's
            return
        took_s = (link.last_s or 0.0) - (link.base_s or 0.0)
        shortest_s, self._took_before_s = min(took_s, self._took_before_s), took_s
        longest_s = 1 / _SLOWEST_PER_S + min(link.jitter_s, 0.25 * (link.base_s or 0.0))
        if shortest_s > longest_s or took_s > 2 * longest_s:
            self._opening = 1.25
            self._budget = max(_LEAST_BUDGET, self._budget / 2)
        elif took_s < 0.5 * longest_s and report.frame > 0.5 * self._budget:
            self._budget = min(self._opening * self._budget, 2.0 * _NO_LIMIT)

    def _overdue_s(self, now: float) -> float:
        """When an answer is so late that it may be lost (as the tail loss probe of RFC 8985)."""
        link = self._link
        usual = 2 * (link.smooth_s or _FIRST_PATIENCE_S) + 4 * link.jitter_s + _OVERDUE_S
        return usual + min(_LONGEST_OVERDUE_S, link.unanswered_bytes(now) / link.drain_per_s)

    def _patience_s(self, now: float) -> float:
        """How long an answer is waited for; what lies before it in the pipe has its time."""
        unanswered = self._link.unanswered_bytes(now)
        if not self._knows_answers:
            return _FIRST_PATIENCE_S + min(1.0, max(0, unanswered - _SMALL_REPAINT) / self._link.drain_per_s)
        usual = max(_PATIENCE_S, 4 * (self._link.smooth_s or 0.0))
        return min(_LONGEST_PATIENCE_S, usual + unanswered / self._link.drain_per_s)

    def _note(self, now: float, size: int, *, frame: bool) -> None:
        self._log.append((now, size, frame))
        self._forget(now)

    def _forget(self, now: float) -> None:
        while self._log and self._log[0][0] <= now - 1.0:
            self._log.popleft()
