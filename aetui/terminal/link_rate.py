"""``Link``: what the way to the terminal takes, from when reports about what was written were answered.

Nothing but the answers tells: the operating system and ssh take 256 KB at once and say nothing of them. Ideas from
BBR (Cardwell et al. 2016, "BBR: congestion-based congestion control"; the delivery rate of
draft-cheng-iccrg-delivery-rate-estimation): the smallest round trip of a window and the largest rate of delivery
describe the pipe, and a rate measured while the sender held nothing back says only what the link takes at least.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

_ASSUMED_BYTES_PER_S = 40_000.0
"""How fast other writes drain while nothing is known of the link."""
_RATE_WINDOW_S = 1.0
_ROUND_TRIP_WINDOW_S = 10.0
"""The smallest round trip is of this and the window before it: a changed route is noticed after 20 s at most."""
_LONGEST_ROUND_TRIP_S = 10.0
"""Beyond it somebody slept: the answer counts as one, its time says nothing."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report that was asked for behind a frame, and the state of the pipe then."""

    token: int
    sent_at: float
    end: int
    """Bytes ever written, with the frame."""
    unanswered: int
    """Bytes then in the pipe, with the frame."""
    delivered: int
    delivered_at: float
    answered_sent_at: float
    """When the frame was sent that was answered last."""
    held: bool
    """Whether the frame had waited for the pipe: only then is the rate the link's and not the sender's."""


class Link:
    """Bytes and reports under way; ``bytes_per_s`` and ``round_trip_s`` (smallest) once there were answers."""

    def __init__(self) -> None:
        self.pending: deque[Report] = deque()
        self.lost: deque[Report] = deque(maxlen=64)
        """Given up, but an answer to one of them is still ours."""
        self.last_round_trip_s: float | None = None
        self.smooth_round_trip_s: float | None = None
        self.bytes_per_s: float | None = None
        """Most that was delivered lately, or None before the first answer."""
        self.busy_at: float | None = None
        """When the rate was last measured while the pipe was kept full."""
        self._written = 0
        self._delivered = 0
        self._delivered_at = 0.0
        self._answered_sent_at = 0.0
        self._drained_at = 0.0
        self._rates: deque[tuple[float, float]] = deque()
        self._smallest: list[float] = []
        self._window_began: float | None = None

    @property
    def round_trip_s(self) -> float | None:
        """The smallest of the last 10 to 20 s of answers."""
        return min(self._smallest, default=None)

    def unanswered_bytes(self, now: float) -> int:
        """Bytes of which nothing says that they arrived; without a report under way they drain at the link's rate."""
        if not self.pending:
            gone = int((now - self._drained_at) * (self.bytes_per_s or _ASSUMED_BYTES_PER_S))
            self._delivered = min(self._written, self._delivered + max(0, gone))
            self._drained_at = now
        return self._written - self._delivered

    def wrote(self, now: float, size: int) -> None:
        """``size`` bytes without a report."""
        self.unanswered_bytes(now)
        self._written += size

    def sent(self, now: float, token: int, size: int, *, held: bool) -> None:
        """A frame of ``size`` bytes with a report."""
        self.wrote(now, size)
        if not self.pending:
            self._delivered_at = self._answered_sent_at = now
        self.pending.append(
            Report(
                token=token,
                sent_at=now,
                end=self._written,
                unanswered=self._written - self._delivered,
                delivered=self._delivered,
                delivered_at=self._delivered_at,
                answered_sent_at=self._answered_sent_at,
                held=held,
            )
        )

    def answered(self, now: float, token: int) -> Report | None:
        """The report with this token, and all before it with it; None where none is known."""
        for report in self.lost:
            if report.token == token:
                self._delivered = max(self._delivered, report.end)
                while self.lost.popleft() is not report:
                    pass
                return report
        if all(report.token != token for report in self.pending):
            return None
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

    def _measure(self, now: float, report: Report) -> None:
        round_trip = now - report.sent_at
        if not 0.0 <= round_trip < _LONGEST_ROUND_TRIP_S:
            return
        self.last_round_trip_s = round_trip
        before = self.smooth_round_trip_s
        self.smooth_round_trip_s = round_trip if before is None else before + 0.125 * (round_trip - before)
        if self._window_began is None or now - self._window_began > _ROUND_TRIP_WINDOW_S:
            self._smallest = [*self._smallest[-1:], round_trip]
            self._window_began = now
        self._smallest[-1] = min(self._smallest[-1], round_trip)
        elapsed = max(now - report.delivered_at, report.sent_at - report.answered_sent_at, 1e-5)
        self._note_rate(now, (report.end - report.delivered) / elapsed, report, round_trip)

    def _note_rate(self, now: float, rate: float, report: Report, round_trip: float) -> None:
        known = self.bytes_per_s
        late = known is not None and self._is_late(round_trip, report.unanswered / known)
        if late:  # what was known of the rate is no longer true
            self._rates.clear()
        if not (report.held or late or known is None or rate >= known):
            return
        if report.held or late:
            self.busy_at = now
        self._rates.append((now, rate))
        window = max(_RATE_WINDOW_S, 3 * round_trip)
        while len(self._rates) > 1 and self._rates[0][0] < now - window:
            self._rates.popleft()
        self.bytes_per_s = max(rate for _, rate in self._rates)

    def _is_late(self, round_trip: float, transmission: float) -> bool:
        """Whether an answer took clearly longer than the pipe as it is known explains."""
        smallest = self.round_trip_s or 0.0
        return round_trip > smallest + transmission + max(0.1, smallest)
