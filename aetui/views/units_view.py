"""``UnitsView``: what the views of the units have in common: the screen's findings, and what is said without any."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, cast

import numpy as np
from textual import events

from aetui.units.findings import Findings
from aetui.units.statistics import Units
from aetui.views.view import View
from aetui.widgets.fact_line import FactLine

if TYPE_CHECKING:
    from aetui.screens.units import UnitsScreen

EMPTY = "no run yet: press 1, then n, or aetrain fit sparse"


class UnitsView(View):
    """A subclass gives ``show``, which draws findings; it has a container ``#content`` and a ``FactLine``."""

    @property
    def units_screen(self) -> UnitsScreen:
        return cast("UnitsScreen", self.page)

    def entries_changed(self) -> None:
        self.draw()

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Show the findings there are, or say why there are none."""
        if not self.is_mounted or self.page.view() is not self:
            return
        findings = self.units_screen.findings
        self.query_one("#content").display = findings is not None
        if findings is None:
            self.query_one(FactLine).say(self._nothing())
        else:
            self.show(findings)

    @abstractmethod
    def show(self, findings: Findings) -> None:
        """Draw."""

    def _nothing(self) -> str:
        entry = self.page.entry()
        if entry is None:
            return EMPTY
        if self.units_screen.said:
            return self.units_screen.said
        return f"{entry.name}: no model to look at yet" if entry.model is None else "asking the network"

    def describe_unit(self, findings: Findings, unit: int) -> list[str]:
        """In a few parts, the most important first."""
        return [f"unit {unit} of {findings.width}", *describe(findings.units, unit, findings.source)]


def describe(units: Units, unit: int, source: str) -> list[str]:
    """The figures of one unit, and the images that they are of."""
    density = units.density[unit]
    share = f"density {100 * density:.1f} %" if density > 0 else "dead: active on none"
    return [share, f"of {source}", f"mean {units.mean[unit]:.3g}", f"max {units.strongest[unit]:.3g}"]


def log_place(density: float, edges: tuple[float, ...]) -> int | None:
    """The bin of a histogram of log10 densities in which a unit lies; None for a dead one."""
    if density <= 0:
        return None
    return int(np.clip(np.searchsorted(edges, np.log10(density) - 1e-12), 1, len(edges) - 1)) - 1
