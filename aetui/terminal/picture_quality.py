"""``Ladder``: how many grays moving pictures have on a link that cannot carry all of them."""

from __future__ import annotations

GRAYS = (26, 13, 7)
"""What there is to choose from; bytes of a frame go about 4 : 2 : 1."""
TOO_FEW_PER_S = 20.0
ENOUGH_PER_S = 28.0
_RATIO = 2.1
"""How much larger a frame is one rung up."""
_LEAST_BYTES = 64
"""Less is no picture, but a report alone."""
_DOWN_AFTER_S = 0.5
_UP_AFTER_S = 3.0
_TRY_AFTER_S = 8.0
_IN_VAIN_S = 4.0
_LONGEST_TRY_S = 240.0


class Ladder:
    """Down after half a second with fewer than 20 frames/s, up after 3 s that would give 28 one rung higher.

    A link that is not full does not say what more it takes: then the next rung is tried after 8 s, and after every try
    in vain the wait is twice as long.
    """

    def __init__(self) -> None:
        self._rung = 0
        self.size = 0.0
        """Bytes of a usual frame at this rung, 0 before there was one."""
        self._full = 0.0
        self._most = 0.0
        self._low_since: float | None = None
        self._high_since: float | None = None
        self._easy_since: float | None = None
        self._tried_at: float | None = None
        self._try_after_s = _TRY_AFTER_S

    @property
    def grays(self) -> int:
        return GRAYS[self._rung]

    def frame(self, size: int) -> None:
        """A frame of moving pictures was sent."""
        if size >= _LEAST_BYTES:
            self.size = size if not self.size else self.size + 0.2 * (size - self.size)

    def judge(self, now: float, bytes_per_s: float, round_trip_s: float, *, held: bool) -> None:
        """What the link takes, after an answer; held: the frame had waited for the pipe."""
        if not self.size:
            return
        self._full += 0.2 * (held - self._full)
        growing = bytes_per_s > 1.05 * self._most
        self._most = bytes_per_s if growing else max(bytes_per_s, 0.99 * self._most)
        possible = bytes_per_s / self.size
        self._low_since = _since(self._low_since, now, self._full > 0.5 and possible < TOO_FEW_PER_S and not growing)
        self._high_since = _since(self._high_since, now, possible / _RATIO >= ENOUGH_PER_S)
        self._easy_since = _since(self._easy_since, now, self._full < 0.3)
        if _lasts(self._low_since, now, max(_DOWN_AFTER_S, 2 * round_trip_s)):
            if _lasts(self._tried_at, now, 0.0) and not _lasts(self._tried_at, now, _IN_VAIN_S + 2 * round_trip_s):
                self._try_after_s = min(_LONGEST_TRY_S, 2 * self._try_after_s)
            self._move(1 if possible * _RATIO >= TOO_FEW_PER_S else 2)
        elif _lasts(self._high_since, now, _UP_AFTER_S):
            self._try_after_s = _TRY_AFTER_S
            self._move(-1)
        elif _lasts(self._easy_since, now, self._try_after_s):
            self._tried_at = now
            self._move(-1)

    def _move(self, by: int) -> None:
        rung = min(len(GRAYS) - 1, max(0, self._rung + by))
        self._low_since = self._high_since = self._easy_since = None
        self._full = 0.0
        self.size *= _RATIO ** (self._rung - rung)
        self._rung = rung


def _since(since: float | None, now: float, holds: bool) -> float | None:
    """Since when something holds."""
    return (now if since is None else since) if holds else None


def _lasts(since: float | None, now: float, seconds: float) -> bool:
    return since is not None and now - since >= seconds
