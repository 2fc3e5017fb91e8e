"""In which order the runs stand: by a column of the table, up or down; without one, the newest first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from aetui.follow.entries import Entry
from aetui.runs.columns import COLUMNS, Column

SORTABLE = tuple(column for column in COLUMNS if column.value is not None)


@dataclass(frozen=True)
class Order:
    """by: the title of a column of ``SORTABLE``, or "" for the order in which the runs come."""

    by: str = ""
    descending: bool = False

    def column(self) -> Column | None:
        """The column that it is by; None where there is no such one."""
        return next((column for column in SORTABLE if column.title == self.by), None)


def next_order(order: Order, by: int) -> Order:
    """The order by the next column (by = −1: by the one before), in the direction that it is asked for first."""
    titles = ["", *(column.title for column in SORTABLE)]
    title = titles[(titles.index(order.by) + by) % len(titles)] if order.by in titles else ""
    return Order(title, next((column.descending for column in SORTABLE if column.title == title), False))


def ordered(entries: Sequence[Entry], order: Order) -> list[Entry]:
    """``entries`` in that order; a run without a value comes last either way, and equal ones stay as they are."""
    column = order.column()
    if column is None or column.value is None:
        return list(reversed(entries)) if order.descending else list(entries)
    values = [(column.value(entry), entry) for entry in entries]
    have = [(value, entry) for value, entry in values if value is not None and not _is_nan(value)]
    have.sort(key=lambda pair: _key(pair[0]), reverse=order.descending)
    kept = {id(entry) for _, entry in have}
    return [entry for _, entry in have] + [entry for entry in entries if id(entry) not in kept]


def _is_nan(value: float | str) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _key(value: float | str) -> tuple[float, str]:
    return (0.0, value.casefold()) if isinstance(value, str) else (value, "")
