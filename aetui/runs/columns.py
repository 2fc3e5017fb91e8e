"""The table of runs as text, for screen 1 and ``--once``: which columns fit, what is in them, by what they sort."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from aetui.follow.entries import Entry
from aetui.paint.text import width_of
from aetui.runs.spark import duration, rate, short_number, sparkline
from aetui.terminal.outside_text import plain, short_name
from trainer.runs.status import STATES

SPARK_WIDTH, _SPARK_MINIMUM = 10, 5
_CURVE_POINTS = 1000
GAP = 2
_NAME_MINIMUM = 36
"""A name is cut only where this is not to be had. Its end, a time or what a sweep varies, tells it from others: its
middle is cut."""
_MORE = 4
"""Cells for the number of columns that have no room."""

Value = float | str | None


@dataclass(frozen=True)
class Column:
    """title: above it. text: of an entry (unicode or ASCII, baseline). right: numbers stand on the right.

    rank: the higher, the sooner it gives way where the width does not do for all. value: what it sorts by, None where
    there is none; a column without cannot be sorted by. descending: the direction that is asked for first.
    """

    title: str
    text: Callable[[Entry, bool, Entry | None], str]
    rank: int
    right: bool = False
    value: Callable[[Entry], Value] | None = None
    descending: bool = False


def _epoch(entry: Entry) -> str:
    if entry.epoch is None:
        return ""
    done = f"{entry.epoch:.1f}" if entry.epoch < 10 and entry.state == "running" else f"{entry.epoch:.0f}"
    return f"{done}/{entry.epochs:.0f}" if entry.epochs else done


def curve_of(entry: Entry) -> np.ndarray:
    """The loss to draw small: on validation where it is measured, else on train; float64 [n].

    Of a long one every so many points: it is drawn again whenever one is added.
    """
    for split in ("validation", "train"):
        found = entry.series.get((split, "loss"))
        if found is not None and len(found.values) > 1:
            return found.values[:: max(1, len(found.values) // _CURVE_POINTS)]
    return np.empty(0)


def difference(entry: Entry, baseline: Entry | None) -> float | None:
    """How much the loss lies above that of the baseline; None where the two cannot be compared.

    Losses of other variants or other data are sums of other things.
    """
    if baseline is None or entry.loss is None or baseline.loss is None:
        return None
    if (entry.variant, entry.data) != (baseline.variant, baseline.data):
        return None
    found = entry.loss - baseline.loss
    return found if math.isfinite(found) else None


def _difference(entry: Entry, unicode: bool, baseline: Entry | None) -> str:
    if baseline is not None and entry.path == baseline.path:
        return "baseline"
    found = difference(entry, baseline)
    if found is None:
        return ""
    return f"{'+' if found > 0 else ''}{short_number(found)}"


def _state_rank(entry: Entry) -> float:
    return STATES.index(entry.state) if entry.state in STATES else len(STATES)


COLUMNS: tuple[Column, ...] = (
    Column("name", lambda entry, unicode, _: plain(entry.name, unicode=unicode), 0, value=lambda entry: entry.name),
    Column(
        "variant",
        lambda entry, unicode, _: plain(entry.variant, 16, unicode=unicode),
        3,
        value=lambda entry: entry.variant,
    ),
    Column("data", lambda entry, unicode, _: plain(entry.data, 16, unicode=unicode), 7, value=lambda entry: entry.data),
    Column("state", lambda entry, unicode, _: entry.state, 1, value=_state_rank),
    Column("epoch", lambda entry, *_: _epoch(entry), 2, right=True, value=lambda entry: entry.epoch, descending=True),
    Column("loss", lambda entry, *_: short_number(entry.loss), 1, right=True, value=lambda entry: entry.loss),
    Column("vs base", _difference, 4, right=True),
    Column("curve", lambda entry, unicode, _: sparkline(curve_of(entry), SPARK_WIDTH, unicode=unicode), 6),
    Column(
        "images/s",
        lambda entry, *_: rate(entry.images_per_s),
        9,
        right=True,
        value=lambda entry: entry.images_per_s,
        descending=True,
    ),
    Column("ETA", lambda entry, *_: duration(entry.eta_s), 5, right=True, value=lambda entry: entry.eta_s),
    Column(
        "device",
        lambda entry, unicode, _: plain(entry.device, 12, unicode=unicode),
        8,
        value=lambda entry: entry.device or None,
    ),
    Column(
        "started",
        lambda entry, *_: _moment(entry.started),
        10,
        value=lambda entry: entry.started or None,
        descending=True,
    ),
)


def _moment(seconds: float) -> str:
    """Month, day and time of day, here: ``11-25 14:18``."""
    try:
        return time.strftime("%m-%d %H:%M", time.localtime(seconds)) if seconds > 0 else ""
    except (OverflowError, ValueError, OSError):
        return ""


def row_texts(entry: Entry, *, unicode: bool, baseline: Entry | None = None) -> tuple[str, ...]:
    """What stands in every column of one run."""
    return tuple(column.text(entry, unicode, baseline) for column in COLUMNS)


@dataclass(frozen=True)
class Layout:
    """shown: indices of ``COLUMNS``, in order. widths: of every column. hidden: how many have something to say, but no
    room."""

    shown: tuple[int, ...]
    widths: tuple[int, ...]
    hidden: int


TITLES = tuple(column.title for column in COLUMNS)
_CURVE = TITLES.index("curve")


def lay_out(
    rows: Sequence[Sequence[str]],
    width: int,
    *,
    titles: Sequence[str] = TITLES,
    name_says_variant: bool = False,
    skip: int = 0,
) -> Layout:
    """Which columns stand in ``width`` cells; the name takes what the others leave.

    A column that is empty throughout is left out. Where ``width`` does not do, those that matter least are left out
    too; or, with ``skip``, so many after the name, and as many as do not fit behind them.
    """
    widths = [max(map(width_of, column)) for column in zip(*rows, titles, strict=True)]
    filled = [i for i, column in enumerate(COLUMNS) if column.rank < 2 or any(row[i] for row in rows)]
    skip = max(0, min(skip, len(filled) - 2))
    shown = [filled[0], *filled[1 + skip :]]
    minimum = min(widths[0], _NAME_MINIMUM)
    while len(shown) > 1 and (excess := minimum + sum(widths[i] + GAP for i in shown if i) - width) > 0:
        if _CURVE in shown and widths[_CURVE] - excess >= _SPARK_MINIMUM:
            widths[_CURVE] -= excess
            break
        if skip and len(shown) == 2:
            break
        shown.remove(shown[-1] if skip else max(shown[1:], key=lambda i: _rank(i, name_says_variant)))
    taken = sum(widths[i] + GAP for i in shown if i)
    more = _MORE if len(shown) < len(filled) else 0
    widths[0] = min(widths[0], max(minimum if not skip else 1, width - taken - more))
    return Layout(tuple(shown), tuple(widths), len(filled) - len(shown))


def _rank(i: int, name_says_variant: bool) -> int:
    """The variant goes first where the names say it, as those that ``aetrain fit`` gives do."""
    column = COLUMNS[i]
    return max(c.rank for c in COLUMNS) + 1 if name_says_variant and column.title == "variant" else column.rank


def names_say_variants(entries: Sequence[Entry]) -> bool:
    """True where every name holds the variant."""
    return all(entry.variant in entry.name for entry in entries)


def cells(row: Sequence[str], layout: Layout, *, unicode: bool) -> list[str]:
    """The texts of the columns that are shown, each as wide as its column."""
    texts = {i: row[i] for i in layout.shown}
    if _CURVE in texts:
        texts[_CURVE] = _narrower(texts[_CURVE], layout.widths[_CURVE])
    if 0 in texts:
        texts[0] = short_name(texts[0], layout.widths[0], unicode=unicode)
    return [_padded(text, layout.widths[i], COLUMNS[i].right, unicode) for i, text in texts.items()]


def _narrower(spark: str, width: int) -> str:
    """A sparkline in fewer cells: its ends, and some of those between."""
    if len(spark) <= width or width < 2:
        return spark[:width]
    return "".join(spark[round(i * (len(spark) - 1) / (width - 1))] for i in range(width))


def table(entries: Sequence[Entry], width: int, *, unicode: bool = True) -> list[str]:
    """A heading and a line per entry, each at most ``width`` cells."""
    rows = [row_texts(entry, unicode=unicode) for entry in entries]
    layout = lay_out(rows, width, name_says_variant=names_say_variants(entries))
    return [plain((" " * GAP).join(cells(row, layout, unicode=unicode)), width) for row in [TITLES, *rows]]


def _padded(text: str, width: int, right: bool, unicode: bool) -> str:
    text = plain(text, width, unicode=unicode)
    space = " " * (width - width_of(text))
    return space + text if right else text + space
