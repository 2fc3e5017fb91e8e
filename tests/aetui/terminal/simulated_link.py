"""A link to a terminal as events in simulated time, an app that paints over it, and a person who types.

Bytes leave the app at once (256 KB of buffers of the system and of ssh), wait for a link of some bytes/s in the order
in which they were written, and arrive half a round trip later; reports and keys take half a round trip up, with jitter
but in their order. Everything follows from the seed.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from aetui.terminal.pacing import Pacer

FRAME_BYTES = {26: 6900, 13: 3300, 7: 1600}
"""By grays, of 8 views that all move."""
KEY_BYTES = 200
_LATE_S = 0.001
"""By how much a timer of the app's event loop is late at most, and then on average by half of it."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What is simulated."""

    bytes_per_s: float | Callable[[float], float]
    round_trip_s: float | Callable[[float], float]
    seconds: float = 20.0
    wanted_per_s: float = 60.0
    views: int = 8
    jitter_s: float = 0.0
    """The round trip is longer or shorter by up to this, evenly distributed."""
    lost: float | Callable[[float], float] = 0.0
    """Part of the answers that do not come."""
    keys_per_s: float = 5.0
    repaint_every_s: float | None = None
    repaint_bytes: int = 20_000
    hiccup_every_s: float | None = None
    hiccup_s: float = 0.05
    """The app does nothing for so long."""
    near: bool = False
    """Something near answers (tmux): at once, whatever the link does."""
    moves: Callable[[float], bool] = lambda t: True
    seed: int = 0


@dataclass
class Trace:
    """What came of it; times in s."""

    frames: list[tuple[float, int, int]] = field(default_factory=list)
    """Sent at, bytes, grays."""
    views: list[tuple[float, int]] = field(default_factory=list)
    """Arrived at, views in it."""
    keys: list[tuple[float, float]] = field(default_factory=list)
    """Pressed at, s until its echo was seen."""
    grays: list[tuple[float, int]] = field(default_factory=list)
    """Every change."""
    most_pending: int = 0

    def frames_per_s(self, begin: float, end: float) -> float:
        return sum(begin <= at < end for at, _, _ in self.frames) / (end - begin)

    def views_per_s(self, begin: float, end: float, views: int = 8) -> float:
        """How often a view changed on the screen."""
        return sum(count for at, count in self.views if begin <= at < end) / views / (end - begin)

    def key_s(self, begin: float, end: float, part: float = 0.95) -> float:
        found = sorted(late for at, late in self.keys if begin <= at < end)
        return found[min(len(found) - 1, int(part * len(found)))]

    def grays_at(self, at: float) -> int:
        return [grays for since, grays in self.grays if since <= at][-1]

    def changes(self, begin: float, end: float) -> int:
        return sum(begin <= at < end for at, _ in self.grays)


class Simulation:
    """One run of a ``Scene``; ``run()`` gives its ``Trace``."""

    def __init__(self, scene: Scene, pacer: Pacer | None = None) -> None:
        self.scene = scene
        self.pacer = pacer or Pacer()
        self.trace = Trace(grays=[(0.0, self.pacer.grays)])
        self._random = random.Random(scene.seed)
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._count = itertools.count()
        self._tokens = itertools.count(1)
        self._free_at = 0.0
        self._up_at = 0.0
        self._asleep_until = 0.0
        self._dirty: list[int] = []
        self._asked_at: float | None = None

    def run(self) -> Trace:
        scene = self.scene
        self.at(0.0, self._tick)
        for at in self._random_times(scene.keys_per_s):
            self.at(at, self._press)
        for every, do in ((scene.repaint_every_s, self._repaint), (scene.hiccup_every_s, self._hiccup)):
            if every is not None:
                for i in range(1, int(scene.seconds / every)):
                    self.at(i * every, do)
        while self._events:
            at, _, do = heapq.heappop(self._events)
            if at > scene.seconds:
                break
            do(at)
            if self.pacer.grays != self.trace.grays[-1][1]:
                self.trace.grays.append((at, self.pacer.grays))
        return self.trace

    def at(self, at: float, do: Callable[[float], None]) -> None:
        """Call ``do(now)`` when it is ``at``."""
        heapq.heappush(self._events, (at, next(self._count), do))

    def repaint(self, now: float, size: int) -> None:
        """The app writes ``size`` bytes that are no frame."""
        self._write(now, size)
        self.pacer.wrote(now, size)

    def rate_at(self, at: float) -> float:
        return _value(self.scene.bytes_per_s, at)

    def _in_app(self, at: float, do: Callable[[float], None]) -> None:
        """Call when the app is awake."""

        def awake(now: float) -> None:
            if now < self._asleep_until:
                self.at(self._asleep_until, awake)
            else:
                do(now)

        self.at(at, awake)

    def _random_times(self, per_s: float) -> list[float]:
        found, at = [], self._random.expovariate(per_s)
        while at < self.scene.seconds:
            found.append(at)
            at += self._random.expovariate(per_s)
        return found

    def _hiccup(self, now: float) -> None:
        self._asleep_until = now + self.scene.hiccup_s

    def _write(self, now: float, size: int) -> float:
        """When the bytes have arrived."""
        at = max(now, self._free_at)
        left = float(size)
        while left > 0:  # the rate is constant over a millisecond at least
            rate = self.rate_at(at)
            if not callable(self.scene.bytes_per_s) or left <= rate * 0.001:
                at, left = at + left / rate, 0.0
            else:
                at, left = at + 0.001, left - rate * 0.001
        self._free_at = at
        return at + self._half(at)

    def _half(self, at: float) -> float:
        return _value(self.scene.round_trip_s, at) / 2

    def _up(self, at: float) -> float:
        """When what leaves the terminal is with the app."""
        jitter = self.scene.jitter_s
        arrives = at + max(0.0, self._half(at) + self._random.uniform(-jitter, jitter))
        self._up_at = max(self._up_at, arrives)
        return self._up_at

    def _tick(self, now: float) -> None:
        self.at(now + 1 / self.scene.wanted_per_s, self._tick)
        if self.scene.moves(now):
            self._dirty += [view for view in range(self.scene.views) if view not in self._dirty]
            self._in_app(now, self._want)

    def _want(self, now: float) -> None:
        if self._asked_at is None:
            self._try(now)

    def _try(self, now: float) -> None:
        if not self._dirty:
            return
        wait = self.pacer.wait_s(now)
        assert 0.0 <= wait < 5.0
        if wait > 0:
            self._asked_at = at = now + wait + self._random.uniform(0, _LATE_S)
            self._in_app(at, lambda then: self._again(then, at))
        else:
            self._asked_at = None
            self._paint(now)

    def _again(self, now: float, at: float) -> None:
        if self._asked_at == at:
            self._try(now)

    def _paint(self, now: float) -> None:
        grays, budget = self.pacer.grays, self.pacer.budget
        each = FRAME_BYTES[grays] // 8
        count = len(self._dirty) if budget is None else max(1, min(len(self._dirty), budget // each))
        self._dirty = self._dirty[count:]
        size = count * each
        token = next(self._tokens) if self.pacer.asks(now) else 0
        self.pacer.sent(now, token, size)
        self.trace.frames.append((now, size, grays))
        self.trace.most_pending = max(self.trace.most_pending, self.pacer.unanswered)
        arrived = self._write(now, size)
        self.trace.views.append((arrived, count))
        if token and self._random.random() >= _value(self.scene.lost, now):
            self.at(now if self.scene.near else arrived, lambda then: self._report(then, token))
        self._try(now)  # what the budget left

    def _report(self, now: float, token: int) -> None:
        self._in_app(now if self.scene.near else self._up(now), lambda then: self._answer(then, token))

    def _answer(self, now: float, token: int) -> None:
        self.pacer.answered(now, token)
        if self._asked_at is not None:
            self._try(now)

    def _repaint(self, now: float) -> None:
        self.repaint(now, self.scene.repaint_bytes)

    def _press(self, now: float) -> None:
        def echo(then: float) -> None:
            arrived = self._write(then, KEY_BYTES)
            self.pacer.wrote(then, KEY_BYTES)
            self.trace.keys.append((now, arrived - now))

        self._in_app(self._up(now), echo)


def _value(what: float | Callable[[float], float], at: float) -> float:
    return what(at) if callable(what) else what
