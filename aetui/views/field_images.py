"""The field over images: x, r(x) − x and r(x) of corrupted probe images, and the walk that starts there."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from aetui import keys
from aetui.field.walk import Images, lengths
from aetui.follow.entries import Entry
from aetui.frames import Frames, tile
from aetui.paint.images import Image, Signed
from aetui.paint.picture_places import Places, places_for
from aetui.paint.points import are_points
from aetui.paint.series import Series
from aetui.paint.sheet import as_rgb
from aetui.probes import corrupted, probe_of
from aetui.view_state import real, whole
from aetui.views.walk_view import WalkView
from aetui.widgets.chart import Chart
from aetui.widgets.fact_line import FactLine
from aetui.widgets.picture_row import PictureRow
from trainer.corruption import KINDS

MOST = 8
"""Images that walk at a time."""

_CHARTS_FROM = 64
_LOUD = 0.98
_LEVELS = tuple(round(0.05 * step, 2) for step in range(21))

FLAT = "these data are points of the plane: Tab shows their field as arrows"
EMPTY = "no run yet: press 1, then n, or aetrain fit denoising"


class FieldImages(WalkView):
    """What the network would change in an image, and what happens when it does so step by step."""

    where = "field/images"
    title = "images"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("field/images")]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.first = 0
        self.selected = 0
        self.kind: str | None = None
        self.level: float | None = None
        self._noise: tuple[str, float] = (KINDS[0], 0.5)
        self._clean: Images = np.empty((0, 1, 1, 1), np.float32)
        self._index = np.empty(0, np.int64)
        self._labels = np.empty(0, np.int64)
        self._are_points = False
        self._dimensions = 0
        self._places = Places(1, True, 1, (1, 1))

    def compose(self) -> ComposeResult:
        with Horizontal(id="both"):
            yield PictureRow(id="pictures")
            with Vertical(id="charts"):
                yield Chart(id="lengths")
                yield Chart(id="errors")
        yield FactLine(id="facts")

    def on_mount(self) -> None:
        for name, title in (("lengths", "|r(x) - x|"), ("errors", "MSE to the clean image")):
            chart = self.query_one(f"#{name}", Chart)
            chart.title, chart.empty = title, "space begins the walk"

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._arrange)

    # What is asked

    async def prepare(self, entry: Entry) -> None:
        probe = probe_of(entry)
        self._are_points = are_points(probe.images)
        if self._are_points:
            self._dimensions = int(probe.images[0].size)
            self.forget()
            return
        self._clean, self._index, self._labels = probe.pixels(), probe.index, probe.labels
        self._noise = self.noise(entry)
        self.selected = min(self.selected, len(self._clean) - 1)
        self._arrange(again=False)
        if self.walk is None:
            self.restart()

    def noise(self, entry: Entry | None) -> tuple[str, float]:
        """(kind, level): what was chosen, else what the run was trained for, else a lot."""
        kind, level = (entry.corruption if entry is not None else None) or (KINDS[0], 0.5)
        return self.kind or kind, level if self.level is None else self.level

    def shown(self) -> range:
        """The images that walk."""
        return range(self.first, min(self.first + self._places.images, len(self._clean)))

    def start(self) -> Images | None:
        which = list(self.shown())
        return corrupted(self._clean[which], self._index[which], *self._noise) if which else None

    def forget(self) -> None:
        super().forget()
        self._clean = self._clean[:0]

    def _arrange(self, *, again: bool = True) -> None:
        """As many images as stay recognisable; where that changes the walk begins anew."""
        if not len(self._clean) or not self.is_mounted:
            return
        charts = self.query_one("#charts")
        charts.display = self.size.width >= _CHARTS_FROM and self.size.height >= 10
        beside = max(28, self.size.width // 3) if charts.display else 0
        charts.styles.width = beside
        height, width = self._clean.shape[2:]
        look = self.ui.look
        columns, rows = max(1, self.size.width - beside - 1), max(1, self.size.height - 1)
        self._places = places_for(columns, rows, (height, width), 3, look, most=min(MOST, len(self._clean)))
        before, count = self.first, self._places.images
        self.first = self.selected // count * count
        walk = self.walk
        if walk is not None and (before != self.first or len(walk.start) != len(self.shown())):
            self.walk = None
            if again:
                self.restart()
        if again:
            self.draw()

    # Drawing

    def draw(self) -> None:
        if not self.is_mounted:
            return
        entry, walk = self.page.entry(), self.walk
        ready = walk is not None and bool(walk.rs) and entry is not None and entry.model is not None
        self.query_one("#both").display = ready
        if not ready or walk is None or entry is None:
            self.query_one(FactLine).say(self._nothing(entry))
            return
        self._draw_pictures(entry)
        self._draw_charts()
        number = self.selected - self.first
        kind, level = self._noise
        error = walk.errors(number, self._clean[self.selected])
        self.query_one(FactLine).say(
            f"image {self.selected + 1} of {len(self._clean)}",
            *self.walk_facts(),
            f"{kind} {level:g}",
            f"MSE {error[0]:.4f} -> {error[walk.at]:.4f}",
            f"full colour at {self.limits()[number]:.2f}",
        )

    def pictures(self, at: int) -> list[list[Image]]:
        """For each image at a step of the walk: x, r(x) − x signed, r(x)."""
        assert self.walk is not None
        x, r = self.walk.xs[at], self.walk.rs[at]
        field = [(b - a).mean(axis=0) / limit for a, b, limit in zip(x, r, self.limits(), strict=True)]
        return [[a, Signed(v.clip(-1, 1)), b] for a, v, b in zip(x, field, r, strict=True)]

    def limits(self) -> list[float]:
        """What has the full colour: nearly the most that the first step changes in each image."""
        assert self.walk is not None
        first = np.abs((self.walk.rs[0] - self.walk.xs[0]).mean(axis=1)).reshape(len(self.walk.start), -1)
        return [max(0.02, float(one)) for one in np.quantile(np.nan_to_num(first), _LOUD, axis=1)]

    def _draw_pictures(self, entry: Entry) -> None:
        walk = self.walk
        assert walk is not None
        field = lengths(walk.rs[walk.at] - walk.xs[walk.at])
        captions = []
        for number, image in enumerate(self.shown()):
            name = entry.class_name(int(self._labels[image]))
            length = f"{field[number]:.2f}"
            long = f"|r(x)-x| {length}"
            captions.append([f"x {name}".strip(), long if len(long) <= self._places.picture[0] else length, "r(x)"])
        places, count = self._places, len(captions)
        flat = [(which, kind) for which in range(count) for kind in range(3)]
        if not places.across:
            flat = [(which, kind) for kind in range(3) for which in range(count)]
        pictures = self.pictures(walk.at)
        self.query_one(PictureRow).show_images(
            [pictures[which][kind] for which, kind in flat],
            [captions[which][kind] for which, kind in flat],
            columns=3 * places.groups if places.across else count,
            selected=flat.index((self.selected - self.first, 0)),
        )

    def _draw_charts(self) -> None:
        walk, number = self.walk, self.selected - self.first
        assert walk is not None
        values = {"lengths": walk.lengths(number), "errors": walk.errors(number, self._clean[self.selected])}
        for colour, (name, ys) in enumerate(values.items()):
            chart = self.query_one(f"#{name}", Chart)
            # One point is no curve; what it is stands below the picture and in the line of facts.
            points = Series(np.arange(len(ys), dtype=np.float64), ys, "", colour)
            chart.set_series([points] if len(ys) > 1 else [])
            chart.cursor = float(walk.at) if len(ys) > 1 else None

    def _nothing(self, entry: Entry | None) -> str:
        if entry is None:
            return EMPTY
        if self.said:
            return self.said
        if entry.model is None:
            return f"{entry.name}: no model to look at yet"
        if not self._are_points:
            return "asking the network"
        return FLAT if self._dimensions == 2 else f"these data are points of {self._dimensions} dimensions: no pictures"

    # Keys

    def action_move(self, by: int) -> None:
        if len(self._clean):
            self.selected = max(0, min(len(self._clean) - 1, self.selected + by))
            self._arrange()

    def action_page(self, by: int) -> None:
        self.action_move(by * self._places.images)

    def action_kind(self) -> None:
        kinds = list(KINDS)
        self.kind = kinds[(kinds.index(self._noise[0]) + 1) % len(kinds)]
        self._begin_anew()

    def action_level(self, by: int) -> None:
        at = int(np.abs(np.array(_LEVELS) - self._noise[1]).argmin())
        self.level = _LEVELS[max(0, min(len(_LEVELS) - 1, at + by))]
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._noise = self.noise(self.page.entry())
        if len(self._clean):
            self.restart()

    def on_picture_row_picked(self, message: PictureRow.Picked) -> None:
        count = len(self.shown())
        self.selected = self.first + (message.index // 3 if self._places.across else message.index % max(1, count))
        self.draw()

    # What the app asks for

    def view_state(self) -> dict[str, Any]:
        return {**super().view_state(), "image": self.selected, "kind": self.kind, "level": self.level}

    def restore_state(self, state: dict[str, Any]) -> None:
        super().restore_state(state)
        self.selected = whole(state.get("image"), 0, 0, 63)
        self.kind = state["kind"] if state.get("kind") in KINDS else None
        level = real(state.get("level"), -1.0, 0.0, 1.0)
        self.level = None if level < 0 else level

    def frames(self) -> Frames | None:
        """The walk of the images that are shown, as far as it is known."""
        walk = self.walk
        if walk is None or not walk.rs:
            return None
        images = []
        for at in range(len(walk.rs)):
            flat = [np.broadcast_to(pixels, (3, *pixels.shape[1:])) for pixels in map(as_rgb, _flat(self.pictures(at)))]
            images.append(tile(np.stack(flat), 3)[0])
        return Frames(images=np.stack(images), per_s=self.player.per_s, title="walk")

    def copied(self) -> str | None:
        """The walk of the selected image as a table."""
        walk, number = self.walk, self.selected - self.first
        if walk is None or not walk.rs:
            return None
        rows = zip(walk.lengths(number), walk.errors(number, self._clean[self.selected]), strict=True)
        return "\n".join(["step\tlength\tmse", *(f"{at}\t{v:.6g}\t{e:.6g}" for at, (v, e) in enumerate(rows))])


def _flat(pictures: list[list[Image]]) -> list[Image]:
    return [picture for row in pictures for picture in row]
