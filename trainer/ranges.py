"""What an option may be, stated once beside its type: checked for flags, TOML keys and forms alike. Torch-free."""

from __future__ import annotations

import dataclasses
import math
import typing
from dataclasses import dataclass
from typing import Annotated, Any

from export.errors import ToolError


@dataclass(frozen=True)
class Range:
    """An interval, its ends included unless ``open_low``; NaN lies in none."""

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False

    def __contains__(self, value: float) -> bool:
        if not math.isfinite(value):
            return False
        return self.low < value <= self.high if self.open_low else self.low <= value <= self.high

    def __str__(self) -> str:
        low = f"{'greater than' if self.open_low else 'at least'} {self.low:g}" if self.low > -math.inf else ""
        high = f"at most {self.high:g}" if self.high < math.inf else ""
        ends = " and ".join(part for part in (low, high) if part)
        return f"a finite number, {ends}" if ends else "a finite number"


PositiveInt = Annotated[int, Range(1)]
NaturalInt = Annotated[int, Range(0)]
Positive = Annotated[float, Range(0, open_low=True)]
NonNegative = Annotated[float, Range(0)]
Share = Annotated[float, Range(0, 1)]


def check_ranges(options: Any, prefix: str = "--") -> None:
    """Hold every annotated field of the dataclass instance ``options`` against its range.

    prefix: what stands before the flag's name in the message. Raises ToolError (exit 2) for the first that is outside.
    """
    for name, hint in typing.get_type_hints(type(options), include_extras=True).items():
        value = getattr(options, name, None)
        for allowed, number in _pairs(hint, value):
            if number not in allowed:
                flag = prefix + name.replace("_", "-")
                raise ToolError(
                    f"{flag} {number} is out of range", why=f"{flag} must be {allowed}", do=f"give {flag} another value"
                )


def field_range(hint: Any) -> Range | None:
    """The range that stands in a field's annotation, or None."""
    if typing.get_origin(hint) is Annotated:
        return next((extra for extra in typing.get_args(hint)[1:] if isinstance(extra, Range)), None)
    for part in typing.get_args(hint):
        if (found := field_range(part)) is not None:
            return found
    return None


def _pairs(hint: Any, value: Any) -> list[tuple[Range, float]]:
    allowed = field_range(hint)
    if allowed is None or dataclasses.is_dataclass(value):
        return []
    values = value if isinstance(value, tuple) else (value,)
    return [(allowed, number) for number in values if isinstance(number, int | float)]
