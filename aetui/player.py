"""``Player``: calls something again and again while it plays, at one of several speeds."""

from __future__ import annotations

from collections.abc import Callable

from textual.timer import Timer
from textual.widget import Widget

PER_S = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Steps per second."""


class Player:
    """``owner``'s timer; ``step`` is called for every step while it plays, is seen and has no dialog above it."""

    def __init__(self, owner: Widget, step: Callable[[], object], speed: int = 2) -> None:
        self._owner = owner
        self._step = step
        self._timer: Timer | None = None
        self.speed = speed

    @property
    def playing(self) -> bool:
        return self._timer is not None

    @property
    def per_s(self) -> float:
        return PER_S[self.speed]

    def play(self) -> None:
        """Begin, or go on at the speed that holds now."""
        self.pause()
        self._timer = self._owner.set_interval(1 / self.per_s, self._tick)

    def pause(self) -> None:
        """Stop where it is."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def toggle(self) -> None:
        """Pause what plays, play what does not."""
        self.pause() if self.playing else self.play()

    def faster(self, by: int) -> None:
        """``by`` speeds faster, or slower where it is below 0."""
        self.set_speed(self.speed + by)

    def set_speed(self, speed: int) -> None:
        """speed: an index into ``PER_S``; beyond its ends the end."""
        self.speed = max(0, min(len(PER_S) - 1, speed))
        if self.playing:
            self.play()

    def _tick(self) -> None:
        if self._owner.is_mounted and self._owner.screen.is_active and self._owner.display:
            self._step()
