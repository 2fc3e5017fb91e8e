"""The field over 2-D data: arrows, data, and walks from the cross-hair or from everywhere."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType

from aetui import keys
from aetui.field.plane import Points, Window, window_of
from aetui.field.walk import STILL, Images, lengths
from aetui.follow.entries import Entry
from aetui.frames import Frames
from aetui.paint.axes import number
from aetui.paint.field_raster import raster
from aetui.paint.field_scene import Scene
from aetui.probes import probe_of
from aetui.view_state import whole
from aetui.views.walk_view import WalkView
from aetui.widgets.fact_line import FactLine
from aetui.widgets.plane_view import PlaneView

SPACINGS = ((6, 3), (4, 2), (2, 1))
"""Cells from arrow to arrow: (columns, rows)."""

_WALKERS_EVERY = (8, 4)
_LOUD = 0.95
_NONE: Points = np.empty((0, 2))

NOT_FLAT = "arrows need points of the plane: aetrain fit denoising --data moons   (Tab: the field as images)"
EMPTY = "no run yet: press 1, then n, or aetrain fit denoising --data moons"


class FieldPlane(WalkView):
    """r(x) − x as arrows."""

    where = "field/plane"
    title = "arrows"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("field/plane")]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.cross = (0.0, 0.0)
        self.many = False
        self._window = Window(-1.0, 1.0, -1.0, 1.0)
        self._cloud, self._labels = _NONE, np.empty(0, np.int64)
        self._points, self._vectors = _NONE, _NONE
        self._at_cross: Points | None = None
        self._drawn_for: tuple[object, ...] | None = None
        self._path: object = None
        self._flat = False
        self._spacing = 1
        self._with_data = True

    def compose(self) -> ComposeResult:
        yield PlaneView(id="plane")
        yield FactLine(id="facts")

    def on_resize(self, event: events.Resize) -> None:
        self.latest.ask()

    # What is asked

    async def prepare(self, entry: Entry) -> None:
        probe = probe_of(entry)
        self._flat = probe.images[0].size == 2 and probe.images.shape[1:] == (1, 1, 2)
        if not self._flat:
            self.forget()
            return
        if entry.path != self._path:
            self._path = entry.path
            self._cloud, self._labels = probe.pixels().reshape(-1, 2).astype(np.float64), probe.labels
            self._window = window_of(self._cloud)
            self.cross = self._window.centre
        seen = self._seen()
        key = (self.model_key, seen, self._spacing, self._cells())
        if key != self._drawn_for:
            points = seen.grid(*self._cells(), SPACINGS[self._spacing])
            # It may be drawn while the network is asked: the old arrows, then the new ones.
            vectors = await self._field(entry, points)
            self._points, self._vectors = points, vectors
            self._drawn_for = key
        self._at_cross = await self._field(entry, np.array([self.cross]))
        if self.walk is None and self.player.playing:
            self.restart()

    async def _field(self, entry: Entry, points: Points) -> Points:
        x = points.astype(np.float32).reshape(-1, 1, 1, 2)
        r = await self.reconstructed(entry, x)
        return (r.astype(np.float64) - x).reshape(-1, 2)

    def start(self) -> Images | None:
        if not self._flat:
            return None
        points = self._seen().grid(*self._cells(), _WALKERS_EVERY) if self.many else np.array([self.cross])
        return points.astype(np.float32).reshape(-1, 1, 1, 2)

    def forget(self) -> None:
        super().forget()
        self._points, self._vectors, self._at_cross = _NONE, _NONE, None
        self._drawn_for = self._path = None

    def _cells(self) -> tuple[int, int]:
        size = self.query_one(PlaneView).size
        return max(1, size.width), max(1, size.height)

    def _seen(self) -> Window:
        return self.query_one(PlaneView).seen(self._window)

    # Drawing

    def scene(self) -> Scene:
        """What is to be painted."""
        size = lengths(self._vectors)
        size = size[np.isfinite(size)]
        longest = float(np.quantile(size, _LOUD)) if len(size) else 0.0
        trails = self.walk.trails().reshape(self.walk.at + 1, -1, 2) if self.walk is not None else np.empty((0, 0, 2))
        return Scene(
            window=self._window,
            cloud=self._cloud if self._with_data else _NONE,
            labels=self._labels if self._with_data else self._labels[:0],
            points=self._points,
            vectors=self._vectors,
            longest=longest,
            still=STILL * longest,
            trails=trails.astype(np.float64),
            cross=self.cross,
        )

    def draw(self) -> None:
        if not self.is_mounted:
            return
        entry = self.page.entry()
        ready = entry is not None and entry.model is not None and self._flat
        self.query_one(PlaneView).show_scene(self.scene() if ready else None)
        self.query_one(FactLine).say(*(self._facts() if ready else [self._nothing(entry)]))

    def _nothing(self, entry: Entry | None) -> str:
        if entry is None:
            return EMPTY
        if self.said:
            return self.said
        if entry.model is None:
            return f"{entry.name}: no model to look at yet"
        return "asking the network" if self.model_key is None else NOT_FLAT

    def _facts(self) -> list[str]:
        x, y = self.cross
        facts = [f"x = ({x:.3f}, {y:.3f})"]
        if self._at_cross is not None:
            v = self._at_cross[0]
            facts.append(f"r(x) - x = ({v[0]:+.3f}, {v[1]:+.3f}), |.| = {number(float(np.hypot(*v)), 3)}")
        walkers = len(self.walk.start) if self.walk is not None else 0
        facts += self.walk_facts()
        if walkers > 1:
            facts.append(f"{walkers} walkers")
        return facts

    # Keys

    def action_move(self, across: int, up: int) -> None:
        columns, rows = self._cells()
        seen = self._seen()
        x = self.cross[0] + across * seen.width / columns
        y = self.cross[1] + up * seen.height / rows
        self._point((x, y))

    def _point(self, cross: tuple[float, float]) -> None:
        """Put the cross-hair somewhere; the window follows it over its edge."""
        if self._flat:
            self.cross = cross
            self._window = self._seen().holding(cross) if not _inside(cross, self._seen()) else self._window
            self.latest.ask()
            self.draw()

    def action_zoom(self, factor: float) -> None:
        self._look_at(self._seen().zoomed(factor, self.cross))

    def action_pan(self, across: float, up: float) -> None:
        seen = self._seen()
        self._look_at(seen.panned(across * seen.width, up * seen.height))

    def action_fit(self) -> None:
        self._look_at(window_of(self._cloud))

    def action_centre(self) -> None:
        seen, (x, y) = self._seen(), self.cross
        self._look_at(seen.panned(x - seen.centre[0], y - seen.centre[1]))

    def _look_at(self, window: Window) -> None:
        if self._flat:
            self._window = window
            self.latest.ask()
            self.draw()

    def action_walk(self, many: bool) -> None:
        """From the cross-hair alone, or from many points."""
        self.many = many
        self.restart()
        if self._flat:
            self.player.play()
        self.draw()

    def action_spacing(self) -> None:
        self._spacing = (self._spacing + 1) % len(SPACINGS)
        self.latest.ask()

    def action_data(self) -> None:
        self._with_data = not self._with_data
        self.draw()

    def on_plane_view_pointed(self, message: PlaneView.Pointed) -> None:
        self._point((message.x, message.y))

    def on_plane_view_zoomed(self, message: PlaneView.Zoomed) -> None:
        self._look_at(self._seen().zoomed(message.factor, (message.x, message.y)))

    # What the app asks for

    def view_state(self) -> dict[str, Any]:
        return {**super().view_state(), "spacing": self._spacing, "data": self._with_data, "many": self.many}

    def restore_state(self, state: dict[str, Any]) -> None:
        super().restore_state(state)
        self._spacing = whole(state.get("spacing"), self._spacing, 0, len(SPACINGS) - 1)
        self._with_data = state.get("data") is not False
        self.many = state.get("many") is True

    def frames(self) -> Frames | None:
        """The walk so far as an animation, or the field alone."""
        if not self._flat or not len(self._points):
            return None
        scene, window = self.scene(), self._seen()
        places = [x.reshape(-1, 2).astype(np.float64) for x in self.walk.xs] if self.walk is not None else []
        if self.walk is not None:
            places = places[: len(self.walk.rs)]
        images = [raster(scene, window, np.stack(places[: t + 1])) for t in range(len(places))]
        images = images or [raster(scene, window, np.empty((0, 0, 2)))]
        return Frames(images=np.stack(images), per_s=self.player.per_s, title="walk" if len(images) > 1 else "field")

    def copied(self) -> str | None:
        return "\n".join(self._facts()) if self._flat else None


def _inside(point: tuple[float, float], window: Window) -> bool:
    return window.left <= point[0] <= window.right and window.bottom <= point[1] <= window.top
