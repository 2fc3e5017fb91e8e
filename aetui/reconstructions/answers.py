"""What models make of the probe images, kept by version of the model and by what they were shown.

``answers.made(subject, which)`` asks the engine only for images that are not known yet, so that paging, filters and
orders cost nothing, and a slider pays for the pictures on the screen alone.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from aetui.engine.client import Answer, Engine
from aetui.follow.entries import Entry
from aetui.paint.points import are_points
from aetui.probes import Images, corrupted
from aetui.reconstructions.measures import Measure, Values, measure
from export.errors import ExitCode, ToolError
from trainer.runs.probe import Probe

Ask = Callable[[Callable[[Engine], Awaitable[Answer]]], Awaitable[Answer]]
Positions = npt.NDArray[np.int64]

MOST_BYTES = 192 << 20
"""What is kept, at most; the newest answer always is."""


@dataclass(frozen=True)
class Noise:
    """What is done to an image before a network sees it. draw: which one of all noises."""

    kind: str
    level: float
    draw: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Shown:
    """The probe images [n, C, H, W] as networks see them. key: differs where they do. noise: None where clean."""

    x: Images
    index: npt.NDArray[np.int64]
    key: tuple[Any, ...]
    noise: Noise | None = None
    points: bool = False
    _values: dict[Measure, Values] = field(default_factory=dict)

    def values(self, name: Measure) -> Values:
        """How far what the networks see is from the images, float64 [n]."""
        if name not in self._values:
            self._values[name] = measure(name, self.seen(np.arange(len(self.x))), self.x)
        return self._values[name]

    def seen(self, which: Positions) -> Images:
        """The images at ``which`` as the network sees them: float32."""
        x = self.x[which]
        if self.noise is None:
            return x
        noise = self.noise
        return corrupted(x, self.index[which], noise.kind, noise.level, draw=noise.draw, clip=not self.points)


class ProbeImages:
    """Makes ``Shown``s, and keeps what stays the same from one to the next."""

    def __init__(self) -> None:
        self._of: tuple[Probe, Images, tuple[int, ...]] | None = None
        self._shown: Shown | None = None

    def shown(self, probe: Probe, noise: Noise | None) -> Shown:
        """The images of ``probe`` with ``noise``; the same object as long as both are the same."""
        if self._of is None or self._of[0] is not probe:
            x = probe.pixels()
            self._of, self._shown = (probe, x, (zlib.crc32(x.tobytes()), zlib.crc32(probe.index.tobytes()))), None
        if self._shown is None or self._shown.noise != noise:
            _, x, key = self._of
            self._shown = Shown(x=x, index=probe.index, key=key, noise=noise, points=are_points(probe.images))
        return self._shown


@dataclass(eq=False)
class Made:
    """x_hat: float32 [n, C, H, W] and code: float32 [n, d]; only where known [n] is true. step: of the weights."""

    x_hat: Images
    code: npt.NDArray[np.float32]
    known: npt.NDArray[np.bool_]
    step: int = 0
    _values: dict[Measure, Values] = field(default_factory=dict)

    def values(self, name: Measure, x: Images) -> Values:
        """The measure of each image against ``x`` [n, C, H, W], float64 [n]; NaN where it is not known."""
        found = self._values.setdefault(name, np.full(len(x), np.nan))
        missing = self.known & np.isnan(found)
        if missing.any():
            found[missing] = measure(name, self.x_hat[missing], x[missing])
        return found

    @property
    def nbytes(self) -> int:
        return self.x_hat.nbytes + self.code.nbytes


class Answers:
    """What was answered so far. ask: puts a question to the engine (``app.ask``)."""

    def __init__(self, ask: Ask, most_bytes: int = MOST_BYTES) -> None:
        self._ask = ask
        self._most_bytes = most_bytes
        self._kept: OrderedDict[tuple[Any, ...], Made] = OrderedDict()

    def known(self, entry: Entry, shown: Shown) -> Made | None:
        """What is known already, without asking."""
        return self._kept.get(_key(entry, shown))

    async def made(self, entry: Entry, shown: Shown, which: Positions) -> Made:
        """What the model of ``entry`` makes of the images at ``which``, and of others. Raises ToolError."""
        key, model = _key(entry, shown), entry.model or entry.path
        made = self._kept.get(key)
        while made is None or not made.known[which].all():
            missing = which if made is None else which[~made.known[which]]
            seen = shown.seen(missing)
            answer = await self._ask(lambda engine, seen=seen: engine.reconstruct(model, seen))  # type: ignore[misc]
            made = self._filled(key, entry, shown, missing, answer)
            self._kept[key] = made
        self._kept.move_to_end(key)
        self._forget()
        return made

    def _filled(self, key: tuple[Any, ...], entry: Entry, shown: Shown, which: Positions, answer: Answer) -> Made:
        x_hat, code = answer.arrays["reconstruction"], answer.arrays["code"]
        if x_hat.shape != (len(which), *shown.x.shape[1:]):
            raise ToolError(
                f"{entry.name} makes images of another shape",
                why=f"{list(x_hat.shape[1:])} of {list(shown.x.shape[1:])}",
                do="aetrain verify tells whether its bundle is whole",
                exit_code=ExitCode.DAMAGED,
            )
        made = self._kept.get(key)
        count = len(shown.x)
        if made is None or made.step != answer.step or made.code.shape[1:] != code.shape[1:]:
            # The weights were replaced between two questions: what the old ones said is of another model.
            made = Made(np.zeros_like(shown.x), np.zeros((count, *code.shape[1:]), np.float32), np.zeros(count, bool))
        made.x_hat[which], made.code[which], made.known[which] = x_hat, code, True
        made.step = answer.step
        return made

    def _forget(self) -> None:
        """Let the oldest answers go."""
        while len(self._kept) > 1 and sum(made.nbytes for made in self._kept.values()) > self._most_bytes:
            self._kept.popitem(last=False)


def _key(entry: Entry, shown: Shown) -> tuple[Any, ...]:
    return entry.path, entry.model, entry.version, shown.key, shown.noise
