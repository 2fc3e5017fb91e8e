"""``Ladder``: how many grays moving pictures have on a link that cannot carry all of them."""

from __future__ import annotations

GRAYS = (26, 13, 7)
"""What there is to choose from; bytes of a frame go about 4 : 2 : 1."""
TOO_FEW_PER_S = 20.0
ENOUGH_PER_S = 28.0
_RATIO = 2.1
"""How much larger a frame is one rung up."""
_DOWN_AFTER_S = 0.5
_UP_AFTER_S = 3.0
_TRY_AFTER_S = 8.0
_LONGEST_TRY_S = 240.0


class Ladder:
    """Down after half a second with fewer than 20 frames/s, up after 3 s that would give 28 one rung higher.

    A link that is not full says nothing of what more it takes: then the next rung is tried now and then, and after
    every try in vain the wait is twice as long.
    """

    def __init__(self) -> None:
        self._rung = 0
        self._size: float | None = None
        self._low_since: float | None = None
        self._high_since: float | None = None
        self._easy_since: float | None = None
        self._changed_at: float | None = None
        self._try_after_s = _TRY_AFTER_S

    @property
    def grays(self) -> int:
        return GRAYS[self._rung]

    @property
    def size(self) -> float | None:
        """Bytes of a usual frame at this rung, None before there was one."""
        return self._size

    def frame(self, size: int) -> None:
        """A frame of moving pictures was sent."""
        if size > 0:
            self._size = size if self._size is None else self._size + 0.2 * (size - self._size)

    def judge(self, now: float, bytes_per_s: float, *, full: bool) -> None:
        """Look at the link at ``now``. full: frames wait for it."""
        if self._size is None:
            return
        possible = bytes_per_s / self._size
        low = full and possible < TOO_FEW_PER_S
        high = possible / _RATIO >= ENOUGH_PER_S
        self._low_since = (self._low_since or now) if low else None
        self._high_since = (self._high_since or now) if high else None
        self._easy_since = (self._easy_since or now) if not full else None
        if _lasts(self._low_since, now, _DOWN_AFTER_S):
            self._down(now)
        elif _lasts(self._high_since, now, _UP_AFTER_S) or _lasts(self._easy_since, now, self._try_after_s):
            self._move(now, -1)

    def _down(self, now: float) -> None:
        if self._changed_at is not None and now - self._changed_at < 2.0:
            self._try_after_s = min(_LONGEST_TRY_S, 2 * self._try_after_s)
        self._move(now, 1)

    def _move(self, now: float, by: int) -> None:
        rung = min(len(GRAYS) - 1, max(0, self._rung + by))
        self._low_since = self._high_since = self._easy_since = None
        if rung == self._rung or self._size is None:
            return
        self._rung, self._changed_at = rung, now
        self._size *= _RATIO**-by


def _lasts(since: float | None, now: float, seconds: float) -> bool:
    return since is not None and now - since >= seconds
