"""All units: their decoder columns as a page of pictures, or their figures as a table, and how dense they are."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from aetui import keys
from aetui.frames import Frames, tile
from aetui.paint.histogram import paint_histogram
from aetui.paint.images import shape_of, size_of
from aetui.paint.sheet import as_rgb
from aetui.paint.unit_pages import ENTRY_COLUMNS, Row, paint_table, table_shape
from aetui.units.findings import Findings
from aetui.units.statistics import density_histogram
from aetui.views.units_view import UnitsView, log_place
from aetui.widgets.fact_line import FactLine
from aetui.widgets.painted import Painted
from aetui.widgets.picture_row import PictureRow

_HISTOGRAM_FROM, _HISTOGRAM_ROWS = 16, 7
_SMALLEST, _LARGEST = 8, 16


class UnitsAll(UnitsView):
    """A page of units in the order of the screen, with a cursor."""

    where = "units/all"
    title = "all units"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("units/all")]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.pictures = True
        self._shape = (1, 1)

    def compose(self) -> ComposeResult:
        with Vertical(id="content"):
            yield PictureRow(id="pictures")
            yield Painted(id="table")
            yield Painted(id="histogram")
        yield FactLine(id="facts")

    # Drawing

    def shape(self, findings: Findings) -> tuple[int, int]:
        """How many units a page has: (beside, below each other)."""
        columns, rows = max(1, self.size.width), max(1, self.size.height - 1 - self._histogram_rows())
        if not self.pictures:
            return table_shape(columns, rows)
        height, width = shape_of(findings.picture(0))
        room = max(_SMALLEST, min(_LARGEST, columns // 11))
        wide, high = size_of(max(1, height), max(1, width), room, max(1, rows - 1), self.ui.look)
        return max(1, (columns + 1) // (wide + 1)), max(1, rows // (high + 1))

    def page_of(self, findings: Findings) -> list[int]:
        """The units of the page that has the cursor."""
        screen = self.units_screen
        self._shape = self.shape(findings)
        count = self._shape[0] * self._shape[1]
        ordered = screen.ordered()
        first = screen.place() // count * count
        return [int(unit) for unit in ordered[first : first + count]]

    def _histogram_rows(self) -> int:
        return _HISTOGRAM_ROWS if self.size.height >= _HISTOGRAM_FROM else 0

    def show(self, findings: Findings) -> None:
        screen = self.units_screen
        shown = self.page_of(findings)
        row, table, histogram = self.query_one(PictureRow), self.query_one("#table"), self.query_one("#histogram")
        row.display, table.display = self.pictures, not self.pictures
        histogram.display, histogram.styles.height = self._histogram_rows() > 0, self._histogram_rows() or 1
        if self.pictures:
            screen.want(shown)
            row.show_images(
                [findings.picture(unit, screen.limit(shown)) for unit in shown],
                [self._caption(findings, unit) for unit in shown],
                columns=self._shape[0],
                selected=shown.index(screen.unit) if screen.unit in shown else None,
            )
        else:
            self._show_table(findings, shown)
        self._show_histogram(findings)
        dead = int(findings.units.dead.sum())
        self.query_one(FactLine).say(
            *self.describe_unit(findings, screen.unit)[:2],
            f"by {screen.order}{' backwards' if screen.backwards else ''}",
            f"place {screen.place() + 1}",
            f"{dead} dead",
            f"{findings.units.active_per_image:.1f} active per image",
            f"of {findings.source}",
        )

    def _caption(self, findings: Findings, unit: int) -> str:
        density = findings.units.density[unit]
        wide = self.size.width // self._shape[0] - 1
        share = "dead" if density == 0 else f"{100 * density:.0f}%"
        long = f"{unit} {share}"
        return long if len(long) + 2 * (unit == self.units_screen.unit) <= wide else str(unit)

    def _show_table(self, findings: Findings, shown: list[int]) -> None:
        units, unit = findings.units, self.units_screen.unit
        rows = [
            Row(
                unit=one,
                density=float(units.density[one]),
                mean=float(units.mean[one]),
                strongest=float(units.strongest[one]),
            )
            for one in shown
        ]
        chosen = shown.index(unit) if unit in shown else None
        self.query_one("#table", Painted).show_painted(
            lambda columns, high, look: paint_table(rows, columns, high, look, chosen=chosen)
        )

    def _show_histogram(self, findings: Findings) -> None:
        units, unit = findings.units, self.units_screen.unit
        columns = max(1, self.query_one("#histogram").size.width or self.size.width)
        found = density_histogram(units, bins=max(4, min(24, columns // 6)))
        ends = [(0.0, f"{100 * 10 ** found.edges[0]:.2g} %"), (float(len(found.counts)), "always")]
        middle = [(float(at), label) for at, label in _powers(found.edges)]
        self.query_one("#histogram", Painted).show_painted(
            partial(
                _histogram,
                found.counts,
                [ends[0], *middle, ends[1]],
                log_place(float(units.density[unit]), found.edges),
                ("dead", found.dead),
            )
        )

    # Keys

    def action_move(self, across: int, down: int) -> None:
        """Pictures lie row by row, the table column by column."""
        if self.pictures:
            self.units_screen.move(across + down * self._shape[0])
        else:
            self.units_screen.move(down + across * self._shape[1])

    def action_page(self, by: int) -> None:
        self.units_screen.move(by * self._shape[0] * self._shape[1])

    def action_end_of(self, which: int) -> None:
        self.units_screen.move(which * 10**9)

    def action_open(self) -> None:
        self.page.show_view("unit")

    def action_pictures(self) -> None:
        self.pictures = not self.pictures
        self.draw()

    def _pick(self, at: int) -> None:
        findings = self.units_screen.findings
        shown = self.page_of(findings) if findings is not None else []
        if 0 <= at < len(shown):
            again = shown[at] == self.units_screen.unit
            self.units_screen.choose(shown[at])
            if again:
                self.action_open()

    def on_picture_row_picked(self, message: PictureRow.Picked) -> None:
        self._pick(message.index)

    def on_painted_clicked(self, message: Painted.Clicked) -> None:
        if message.view.id == "table" and message.row >= 1:
            self._pick(message.column // (ENTRY_COLUMNS + 2) * self._shape[1] + message.row - 1)

    # What the app asks for

    def view_state(self) -> dict[str, Any]:
        return {"pictures": self.pictures}

    def restore_state(self, state: dict[str, Any]) -> None:
        self.pictures = state.get("pictures") is not False

    def frames(self) -> Frames | None:
        """The page of decoder columns as one picture."""
        findings = self.units_screen.findings
        if findings is None:
            return None
        shown = [unit for unit in self.page_of(findings) if unit in findings.effects]
        if not shown:
            return None
        pixels = [as_rgb(findings.picture(unit, self.units_screen.limit(shown))) for unit in shown]
        coloured = [np.broadcast_to(one, (3, *one.shape[1:])) for one in pixels]
        return Frames(images=tile(np.stack(coloured), self._shape[0]), title="units")

    def copied(self) -> str | None:
        """The table of all units, in the order that is shown."""
        findings = self.units_screen.findings
        if findings is None:
            return None
        units = findings.units
        lines = [
            f"{unit}\t{units.density[unit]:.6g}\t{units.mean[unit]:.6g}\t{units.strongest[unit]:.6g}"
            for unit in self.units_screen.ordered()
        ]
        return "\n".join(["unit\tdensity\tmean\tmax", *lines])


def _histogram(counts: Any, ticks: Any, marked: Any, extra: Any, columns: int, rows: int, look: Any) -> Any:
    return paint_histogram(counts, ticks, columns, rows, look, marked=marked, extra=extra)


def _powers(edges: tuple[float, ...]) -> list[tuple[float, str]]:
    """Where 0.1 %, 1 % and 10 % lie, in bins."""
    low, high = edges[0], edges[-1]
    found = [(power, f"{100 * 10.0**power:g} %") for power in range(-6, 0) if low < power < high]
    return [((power - low) / (high - low) * (len(edges) - 1), label) for power, label in found]
