"""The numbers behind the curves: the table at the cursor, and the raw values as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import numpy as np

from aetui.curves.overlay import Choice, Line, Subject, total_name
from aetui.paint.axes import number
from aetui.paint.chart import mark_of
from aetui.paint.colours import series_colour
from aetui.paint.look import Look
from aetui.paint.read_out import Column, Table, Value
from aetui.paint.read_out import Line as Row
from aetui.paint.series import last_value, nearest_value
from aetui.paint.smoothing import Values
from aetui.paint.time_axis import duration

CSV_HEADS = ("run", "split", "term", "step", "epoch", "time", "value")


def value_at(xs: Values, ys: Values, x: float | None) -> Value:
    """The value nearest to x, NaN in a gap, None beside the curve; x None: the last one that is finite."""
    return last_value(ys) if x is None else nearest_value(xs, ys, x)


def place_of(x: float | None, choice: Choice) -> str:
    """Where a table is from: ``step 502``, ``time 0:01:02``, or the end of every curve."""
    if x is None:
        return "last value"
    written = {"step": f"{x:.0f}", "epoch": number(x, 4), "time": duration(x)}[choice.axis]
    return f"{choice.axis} {written}"


def term_table(
    subjects: Sequence[Subject], lines: Sequence[Line], x: float | None, choice: Choice, look: Look
) -> Table:
    """A line per run: its values by split, the raw ones where they are smoothed, and how far it is off the baseline."""
    splits = [split for split in choice.splits() if any(line.split == split for line in lines)]
    columns: list[Column] = []
    for split in splits:
        columns += [Column(split), Column("raw", f"raw {split}")] if choice.weight > 0 else [Column(split)]
    found = {(id(line.subject), line.split): line for line in lines}
    baseline = next((one for one in subjects if one.baseline), None) if len(subjects) > 1 else None
    if baseline is not None:
        columns += [Column("Δ baseline" if look.unicode else "to baseline", signed=True), Column("in %", percent=True)]

    def at(one: Subject, split: str, *, raw: bool = False) -> Value:
        line = found.get((id(one), split))
        if line is None or not len(line.xs):
            return None
        # Up to where the run is, the last value of each split holds: validation is logged after the last step of train.
        end = max(float(other.xs[-1]) for other in lines if other.subject is one and len(other.xs))
        there = x if x is None or not line.xs[-1] < x <= end else float(line.xs[-1])
        return value_at(line.xs, line.values if raw else line.ys, there)

    rows = []
    for one in subjects:
        values: list[Value] = []
        for split in splits:
            values += [at(one, split), at(one, split, raw=True)] if choice.weight > 0 else [at(one, split)]
        if baseline is not None:
            pairs = [(at(one, split), at(baseline, split)) for split in splits] if one is not baseline else []
            values += _difference(pairs)
        mark = mark_of(one.colour, look, dashed=one.baseline and len(subjects) > 1, twin=one.twin)
        rows.append(Row(mark, series_colour(one.colour, look), one.name, tuple(values)))
    return Table(place_of(x, choice), tuple(columns), tuple(rows))


def _difference(pairs: Iterable[tuple[Value, Value]]) -> list[Value]:
    """The first pair that both have: difference, and as a share of the second."""
    for value, base in pairs:
        if value is not None and base is not None:
            return [value - base, (value - base) / abs(base) if base else None]
    return [None, None]


def stack_table(stacks: Sequence[Sequence[Line]], x: float | None, choice: Choice, look: Look) -> Table:
    """A line per run: the parts of its loss, and their sum."""
    names = list(dict.fromkeys(line.name for lines in stacks for line in reversed(lines)))
    totals = list(dict.fromkeys(total_name(lines[0].subject.entry, unicode=look.unicode) for lines in stacks))
    rows = []
    for lines in stacks:
        by_name = {line.name: value_at(line.xs, line.ys, x) for line in lines}
        parts = [by_name.get(name) for name in names]
        known = [value for value in parts if value is not None]
        total = sum(known) if len(known) == len(lines) else None
        own = total_name(lines[0].subject.entry, unicode=look.unicode)
        values = (*parts, *(total if name == own else None for name in totals))
        rows.append(Row(" ", -1, lines[0].subject.name, values))
    return Table(place_of(x, choice), tuple(map(Column, (*names, *totals))), tuple(rows))


def csv_text(
    subjects: Sequence[Subject], terms: Sequence[str], choice: Choice, x_range: tuple[float, float] | None
) -> str:
    """Raw values in long format, a row per run, split, term and step; x_range: on the choice's axis, None for all.

    What is not known (the epoch of an old log, a value that was not finite) is left empty; time is in seconds since the
    run's first row.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_HEADS)
    for one in subjects:
        for term in terms:
            for split in choice.splits():
                series = one.entry.series.get((split, term))
                if series is None:
                    continue
                xs = series.along(choice.axis)
                seen = np.ones(len(xs), bool) if x_range is None else (xs >= x_range[0]) & (xs <= x_range[1])
                columns = (series.steps, series.along("epoch"), series.along("time"), series.values)
                for row in zip(*(column[seen].tolist() for column in columns), strict=True):
                    writer.writerow([one.name, split, term, *map(_plainly, row)])
    return out.getvalue()


def _plainly(value: float) -> str:
    """Every digit; whole numbers without a point, empty where it is no number."""
    if not np.isfinite(value):
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
