"""The table of runs as text: which columns fit, and what stands in them. Used by screen 1 and by ``--once``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aetui.entries import Entry
from aetui.paint.text import width_of
from aetui.spark import duration, rate, short_number, sparkline
from aetui.terminal.outside_text import plain

SPARK_WIDTH = 10
_GAP = 2
_NAME_MINIMUM = 40
"""A name is cut only where this is not to be had: its end, a time, tells it from others."""


@dataclass(frozen=True)
class Column:
    """title: above it. text: of an entry (unicode or ASCII). right: numbers stand on the right.

    rank: the higher, the sooner it gives way where the width does not do for all.
    """

    title: str
    text: Callable[[Entry, bool], str]
    rank: int
    right: bool = False


def _epoch(entry: Entry) -> str:
    if entry.epoch is None:
        return ""
    done = f"{entry.epoch:.1f}" if entry.epoch < 10 and entry.state == "running" else f"{entry.epoch:.0f}"
    return f"{done}/{entry.epochs:.0f}" if entry.epochs else done


def curve_of(entry: Entry) -> np.ndarray:
    """The loss to draw small: on validation where it is measured, else on train; float64 [n]."""
    for split in ("validation", "train"):
        found = entry.series.get((split, "loss"))
        if found is not None and len(found.values) > 1:
            return found.values
    return np.empty(0)


COLUMNS: tuple[Column, ...] = (
    Column("name", lambda entry, unicode: plain(entry.name, unicode=unicode), 0),
    Column("variant", lambda entry, unicode: plain(entry.variant, 16, unicode=unicode), 3),
    Column("data", lambda entry, unicode: plain(entry.data, 16, unicode=unicode), 6),
    Column("state", lambda entry, unicode: entry.state, 1),
    Column("epoch", lambda entry, unicode: _epoch(entry), 2, right=True),
    Column("loss", lambda entry, unicode: short_number(entry.loss), 1, right=True),
    Column("curve", lambda entry, unicode: sparkline(curve_of(entry), SPARK_WIDTH, unicode=unicode), 5),
    Column("images/s", lambda entry, unicode: rate(entry.images_per_s), 8, right=True),
    Column("ETA", lambda entry, unicode: duration(entry.eta_s), 4, right=True),
    Column("device", lambda entry, unicode: plain(entry.device, 12, unicode=unicode), 7),
)


def table(entries: tuple[Entry, ...] | list[Entry], width: int, *, unicode: bool = True) -> list[str]:
    """A heading and a line per entry, each at most ``width`` cells; the name takes what the others leave.

    A column that is empty throughout is left out, and so are, where ``width`` does not do, those that matter least.
    """
    texts = [[column.text(entry, unicode) for column in COLUMNS] for entry in entries]
    widths = [max([width_of(row[i]) for row in texts] + [width_of(column.title)]) for i, column in enumerate(COLUMNS)]
    shown = [i for i, column in enumerate(COLUMNS) if column.rank < 2 or any(row[i] for row in texts)]
    minimum = min(widths[0], _NAME_MINIMUM)
    while len(shown) > 1 and minimum + sum(widths[i] + _GAP for i in shown if i) > width:
        shown.remove(max(shown[1:], key=lambda i: _rank(COLUMNS[i], entries)))
    widths[0] = min(widths[0], max(minimum, width - sum(widths[i] + _GAP for i in shown if i)))
    rows = [[column.title for column in COLUMNS], *texts]
    return [
        plain((" " * _GAP).join(_padded(row[i], widths[i], COLUMNS[i].right, unicode) for i in shown), width)
        for row in rows
    ]


def _rank(column: Column, entries: tuple[Entry, ...] | list[Entry]) -> int:
    """The variant goes first where the names say it, as those that ``aetrain fit`` gives do."""
    said = column.title == "variant" and all(entry.variant in entry.name for entry in entries)
    return max(other.rank for other in COLUMNS) + 1 if said else column.rank


def _padded(text: str, width: int, right: bool, unicode: bool) -> str:
    text = plain(text, width, unicode=unicode)
    space = " " * (width - width_of(text))
    return space + text if right else text + space


def details(entry: Entry) -> list[tuple[str, str]]:
    """What the table may have had no room for: (label, text from outside)."""
    found = [
        ("run", entry.name),
        ("is", f"{entry.variant} ({entry.arch}) on {entry.data}"),
        ("state", _state(entry)),
    ]
    if entry.error:
        found.append(("error", entry.error))
    elif entry.bad_lines:
        found.append(("log", f"{entry.bad_lines} unreadable lines left out"))
    return found


def _state(entry: Entry) -> str:
    parts = [entry.state]
    if entry.step is not None:
        parts.append(f"step {entry.step}" + (f" of {entry.steps}" if entry.steps else ""))
    if entry.images_per_s is not None:
        parts.append(f"{rate(entry.images_per_s)} images/s")
    if entry.eta_s is not None:
        parts.append(f"ready in {duration(entry.eta_s)}")
    if entry.device:
        parts.append(f"on {entry.device}")
    return ", ".join(parts)
