"""Which units fire: for one image, or on average for the images of one class."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from aetui import keys
from aetui.frames import Frames, tile
from aetui.paint.images import Image, shape_of, size_of
from aetui.paint.points import are_points, as_shown
from aetui.paint.sheet import as_rgb
from aetui.paint.unit_pages import Firing, firing_shape, paint_firing
from aetui.units.findings import Findings
from aetui.units.statistics import firing
from aetui.view_state import whole
from aetui.views.units_view import UnitsView
from aetui.widgets.fact_line import FactLine
from aetui.widgets.painted import Painted
from aetui.widgets.picture import Picture


class UnitsFires(UnitsView):
    """An image, or the mean image of a class, beside the units that it makes fire."""

    where = "units/fires"
    title = "what fires"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("units/fires")]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.of_class = False
        self.subject = 0
        self.chosen = 0

    def compose(self) -> ComposeResult:
        with Horizontal(id="content"):
            yield Picture(id="image")
            yield Painted(id="fires")
        yield FactLine(id="facts")

    def labels(self, findings: Findings) -> list[int]:
        labels = findings.probe.labels
        return [int(label) for label in np.unique(labels[labels >= 0])]

    def which(self, findings: Findings) -> list[int]:
        """The probe images that are asked about: one, or those of a class."""
        if not self.of_class:
            return [self.subject % len(findings.codes)]
        classes = self.labels(findings)
        return np.flatnonzero(findings.probe.labels == classes[self.subject % len(classes)]).tolist()

    def active(self, findings: Findings) -> tuple[list[int], np.ndarray]:
        """The units that fire, the strongest first, and the mean activation of every unit."""
        mean = findings.codes[self.which(findings)].astype(np.float64).mean(axis=0)
        return firing(mean), mean

    def show(self, findings: Findings) -> None:
        screen = self.units_screen
        if self.of_class and not self.labels(findings):
            self.of_class = False
        units, mean = self.active(findings)
        view, image = self.query_one("#fires", Painted), self._image(findings)
        shape = shape_of(findings.picture(0))
        columns, rows = max(1, self.size.width), max(1, self.size.height - 1)
        height, width = max(1, shape[0]), max(1, shape[1])
        wide, _ = size_of(height, width, max(1, columns // 3), max(1, rows - 1), self.ui.look)
        self.query_one("#image").styles.width = max(wide, 12)
        beside, below, _ = firing_shape(max(1, columns - max(wide, 12) - 1), rows, shape, self.ui.look)
        page = beside * below
        self.chosen = max(0, min(self.chosen, len(units) - 1))
        first = self.chosen // page * page
        shown = units[first : first + page]
        screen.want(shown)
        limit = screen.limit(shown)
        drawn = [Firing(unit=one, picture=findings.picture(one, limit), value=float(mean[one])) for one in shown]
        self.query_one("#image", Picture).show_image(image, self.subject_name(findings))
        view.show_painted(
            lambda wide, high, look: paint_firing(drawn, wide, high, look, shape, chosen=self.chosen - first)
        )
        place = f"{first + 1}-{first + len(shown)} of {len(units)} active units" if units else "no unit is active"
        self.query_one(FactLine).say(self.subject_name(findings), place, f"{findings.width} units, of the probe images")

    def _image(self, findings: Findings) -> Image:
        images = findings.probe.pixels()
        mean = images[self.which(findings)].mean(axis=0)[None]
        return as_shown(mean, images if are_points(findings.probe.images) else None)[0]

    def subject_name(self, findings: Findings) -> str:
        which = self.which(findings)
        name = findings.entry.class_name(int(findings.probe.labels[which[0]]))
        if self.of_class:
            return f"class {name}: the mean of {len(which)}"
        return f"image {which[0] + 1}" + (f": {name}" if name else "")

    # Keys

    def action_subject(self, by: int) -> None:
        findings = self.units_screen.findings
        if findings is not None:
            count = len(self.labels(findings)) if self.of_class else len(findings.codes)
            self.subject = (self.subject + by) % max(1, count)
            self.chosen = 0
            self.draw()

    def action_move(self, by: int) -> None:
        self.chosen = max(0, self.chosen + by)
        self.draw()

    def action_classes(self) -> None:
        self.of_class = not self.of_class
        self.subject = self.chosen = 0
        self.draw()

    def action_open(self) -> None:
        findings = self.units_screen.findings
        units = self.active(findings)[0] if findings is not None else []
        if units:
            self.units_screen.choose(units[self.chosen])
            self.page.show_view("unit")

    def on_painted_clicked(self, message: Painted.Clicked) -> None:
        findings = self.units_screen.findings
        if findings is None:
            return
        size = message.view.size
        across, down, picture = firing_shape(size.width, size.height, shape_of(findings.picture(0)), self.ui.look)
        column, row = message.column // max(1, size.width // across), message.row // (picture[1] + 1)
        page = across * down
        if column < across and row < down:
            self.chosen = self.chosen // page * page + row * across + column
            self.draw()

    # What the app asks for

    def view_state(self) -> dict[str, Any]:
        return {"of_class": self.of_class, "subject": self.subject}

    def restore_state(self, state: dict[str, Any]) -> None:
        self.of_class = state.get("of_class") is True
        self.subject = whole(state.get("subject"), 0, 0, 63)

    def frames(self) -> Frames | None:
        """The image, then the columns of the units that it makes fire, the strongest first."""
        findings = self.units_screen.findings
        if findings is None:
            return None
        units = [unit for unit in self.active(findings)[0] if unit in findings.effects][:23]
        pictures = [as_rgb(one) for one in [self._image(findings), *map(findings.picture, units)]]
        coloured = [np.broadcast_to(one, (3, *one.shape[1:])) for one in pictures]
        return Frames(images=tile(np.stack(coloured), 8), title="what fires")

    def copied(self) -> str | None:
        findings = self.units_screen.findings
        if findings is None:
            return None
        units, mean = self.active(findings)
        return "\n".join(
            [self.subject_name(findings), "unit\tactivation", *(f"{one}\t{mean[one]:.6g}" for one in units)]
        )
