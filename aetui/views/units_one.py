"""One unit: what the decoder adds for it, the images on which it is strongest, and its mean for each class.

It is judged by more images than all units together can be: of a wide code the newest frame holds the 32 units that
were most active, on up to 2,000 test images.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from aetui import keys
from aetui.frames import Frames
from aetui.paint.axes import number
from aetui.paint.images import Image, shape_of, size_of
from aetui.paint.points import are_points, as_shown
from aetui.paint.sheet import as_rgb
from aetui.paint.unit_pages import paint_unit_side
from aetui.terminal.outside_text import plain
from aetui.units.findings import Findings
from aetui.units.statistics import ACTIVE, class_profile, measure, strongest_images
from aetui.views.units_view import UnitsView, describe
from aetui.widgets.fact_line import FactLine
from aetui.widgets.painted import Painted
from aetui.widgets.picture import Picture
from aetui.widgets.picture_row import PictureRow

NINE = 9
_PROFILE_FROM = 70


class UnitsOne(UnitsView):
    """The feature page of the chosen unit."""

    where = "units/unit"
    title = "one unit"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("units/unit")]

    def compose(self) -> ComposeResult:
        with Horizontal(id="content"):
            yield Picture(id="column")
            yield PictureRow(id="nine")
            yield Painted(id="profile")
        yield FactLine(id="facts")

    def show(self, findings: Findings) -> None:
        screen = self.units_screen
        unit = screen.unit
        screen.want([unit])
        self._arrange(findings)
        limit = findings.limit([unit])
        column = self.query_one("#column", Picture)
        scale = "" if are_points(findings.probe.images) else f", scale {number(limit, 2)}"
        column.show_image(findings.picture(unit), f"at {number(screen.amount(unit), 3)}{scale}")
        activations = findings.activations(unit)
        best = strongest_images(activations, NINE)
        self.query_one(PictureRow).show_images(
            self._images(findings, best), [self._caption(findings, image) for image in best], columns=3
        )
        profile = self._profile(findings)
        active = [value for value in findings.most_values(unit)[0].tolist() if abs(value) > ACTIVE]
        self.query_one("#profile", Painted).show_painted(
            lambda columns, rows, look: paint_unit_side(profile, active, columns, rows, look)
        )
        none = [] if best else ["active on no probe image"]
        self.query_one(FactLine).say(*self.describe_unit(findings, unit), f"place {screen.place() + 1}", *none)

    def describe_unit(self, findings: Findings, unit: int) -> list[str]:
        """Over the most images that are known for this unit, which may be more than for all units alike."""
        values, _, source = findings.most_values(unit)
        return [f"unit {unit} of {findings.width}", *describe(measure(values[:, None]), 0, source)]

    def _arrange(self, findings: Findings) -> None:
        """A third for each; the profile gives way first, then the column is as wide as it is drawn."""
        columns, rows = max(1, self.size.width), max(1, self.size.height - 1)
        profile, column = self.query_one("#profile"), self.query_one("#column")
        profile.display = columns >= _PROFILE_FROM
        shape = shape_of(findings.picture(self.units_screen.unit))
        room = columns // (3 if profile.display else 2)
        wide, _ = size_of(max(1, shape[0]), max(1, shape[1]), room, max(1, rows - 1), self.ui.look)
        column.styles.width = max(wide, min(room, 20))
        profile.styles.width = max(24, min(48, columns // 3))

    def _images(self, findings: Findings, which: list[int]) -> list[Image]:
        images = findings.probe.pixels()[which]
        cloud = findings.probe.pixels() if are_points(findings.probe.images) else None
        return list(as_shown(images, cloud))

    def _caption(self, findings: Findings, image: int) -> str:
        value = number(float(findings.codes[image, self.units_screen.unit]), 2)
        name = findings.entry.class_name(int(findings.probe.labels[image]))
        return f"{value} {name}".rstrip()

    def _profile(self, findings: Findings) -> list[tuple[str, float]]:
        """(class, mean activation) over the most images there are; one line for all where they have no classes."""
        activations, labels, _ = findings.most_values(self.units_screen.unit)
        unicode = self.ui.look.unicode
        found = class_profile(activations, labels)
        named = [(plain(findings.entry.class_name(label), unicode=unicode), mean) for label, mean in found]
        return named or [("all", float(activations.mean()))]

    # Keys

    def action_move(self, by: int) -> None:
        self.units_screen.move(by)

    def action_end_of(self, which: int) -> None:
        self.units_screen.move(which * 10**9)

    def action_back_to_all(self) -> None:
        self.page.show_view("all")

    # What the app asks for

    def frames(self) -> Frames | None:
        """The decoder column."""
        findings, unit = self.units_screen.findings, self.units_screen.unit
        if findings is None or unit not in findings.effects:
            return None
        return Frames(images=np.asarray(as_rgb(findings.picture(unit)), np.float32)[None], title=f"unit {unit}")

    def copied(self) -> str | None:
        findings, unit = self.units_screen.findings, self.units_screen.unit
        if findings is None:
            return None
        lines = ["\n".join(self.describe_unit(findings, unit)), "class\tmean activation"]
        return "\n".join([*lines, *(f"{name}\t{mean:.6g}" for name, mean in self._profile(findings))])
