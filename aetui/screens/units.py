"""Screen 5: what each unit of the code stands for."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import BindingType

from aetui import keys
from aetui.field.plane import FLAT_DATA
from aetui.follow.entries import Entry
from aetui.latest import Latest
from aetui.probes import probe_of
from aetui.screens.page import Page
from aetui.units.findings import Findings, findings_of, newest_codes
from aetui.units.statistics import ORDERS, Order, amount_of, order_of, scaled_units
from aetui.view_state import whole
from aetui.views.units_all import UnitsAll
from aetui.views.units_fires import UnitsFires
from aetui.views.units_one import UnitsOne
from aetui.views.units_view import UnitsView
from aetui.views.view import View
from aetui.widgets.go_to_line import GoToLine
from export.errors import ExitCode, ToolError

AMOUNTS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""How strongly a unit is shown, in its own largest activation."""

_AT_A_TIME = 128
_MOST_VALUES = 4_000_000
"""In one question to the engine."""


class UnitsScreen(Page):
    """Its views are about one model, one order of its units, and one chosen unit."""

    where = "units"
    CSS_PATH = "units.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("units")]
    views: ClassVar[dict[str, type[View]]] = {"all": UnitsAll, "unit": UnitsOne, "fires": UnitsFires}

    def __init__(self) -> None:
        super().__init__()
        self.findings: Findings | None = None
        self.said = ""
        self.unit = -1
        self.order: Order = "density"
        self.backwards = False
        self.factor = AMOUNTS.index(1.0)
        self.common = False
        self._wanted: list[int] = []
        self._key: tuple[object, ...] | None = None
        self._read_for: tuple[object, ...] | None = None
        self._ordered: np.ndarray = np.empty(0, np.int64)
        self._ordered_for: tuple[object, ...] | None = None
        self._latest = Latest(self._read)

    def body(self) -> ComposeResult:
        yield from super().body()
        yield GoToLine("unit ")

    def on_screen_suspend(self) -> None:
        self.query_one(GoToLine).close()

    async def on_unmount(self) -> None:
        await self._latest.stop()

    def entry(self) -> Entry | None:
        """The selected run; before one was chosen rather a sparse one, and rather one of images than of points."""
        if self.ui.selection.chosen:
            return self.ui.selected_entry()
        with_model = [entry for entry in self.ui.entries if entry.model is not None]
        return min(with_model, key=_suits, default=self.ui.selected_entry())

    def entries_changed(self) -> None:
        entry = self.entry()
        key = (entry.path, entry.model, entry.version) if entry is not None else None
        if key != self._key:
            if self._key is not None and (key is None or key[0] != self._key[0]):
                self.findings, self.said, self.unit = None, "", -1
            self._key = key
            self._latest.ask()
        super().entries_changed()

    # The engine

    async def _read(self) -> None:
        """Encode the probe images where the model is another one; decode the units whose columns are wanted."""
        entry = self.entry()
        if entry is None or entry.model is None:
            self.findings = None
            self._draw()
            return
        try:
            if self._read_for != self._key or self.findings is None:
                key = self._key
                self.findings = await self._find(entry)
                self._read_for = key
                self.unit = min(self.unit, self.findings.width - 1) if self.unit >= 0 else int(self.ordered()[0])
                self.said = ""
                self._draw()
            await self._decode(self.findings)
        except (ToolError, OSError) as error:
            self.ui.tell(error)
            self.findings, self.said = None, error.what if isinstance(error, ToolError) else str(error)
        self._draw()

    async def _find(self, entry: Entry) -> Findings:
        probe, model = probe_of(entry), entry.model or entry.path
        pixels = probe.pixels()
        answer = await self.ui.ask(lambda engine: engine.encode(model, pixels))
        codes = answer.arrays["code"]
        if codes.ndim != 2 or len(codes) != len(pixels) or not codes.shape[1]:
            raise ToolError(
                f"{entry.name} makes no codes that can be looked at",
                why=f"they are {list(codes.shape)}",
                do="aetrain verify tells whether its bundle is whole",
                exit_code=ExitCode.DAMAGED,
            )
        newest = await asyncio.to_thread(newest_codes, entry.path, codes.shape[1])
        return findings_of(entry, probe, codes, answer.step, newest)

    async def _decode(self, findings: Findings) -> None:
        """What the decoder adds for each wanted unit: decode(m·eᵢ) − decode(0)."""
        model = findings.entry.model or findings.entry.path
        factor = self.factor
        largest = max(findings.width, findings.probe.images[0].size)
        at_a_time = max(1, min(_AT_A_TIME, _MOST_VALUES // largest))
        for _ in range(-(-len(self._wanted) // at_a_time)):
            missing = [unit for unit in self._wanted if unit not in findings.effects][:at_a_time]
            if not missing:
                return
            codes = scaled_units(missing, [self.amount(unit) for unit in missing], findings.width)
            answer = await self.ui.ask(lambda engine, codes=codes: engine.decode(model, codes))  # type: ignore[misc]
            made = answer.arrays["reconstruction"]
            if made.shape[0] != len(codes) or made.shape[1:] != findings.probe.images.shape[1:]:
                raise ToolError(
                    f"{findings.entry.name} makes images of another shape",
                    why=f"{list(made.shape[1:])} of {list(findings.probe.images.shape[1:])}",
                    do="aetrain verify tells whether its bundle is whole",
                    exit_code=ExitCode.DAMAGED,
                )
            if factor != self.factor or findings is not self.findings:
                return  # asked for otherwise meanwhile; the job runs once more
            findings.zero = made[0]
            findings.keep(missing, made[1:] - made[:1])

    def want(self, units: list[int]) -> None:
        """The columns of these are to be shown."""
        self._wanted = units
        if self.findings is not None and any(unit not in self.findings.effects for unit in units):
            self._latest.ask()

    def amount(self, unit: int) -> float:
        """The activation at which a unit is decoded."""
        return amount_of(self.findings.units, unit) * AMOUNTS[self.factor] if self.findings is not None else 1.0

    def limit(self, units: list[int]) -> float | None:
        """One colour scale for ``units``, or None: each its own."""
        return self.findings.limit(units) if self.common and self.findings is not None else None

    def _draw(self) -> None:
        view = self.view()
        if isinstance(view, UnitsView):
            view.draw()

    # The order

    def ordered(self) -> np.ndarray:
        """The units in the order that was asked for."""
        if self.findings is None:
            return np.empty(0, np.int64)
        key = (id(self.findings), self.order, self.backwards)
        if key != self._ordered_for:
            self._ordered = order_of(self.findings.units, self.order, backwards=self.backwards)
            self._ordered_for = key
        return self._ordered

    def place(self) -> int:
        """Where the chosen unit stands in the order."""
        found = np.flatnonzero(self.ordered() == self.unit)
        return int(found[0]) if len(found) else 0

    def move(self, by: int) -> None:
        """Choose the unit that stands ``by`` places further; at the ends the last one there is."""
        ordered = self.ordered()
        if len(ordered):
            self.choose(int(ordered[max(0, min(len(ordered) - 1, self.place() + by))]))

    def choose(self, unit: int) -> None:
        """Choose a unit by its number; beyond the ends the end."""
        if self.findings is not None:
            self.unit = max(0, min(self.findings.width - 1, unit))
            self._draw()

    # Keys

    def action_order(self) -> None:
        """Keep the place at the top: a new order begins with its first unit."""
        self.order = ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)]
        self.move(-(10**9))
        self._draw()

    def action_backwards(self) -> None:
        self.backwards = not self.backwards
        self.move(-(10**9))
        self._draw()

    def action_amount(self, by: int) -> None:
        self.factor = max(0, min(len(AMOUNTS) - 1, self.factor + by))
        if self.findings is not None:
            self.findings.effects.clear()
            self._latest.ask()
        self._draw()

    def action_scale(self) -> None:
        self.common = not self.common
        self._draw()

    def action_go_to(self) -> None:
        if self.findings is not None:
            self.query_one(GoToLine).edit()

    def on_go_to_line_left(self, message: GoToLine.Left) -> None:
        self._focus_view()
        if message.number is not None and self.findings is not None:
            if message.number < self.findings.width:
                self.choose(message.number)
            else:
                self.ui.say(f"no unit {message.number}", f"there are 0 to {self.findings.width - 1}", "warning")

    # What the app asks for

    def view_state(self) -> dict[str, Any]:
        more = {"unit": self.unit, "order": self.order, "backwards": self.backwards, "factor": self.factor}
        return {**super().view_state(), **more, "common": self.common}

    def restore_state(self, state: dict[str, Any]) -> None:
        super().restore_state(state)
        self.unit = whole(state.get("unit"), -1, 0, 10**6)
        if self.findings is not None:
            self.unit = max(0, min(self.unit, self.findings.width - 1))
        self.order = state["order"] if state.get("order") in ORDERS else "density"
        self.backwards = state.get("backwards") is True
        self.factor = whole(state.get("factor"), self.factor, 0, len(AMOUNTS) - 1)
        self.common = state.get("common") is True


def _suits(entry: Entry) -> tuple[bool, bool]:
    return entry.variant != "sparse", entry.data in FLAT_DATA
