"""The rows of a log as columns that grow."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from aetui.follow.log_lines import Row
from aetui.follow.series import Floats, Series, Track

MOST_TERMS = 500
"""Of one split; a log with more names than that is rubbish, and those that come later are left out."""
MOST_SPLITS = 50

_NO_TERMS = ("step", "epoch", "time", "split")
_PLAIN = {float, int, type(None)}
_ABSENT = object()


@dataclass(frozen=True)
class _Column:
    """values: float64 [n]. present: bool [n], True where the row says it, or None where all do."""

    values: Floats
    present: npt.NDArray[np.bool_] | None = None

    @property
    def some(self) -> bool:
        """True where at least one row says it."""
        return self.present is None or bool(self.present.any())


class LogColumns:
    """The log as arrays; what ``series`` hands out is never written again.

    tracks: by split. Terms that all rows of a split have share one track; the others have each their own.
    start: Unix seconds of the first row that says its time.
    """

    def __init__(self, tracks: Mapping[str, Sequence[Track]] | None = None, start: float | None = None) -> None:
        self.tracks = {split: list(found) for split, found in (tracks or {}).items()}
        self.start = start

    def add(self, rows: Sequence[Row]) -> None:
        """Append rows. Left out: what is no number, and a step that does not come after the one before.

        A number that is not finite, and null, is NaN.
        """
        by_split: dict[str, list[Row]] = {}
        for row in rows:
            split = row["split"]
            if isinstance(split, str):
                by_split.setdefault(split, []).append(row)
        if self.start is None:
            times = (_number(row.get("time")) for row in rows if isinstance(row["split"], str))
            self.start = next((time for time in times if time is not None and math.isfinite(time)), None)
        for split, found in by_split.items():
            if split in self.tracks or len(self.tracks) < MOST_SPLITS:
                self._add_split(split, found)

    def _add_split(self, split: str, rows: list[Row]) -> None:
        steps = _column(rows, "step").values
        known = np.isfinite(steps)
        if not known.all():
            rows = [row for row, keep in zip(rows, known, strict=True) if keep]
        if not rows:
            return
        start = math.nan if self.start is None else self.start
        axes = np.stack([steps[known], _column(rows, "epoch").values, _column(rows, "time").values - start])
        before = self.tracks.get(split, [])
        columns = {name: column for name in _terms(rows, before) if (column := _column(rows, name)).some}
        tracks = self.tracks[split] = _tracks(before, columns)
        for track in tracks:
            if track.names[0] in columns:
                present = columns[track.names[0]].present
                values = [columns[name].values for name in track.names]
                if present is None:
                    track.append(axes, values)
                else:
                    track.append(axes[:, present], [column[present] for column in values])

    def series(self) -> dict[tuple[str, str], Series]:
        """By split and term."""
        return {
            (split, term): series
            for split, tracks in self.tracks.items()
            for track in tracks
            for term, series in track.series().items()
            if track.count
        }


def _tracks(tracks: Sequence[Track], columns: Mapping[str, _Column]) -> list[Track]:
    """``tracks`` with one for every term of ``columns``: its own where a row lacks it, or came before it."""
    kept = list(tracks)
    for track in tracks:
        lacking = [name for name in track.names if name not in columns or columns[name].present is not None]
        if lacking and len(track.names) > 1:
            kept += track.without(lacking)
    kept = [track for track in kept if track.names]
    known = {name for track in kept for name in track.names}
    fresh = [name for name in columns if name not in known][: max(0, MOST_TERMS - len(known))]
    shared = [] if kept else [name for name in fresh if columns[name].present is None]
    alone = [Track([name]) for name in fresh if name not in shared]
    return [*kept, *([Track(shared)] if shared else []), *alone]


def _terms(rows: list[Row], tracks: Sequence[Track]) -> list[str]:
    """The names that rows have besides step, epoch, time and split; of too many those that ``tracks`` have first."""
    names = dict.fromkeys(rows[0] if _same_names(rows) else chain.from_iterable(rows))
    terms = [name for name in names if name not in _NO_TERMS]
    if len(terms) > MOST_TERMS:
        known = {name for track in tracks for name in track.names}
        terms.sort(key=lambda name: name not in known)
    return terms[:MOST_TERMS]


def _same_names(rows: list[Row]) -> bool:
    """True where all rows have the names of the first."""
    if set(map(len, rows)) != {len(rows[0])}:
        return False
    try:
        for _ in map(itemgetter(*rows[0]), rows):
            pass
    except KeyError:
        return False
    return True


def _column(rows: list[Row], name: str) -> _Column:
    try:
        values = list(map(itemgetter(name), rows))
    except KeyError:
        values = [row.get(name, _ABSENT) for row in rows]
    if set(map(type, values)) <= _PLAIN:
        try:
            array = np.array(values, np.float64)
        except OverflowError:
            pass  # a whole number that is too large for a float
        else:
            array[np.isinf(array)] = np.nan
            return _Column(array)
    found = [_number(value) for value in values]
    present = np.array([value is not None for value in found])
    array = np.array([math.nan if value is None else value for value in found])
    return _Column(array, None if present.all() else present)


def _number(value: Any) -> float | None:
    """``value`` as a float, NaN for null and for what is not finite; None for what is no number."""
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return math.nan
    return found if math.isfinite(found) else math.nan
