"""What the user has set on the reconstructions screen; all its views share it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aetui.follow.entries import Entry
from aetui.reconstructions.answers import Noise
from aetui.reconstructions.measures import MEASURES, Measure
from aetui.reconstructions.picking import ORDERS, Order
from aetui.view_state import one_of, whole
from trainer.corruption import KINDS
from trainer.variants import Denoising

LIMITS: tuple[float | None, ...] = (None, 1.0, 0.5, 0.2, 0.1)
"""What residual is drawn in full colour; None: the largest one on the page."""

_MOST_DRAWS = 1000
_LARGEST = 1 << 31


@dataclass
class Study:
    """image: the selected one, its place in the probe. moved: the user went to it. images: per page, or None.

    shown_class: None: all. corrupt, kind, level: None: as the run was trained. draw: which noise. limit: of residuals.
    large: one image fills the screen. playing: the level of the noise moves by itself.
    """

    image: int = 0
    moved: bool = False
    images: int | None = None
    shown_class: int | None = None
    order: Order = "stored"
    measure: Measure = "mse"
    corrupt: bool | None = None
    kind: str | None = None
    level: float | None = None
    draw: int = 0
    limit: float | None = None
    large: bool = False
    playing: bool = False

    def noise(self, subjects: Sequence[Entry], entries: Sequence[Entry], *, points: bool = False) -> Noise | None:
        """What the networks see: by default what a single denoising run was trained for, else clean images."""
        own = subjects[0].corruption if len(subjects) == 1 else None
        if self.corrupt is False or (self.corrupt is None and own is None):
            return None
        kind, level = self.trained(subjects, entries)
        kind, level = self.kind or kind, level if self.level is None else self.level
        if kind not in kinds(points=points):
            kind = kinds(points=points)[0]
        return Noise(kind, min(level, highest(kind, level)), self.draw)

    def trained(self, subjects: Sequence[Entry], entries: Sequence[Entry]) -> tuple[str, float]:
        """Kind and level that the first run in sight was trained for, else the usual ones."""
        found = [entry.corruption for entry in (*subjects, *entries) if entry.corruption is not None]
        return found[0] if found else (Denoising.corruption, Denoising.level)

    def state(self) -> dict[str, Any]:
        """What is to be remembered, as JSON values."""
        kept = ("image", "images", "shown_class", "order", "measure", "corrupt", "kind", "level", "draw", "limit")
        return {name: getattr(self, name) for name in kept}

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what ``state`` gave; a value that it cannot have given is passed over."""
        self.image = whole(state.get("image"), self.image, 0, _LARGEST)
        self.moved = self.moved or self.image > 0
        self.images = whole(state.get("images"), 0, 1, _LARGEST) or self.images
        shown_class = whole(state.get("shown_class"), -1, 0, _LARGEST)
        self.shown_class = self.shown_class if shown_class < 0 else shown_class
        if state.get("order") in ORDERS:
            self.order = state["order"]
        if state.get("measure") in MEASURES:
            self.measure = state["measure"]
        if isinstance(state.get("corrupt"), bool):
            self.corrupt = state["corrupt"]
        self.kind = one_of(state.get("kind"), "", KINDS) or self.kind
        level = state.get("level")
        if isinstance(level, int | float) and not isinstance(level, bool) and math.isfinite(level) and 0 <= level <= 10:
            self.level = float(level)
        self.draw = whole(state.get("draw"), self.draw, 0, _LARGEST) % _MOST_DRAWS
        if state.get("limit") in LIMITS:
            self.limit = state["limit"]


def kinds(*, points: bool) -> tuple[str, ...]:
    """The corruptions that there are; points have no black and white that salt and pepper could set."""
    return tuple(kind for kind in KINDS if not (points and kind == "salt-pepper"))


def highest(kind: str, trained: float) -> float:
    """The upper end of the slider: 1, or for gaussian noise the next whole number above the trained level."""
    return max(1.0, float(math.ceil(trained))) if kind == "gaussian" else 1.0


def stepped(level: float, by: float, top: float) -> float:
    """``level`` moved by ``by`` on a grid of hundredths, within [0, ``top``]."""
    return min(top, max(0.0, round(level + by, 2)))
