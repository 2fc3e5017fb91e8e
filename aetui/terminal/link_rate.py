"""``Link``: what the way to the terminal takes, from when reports about what was written were answered.

Nothing but the answers tells: the operating system and ssh take 256 KB at once and say nothing of them. As in BBR
(Cardwell et al. 2016, "BBR: congestion-based congestion control") the smallest round trip of late and the largest rate
of delivery of late describe the pipe; rates are measured as in draft-cheng-iccrg-delivery-rate-estimation, where a rate
says only what the link takes at least, unless there was a queue.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

_ASSUMED_BYTES_PER_S = 40_000.0
"""How fast other writes drain while nothing is known of the link."""
_RATE_WINDOW_S = 1.0
"""The largest rate is of this window, or of three round trips."""
_BASE_WINDOW_S = 10.0
"""A smallest round trip that was not seen again for so long has to be measured anew."""
_LONGEST_ROUND_TRIP_S = 10.0
"""Beyond it somebody slept: the answer counts as one, its time says nothing."""
_FULL_S = 10.0
"""So long a rate that was measured behind a queue counts as the link's."""
_LATE_S = 0.1
"""An answer is late where it comes so much, or a smallest round trip, after everything known is allowed for."""
_ALONE = 3
"""Frames that were alone in the pipe and late all the same: then it is the route that has changed."""
_LOST = 16
_QUEUE_S = 0.01
_JITTERS = 2.5
"""Beyond this, and so many times the jitter, a longer round trip is a queue."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report that was asked for behind a frame, and the state of the pipe then."""

    token: int
    sent_at: float
    end: int
    """Bytes ever written, with the frame."""
    frame: int
    """Bytes of the frame."""
    size: int
    """Bytes written since the report before, with the frame."""
    unanswered: int
    """Bytes then in the pipe, with the frame."""
    delivered: int
    """Bytes then known to have arrived."""
    delivered_at: float
    """When that was known, or when the report was asked for if the pipe was empty."""
    answered_sent_at: float
    """When the report was asked for that was answered last."""
    held: bool
    """Whether the frame had waited for the pipe."""


class Link:
    """Bytes and reports under way; ``bytes_per_s`` and ``base_s`` once there were answers."""

    def __init__(self) -> None:
        self.pending: deque[Report] = deque()
        self.lost: deque[Report] = deque(maxlen=_LOST)
        """Given up, but an answer to one of them is still ours."""
        self.bytes_per_s: float | None = None
        """The most that was delivered lately."""
        self.frames_per_s = 0.0
        """The most answers in a row that came lately, as a rate."""
        self.base_s: float | None = None
        """The smallest round trip of late."""
        self.smooth_s: float | None = None
        """The round trip as it is, smoothed over about eight answers."""
        self.last_s: float | None = None
        """The last round trip."""
        self.jitter_s = 0.0
        """By how much a round trip differs from the one before, smoothed as in RFC 3550, 6.4.1."""
        self.full_at: float | None = None
        """When there was last a queue, so that what was delivered was all that the link takes."""
        self.queue_s = 0.0
        """How much longer the last round trip was than the smallest, less what a larger frame explains."""
        self._written = 0
        self._delivered = 0
        self._delivered_at = 0.0
        self._answered_sent_at = 0.0
        self._drained_at = 0.0
        self._queue_before_s = 0.0
        self._base_at = 0.0
        self._base_size = 0
        self._alone: list[float] = []
        self._rates: deque[tuple[float, float]] = deque()
        self._frame_rates: deque[tuple[float, float]] = deque()

    def is_stale(self, now: float) -> bool:
        """Whether the smallest round trip has to be measured anew, which takes a pipe that is half empty."""
        return self.base_s is not None and now - self._base_at > _BASE_WINDOW_S

    def is_full(self, now: float) -> bool:
        """Whether the rate is all that the link takes, or was lately; else it is what it takes at least."""
        return self.full_at is not None and now - self.full_at < _FULL_S

    def unanswered_bytes(self, now: float) -> int:
        """Bytes of which nothing says that they arrived; without a report under way they drain at the link's rate."""
        if not self.pending:
            gone = int((now - self._drained_at) * self.drain_per_s)
            if gone > 0 or self._delivered == self._written:
                self._delivered = min(self._written, self._delivered + max(0, gone))
                self._drained_at = now
        return self._written - self._delivered

    @property
    def drain_per_s(self) -> float:
        """Bytes/s of the link as it is known, or assumed."""
        return self.bytes_per_s or _ASSUMED_BYTES_PER_S

    def wrote(self, now: float, size: int) -> None:
        """``size`` bytes without a report."""
        self.unanswered_bytes(now)
        self._written += size

    def sent(self, now: float, token: int, size: int, *, held: bool) -> None:
        """A frame of ``size`` bytes with a report."""
        self.wrote(now, size)
        if not self.pending:
            self._delivered_at = self._answered_sent_at = now
        before = self.pending[-1].end if self.pending else self._delivered
        self.pending.append(
            Report(
                token=token,
                sent_at=now,
                end=self._written,
                frame=size,
                size=self._written - before,
                unanswered=self._written - self._delivered,
                delivered=self._delivered,
                delivered_at=self._delivered_at,
                answered_sent_at=self._answered_sent_at,
                held=held,
            )
        )

    def answered(self, now: float, token: int) -> Report | None:
        """The report with this token, and all before it with it; None where none is known."""
        if all(report.token != token for report in self.pending):
            return self._answered_late(token)
        while (report := self.pending.popleft()).token != token:
            pass
        self.lost.clear()
        self._measure(now, report)
        self._delivered = max(self._delivered, report.end)
        self._delivered_at = self._drained_at = now
        self._answered_sent_at = report.sent_at
        return report

    def give_up(self, now: float) -> None:
        """Nothing under way is waited for any longer."""
        self.lost.extend(self.pending)
        self.pending.clear()
        self._drained_at = now

    def _answered_late(self, token: int) -> Report | None:
        report = next((report for report in self.lost if report.token == token), None)
        while report is not None and self.lost.popleft() is not report:
            pass
        if report is not None:
            self._delivered = max(self._delivered, report.end)
        return report

    def _measure(self, now: float, report: Report) -> None:
        round_trip = now - report.sent_at
        if not 0.0 <= round_trip < _LONGEST_ROUND_TRIP_S:
            return
        self.smooth_s = round_trip if self.smooth_s is None else self.smooth_s + 0.125 * (round_trip - self.smooth_s)
        if self.last_s is not None:
            self.jitter_s += (abs(round_trip - self.last_s) - self.jitter_s) / 16
        self.last_s = round_trip
        late = self._note_round_trip(now, round_trip, report)
        between = max(now - report.delivered_at, report.sent_at - report.answered_sent_at, 1e-5)
        self._note_rate(now, (report.end - report.delivered) / between, round_trip, late=late)
        gap = max(now - self._delivered_at, report.sent_at - self._answered_sent_at, 1e-5)
        self.frames_per_s = _most(self._frame_rates, now, 1 / gap, _RATE_WINDOW_S)

    def _note_round_trip(self, now: float, round_trip: float, report: Report) -> bool:
        """Returns whether the answer took clearly longer than the pipe as it is known explains."""
        base = self.base_s
        light = report.unanswered <= max(report.size, 0.6 * self.drain_per_s * (base or 0.0))
        if base is None or round_trip <= base or (light and self.is_stale(now)):
            self._set_base(now, round_trip, report.size)
            return False
        if self.is_full(now):
            self.queue_s = round_trip - base - max(0.0, (report.size - self._base_size) / self.drain_per_s)
        elif report.size <= 1.5 * report.frame:  # else it is somebody else's
            self.queue_s = round_trip - base
        late = round_trip > base + report.unanswered / self.drain_per_s + max(_LATE_S, base)
        alone = report.unanswered <= 1.2 * min(report.frame, self._base_size)
        if self.queue_s < 0.25 * base + 0.01 or not alone:
            self._alone.clear()
            return late
        self._alone.append(round_trip)
        if len(self._alone) == _ALONE:
            self._set_base(now, min(self._alone), report.size)
        return late

    def _set_base(self, now: float, round_trip: float, size: int) -> None:
        self.base_s, self._base_at, self._base_size = round_trip, now, size
        self.queue_s = 0.0
        self._alone.clear()

    def _note_rate(self, now: float, rate: float, round_trip: float, *, late: bool) -> None:
        if late:  # what was known of the rate is no longer true
            self._rates.clear()
        queue_s, self._queue_before_s = min(self.queue_s, self._queue_before_s), self.queue_s
        if late or queue_s > _QUEUE_S + _JITTERS * self.jitter_s:
            self.full_at = now
        if self.full_at == now or self.bytes_per_s is None or rate >= self.bytes_per_s:
            self.bytes_per_s = _most(self._rates, now, rate, max(_RATE_WINDOW_S, 3 * round_trip))


def _most(seen: deque[tuple[float, float]], now: float, rate: float, window_s: float) -> float:
    """The largest of what was seen in the window, with ``rate``."""
    while seen and (seen[0][0] < now - window_s or seen[0][1] <= rate):
        seen.popleft()
    while seen and seen[-1][1] <= rate:
        seen.pop()
    seen.append((now, rate))
    return seen[0][1]
