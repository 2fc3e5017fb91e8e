"""Where an animation is: a function of the time, not of the frames that were drawn, so that a slow terminal shows fewer
pictures of the same movement."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

Ends = Literal["bounce", "loop"]

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
"""Ways in ``WAY_S``."""

WAY_S = 2.0
"""Seconds from one end to the other at speed 1."""


@dataclass(frozen=True, kw_only=True)
class Playback:
    """A position in [0, 1] that moves while it plays.

    phase: where it was at the time ``since`` (seconds of a steady clock; None: it is paused); from 1 to 2 is the way
    back. speed: an index into ``SPEEDS``. ends: at an end it turns round, or starts again.
    """

    phase: float = 0.0
    since: float | None = None
    speed: int = 3
    ends: Ends = "bounce"

    @property
    def playing(self) -> bool:
        return self.since is not None

    @property
    def times(self) -> float:
        """The speed as a factor."""
        return SPEEDS[self.speed]

    def position(self, now: float) -> float:
        """From 0 (A) to 1 (B)."""
        phase = self._phase(now)
        return 2 - phase if phase > 1 else phase

    def toggled(self, now: float) -> Playback:
        """Paused where it played, or the other way round; played in a loop from its end it starts again."""
        phase = self._phase(now)
        if self.since is not None:
            return replace(self, phase=phase, since=None)
        return replace(self, phase=0.0 if self.ends == "loop" and phase >= 1 else phase, since=now)

    def moved_to(self, position: float) -> Playback:
        """Paused at a position, or as near to it as there is."""
        return replace(self, phase=max(0.0, min(1.0, position)), since=None)

    def faster(self, by: int, now: float) -> Playback:
        """At another speed from here on."""
        speed = max(0, min(len(SPEEDS) - 1, self.speed + by))
        return replace(self._from(now), speed=speed)

    def other_ends(self, now: float) -> Playback:
        """Looping where it bounced, or the other way round, from here on."""
        here = replace(self._from(now), phase=self.position(now))
        return replace(here, ends="loop" if self.ends == "bounce" else "bounce")

    def _from(self, now: float) -> Playback:
        return replace(self, phase=self._phase(now), since=now if self.playing else None)

    def _phase(self, now: float) -> float:
        if self.since is None:
            return self.phase
        moved = self.phase + max(0.0, now - self.since) * self.times / WAY_S
        return math.fmod(moved, 2.0 if self.ends == "bounce" else 1.0)
