"""``Series``, one logged term, and ``Track``: the buffers behind it, which grow without moving what was handed out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Axis = Literal["step", "epoch", "time"]
AXES: tuple[Axis, ...] = ("step", "epoch", "time")

_FIRST_ROWS = 64
_LOOK_BACK = 256


@dataclass(frozen=True, eq=False)
class Series:
    """One logged term: steps float64 [n], increasing; values float64 [n], NaN where it was not finite.

    epochs: float64 [n], 1.5 is half-way through the second. times: float64 [n], seconds since the run's first row. Both
    are NaN where the log does not say them, and None where none was given. All are read-only and never written again.
    """

    steps: Floats
    values: Floats
    epochs: Floats | None = None
    times: Floats | None = None

    @property
    def last(self) -> float | None:
        """The newest finite value."""
        for end in range(len(self.values), 0, -_LOOK_BACK):
            part = self.values[max(0, end - _LOOK_BACK) : end]
            found = part[np.isfinite(part)]
            if len(found):
                return float(found[-1])
        return None

    def along(self, axis: Axis) -> Floats:
        """Where the values lie on an axis, float64 [n]: steps, epochs, or seconds since the run's first row."""
        found = {"step": self.steps, "epoch": self.epochs, "time": self.times}[axis]
        return np.full(len(self.values), np.nan) if found is None else found


class Track:
    """Terms that were logged in the same rows, and those rows' step, epoch and time.

    names: the terms. count: the rows there are. Only rows behind ``count`` are written, so a view of those before stays
    what it is; a full buffer is left to its views and a larger one goes on.
    """

    def __init__(self, names: Sequence[str], block: Floats | None = None, count: int = 0) -> None:
        """block: what ``block`` of another track gave, [3 + names, ≥ count]; it is taken over, not copied."""
        self.names = list(names)
        self.count = count
        self._block = np.empty((len(AXES) + len(self.names), _FIRST_ROWS)) if block is None else block

    @property
    def block(self) -> Floats:
        """Steps, epochs, times and the terms' values, float64 [3 + names, count]."""
        return self._block[:, : self.count]

    def append(self, axes: Floats, values: Sequence[Floats]) -> None:
        """Add rows: axes [3, n], one array [n] per name. A row whose step is not after all before is left out."""
        steps = axes[0]
        if not len(steps):
            return
        last = self._block[0, self.count - 1] if self.count else -np.inf
        before = np.concatenate([[last], np.maximum(np.maximum.accumulate(steps[:-1]), last)])
        later = steps > before
        if not later.all():
            axes, values = axes[:, later], [column[later] for column in values]
        end = self.count + axes.shape[1]
        self._make_room(end)
        self._block[: len(AXES), self.count : end] = axes
        for row, column in enumerate(values, len(AXES)):
            self._block[row, self.count : end] = column
        self.count = end

    def without(self, names: Sequence[str]) -> list[Track]:
        """Take terms out of this track: a track of its own for each, with the rows so far."""
        alone = [Track([name], self.block[[0, 1, 2, len(AXES) + self.names.index(name)]], self.count) for name in names]
        kept = [place for place, name in enumerate(self.names) if name not in names]
        self._block = self._block[[*range(len(AXES)), *(len(AXES) + place for place in kept)]]
        self.names = [self.names[place] for place in kept]
        return alone

    def series(self) -> Mapping[str, Series]:
        """The terms by name: views, which later rows do not change."""
        block = self.block
        block.flags.writeable = False
        steps, epochs, times = block[: len(AXES)]
        return {name: Series(steps, values, epochs, times) for name, values in zip(self.names, block[3:], strict=True)}

    def _make_room(self, count: int) -> None:
        if count > self._block.shape[1]:
            larger = np.empty((len(self._block), max(count, 2 * self._block.shape[1])))
            larger[:, : self.count] = self.block
            self._block = larger
