"""``AnimatedView``: a view of the latent space in which something moves from one end to the other."""

from __future__ import annotations

import time
from abc import abstractmethod
from typing import Any, cast

from textual.timer import Timer

from aetui.latent.playback import SPEEDS, Ends, Playback
from aetui.view_state import one_of, real, whole
from aetui.views.latent_view import LatentView

FRAMES_PER_S = 30
"""Of what is saved."""

_TICKS_PER_S = 60
"""On the screen, at most: the terminal may take fewer. Where it moves to depends on the time alone."""


class AnimatedView(LatentView):
    """A subclass gives ``moved``, which is called at every frame and shows ``position()``."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.playback = Playback()
        self._timer: Timer | None = None

    @abstractmethod
    def moved(self) -> None:
        """The position may be another one now."""

    def on_mount(self) -> None:
        self._timer = self.set_interval(1 / _TICKS_PER_S, self._tick, pause=True)

    def position(self) -> float:
        """From 0 to 1, now."""
        return self.playback.position(time.monotonic())

    def play(self, playback: Playback) -> None:
        """Go on from here like this."""
        self.playback = playback
        if self._timer is not None:
            self._timer.resume() if playback.playing else self._timer.pause()
        self.draw()

    def stop(self) -> None:
        """Pause where it is."""
        if self.playback.playing:
            self.play(self.playback.toggled(time.monotonic()))

    def _tick(self) -> None:
        if not self.display or self.app.screen_stack[0] is not self.screen:
            self.stop()  # nobody looks
        elif self.screen.is_active and (self.ui.painter is None or not self.ui.painter.waiting):
            self.moved()  # what the terminal has not taken yet need not be outdated; below a dialog all is drawn anew

    def action_play(self) -> None:
        if self.encoded is not None:
            self.play(self.playback.toggled(time.monotonic()))
        else:
            self.update()

    def action_speed(self, by: int) -> None:
        self.play(self.playback.faster(by, time.monotonic()))

    def action_ends(self) -> None:
        self.play(self.playback.other_ends(time.monotonic()))

    def view_state(self) -> dict[str, Any]:
        kept = {"position": self.position(), "speed": self.playback.speed, "ends": self.playback.ends}
        return {**super().view_state(), **kept}

    def restore_state(self, state: dict[str, Any]) -> None:
        super().restore_state(state)
        speed = whole(state.get("speed"), self.playback.speed, 0, len(SPEEDS) - 1)
        ends = cast(Ends, one_of(state.get("ends"), self.playback.ends, ("bounce", "loop")))
        self.playback = Playback(phase=real(state.get("position"), 0.0, 0.0, 1.0), speed=speed, ends=ends)
