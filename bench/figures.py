"""A figure that was measured, and what it is to reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Figure:
    """value: None where it could not be measured. reach, stretch: None where there is nothing to reach."""

    what: str
    value: float | None
    unit: str
    reach: float | None = None
    stretch: float | None = None
    at_most: bool = False
    """True: lower is better."""

    @property
    def passed(self) -> bool | None:
        """None where there is nothing to pass, or nothing was measured."""
        return self._meets(self.reach)

    def _meets(self, wanted: float | None) -> bool | None:
        if self.value is None or wanted is None:
            return None
        return self.value <= wanted if self.at_most else self.value >= wanted

    def json(self) -> dict[str, Any]:
        value = None if self.value is None else float(f"{self.value:.5g}")
        return {**vars(self), "value": value, "pass": self.passed, "stretch_reached": self._meets(self.stretch)}

    def row(self) -> list[str]:
        """Cells for people: what, value, reach, verdict."""
        sign = "≤" if self.at_most else "≥"
        reach = "" if self.reach is None else f"{sign} {self.reach:g}"
        if self.stretch is not None:
            reach += f"{' ' * bool(reach)}(stretch {self.stretch:g})"
        value = "not measured" if self.value is None else f"{self.value:.3g} {self.unit}".rstrip()
        return [self.what, value, reach, {True: "yes", False: "NO", None: ""}[self.passed]]


def p95(values: Sequence[float]) -> float:
    """What 95 % of ``values`` (one at least) lie below."""
    return sorted(values)[int(0.95 * len(values))]


def all_passed(figures: Sequence[Figure]) -> bool:
    """False where a figure was measured and missed what it is to reach."""
    return not any(figure.passed is False for figure in figures)
