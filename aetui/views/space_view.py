"""``SpaceView``: a view of a plane through the codes: which two axes, what is beside it, how it follows the run."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import Any

import numpy as np

from aetui.latent.encoded import Encoded
from aetui.latent.load import Source, build, read_source, renewed, stamp_of
from aetui.latent.nearest import Codes
from aetui.latent.space import Axis, Space
from aetui.view_state import one_of, whole
from aetui.views.latent_view import LatentView

KINDS = ("dims", "pca")
_MOST_AXES = 1 << 16


class SpaceView(LatentView):
    """A subclass shows ``self.space`` on the plane of ``self.x_axis`` and ``self.y_axis``."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.space: Space | None = None
        self.source: Source | None = None
        self.kind = ""
        """The kind of the axes, ``dims`` or ``pca``; empty until there is a space, which says what suits it."""
        self.x, self.y = 0, 1
        self.is_another_run = False
        """True while ``space_changed`` is told of another run than before."""
        self._space_of: tuple[object, ...] = ()
        self._plane_of: object = None

    # The space

    def question(self) -> tuple[object, ...]:
        entry = self.page.entry()
        return () if entry is None else stamp_of(entry)

    async def answer(self, encoded: Encoded) -> None:
        entry = encoded.entry
        stamp = stamp_of(entry)
        if self.space is None or self.source is None or stamp != self._space_of:
            self.source = await asyncio.to_thread(read_source, entry)
            self.space = await asyncio.to_thread(build, self.source, encoded.code, encoded.step)
            self._space_of = stamp
            if self.source.error is not None:
                self.ui.tell(self.source.error)
        elif encoded is not self.encoded:
            again = renewed(self.space, encoded.code)
            self.space = again or await asyncio.to_thread(build, self.source, encoded.code, encoded.step)
        self.encoded = encoded
        self._choose_plane(entry.path, variational=entry.variant == "variational")
        self.space_changed()
        self.is_another_run = False

    @abstractmethod
    def space_changed(self) -> None:
        """The codes, or the model that decodes them, are others than before; draw follows."""

    @abstractmethod
    def plane_changed(self) -> None:
        """Other axes than before."""

    def _choose_plane(self, path: object, *, variational: bool) -> None:
        """What suits the run, where another was shown before; what was chosen, as far as there is such an axis."""
        assert self.space is not None
        fits = self.kind in self.space.axes and max(self.x, self.y) < len(self.space.axes[self.kind])
        self.is_another_run = self._plane_of not in (None, path)
        if not fits or self.is_another_run:
            self.kind, self.x, self.y = self.space.first_plane(variational=variational)
        self._plane_of = path

    @property
    def ready(self) -> Space | None:
        """The space, where it belongs to the run that is shown."""
        return self.space if self.encoded is not None else None

    @property
    def x_axis(self) -> Axis:
        assert self.space is not None
        return self.space.axes[self.kind][self.x]

    @property
    def y_axis(self) -> Axis:
        assert self.space is not None
        return self.space.axes[self.kind][self.y]

    def coordinates(self, code: Codes) -> tuple[float, float]:
        """Where a code [d] lies on the plane."""
        assert self.space is not None
        away = code.astype(np.float64) - self.space.base
        found = [
            axis.mean + float(away @ axis.direction) / max(float(axis.direction @ axis.direction), 1e-30)
            for axis in (self.x_axis, self.y_axis)
        ]
        return found[0], found[1]

    def made_how(self) -> list[str]:
        """What the reader has to know of the codes."""
        space, encoded = self.space, self.encoded
        if space is None or encoded is None:
            return []
        found = [f"{len(space)} codes of step {space.step}", f"{space.width} wide"]
        if encoded.step != space.step:
            found.append(f"weights of step {encoded.step}")
        if space.explained is not None:
            found.append(f"least squares, R2 {space.explained:.2f}")
        return found

    # Keys

    def action_axis(self, which: str, by: int) -> None:
        """The next axis for x or y; never the same for both."""
        if self.ready is None or self.space is None:
            return
        count = len(self.space.axes[self.kind])
        other = self.y if which == "x" else self.x
        at = ((self.x if which == "x" else self.y) + by) % count
        if at == other:
            at = (at + by) % count
        if which == "x":
            self.x = at
        else:
            self.y = at
        self.plane_changed()

    def action_axes(self) -> None:
        """Dimensions of the code, or principal components."""
        if self.ready is None or self.space is None:
            return
        if len(self.space.axes) < 2:
            self.ui.say("this code has no other axes")
            return
        self.kind = "dims" if self.kind == "pca" else "pca"
        if self.kind == "pca":
            self.x, self.y = 0, 1
        else:
            widths = [float(axis.values.std()) for axis in self.space.axes["dims"]]
            self.x, self.y = sorted(np.argsort(widths)[-2:].tolist())
        self.plane_changed()

    # What is remembered

    def view_state(self) -> dict[str, Any]:
        return {"kind": self.kind, "x": self.x, "y": self.y}

    def restore_state(self, state: dict[str, Any]) -> None:
        self.kind = one_of(state.get("kind"), self.kind, KINDS)
        x, y = whole(state.get("x"), self.x, 0, _MOST_AXES), whole(state.get("y"), self.y, 0, _MOST_AXES)
        if x != y:
            self.x, self.y = x, y
