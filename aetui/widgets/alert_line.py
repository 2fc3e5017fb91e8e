"""``AlertLine``: what the trainer found wrong with the shown runs, one line; gone where that is nothing."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.text import Text
from textual.message import Message

from aetui.curves.alerts import AlertLog, Mark
from aetui.curves.overlay import Choice, Subject, between_axes
from aetui.terminal.outside_text import plain
from aetui.widgets.bars import Bar

_EVERY_S = 1.0
_MOST_ROWS = 4

Placed = tuple[float, Subject, Mark]
"""An alert with its place on the x axis and its run."""


class AlertLine(Bar):
    """Follows the health logs of the shown runs in a thread; shows the alert next to the cursor, else the newest.

    Where the cursor stands on an alert it is told in full.
    """

    DEFAULT_CSS = """
    AlertLine { color: $text-warning; display: none; }
    """

    class Found(Message):
        """There are others than before."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._several = False
        self._placed: list[Placed] = []
        self._cursor: float | None = None
        self._logs: dict[Path, AlertLog] = {}
        self._found: dict[Path, tuple[Mark, ...]] = {}
        self._looked_at = -_EVERY_S
        self._reading = False

    def follow(self, subjects: Sequence[Subject], choice: Choice) -> None:
        """These runs are shown now: look into their logs, at most once a second unless there is a new one."""
        self._several = len(subjects) > 1
        self._place(subjects, choice)
        paths = [one.entry.path for one in subjects if one.entry.state != "bundle"]
        new = any(path not in self._found for path in paths)
        if paths and not self._reading and (new or time.monotonic() - self._looked_at >= _EVERY_S):
            self._looked_at, self._reading = time.monotonic(), True
            self.run_worker(self._read(paths), exit_on_error=False)

    async def _read(self, paths: Sequence[Path]) -> None:
        def read() -> dict[Path, tuple[Mark, ...]]:
            return {path: self._logs.setdefault(path, AlertLog(path)).poll() for path in paths}

        try:
            found = await asyncio.to_thread(read)
        finally:
            self._reading = False
        if any(self._found.get(path, ()) != marks for path, marks in found.items()):
            self._found.update(found)
            self.post_message(self.Found())
        self._found.update(found)

    def _place(self, subjects: Sequence[Subject], choice: Choice) -> None:
        placed: list[Placed] = []
        for one in subjects:
            marks = self._found.get(one.entry.path, ())
            if marks:
                steps = np.array([mark.step for mark in marks])
                places = between_axes(one.entry, steps, "step", choice.axis).tolist()
                placed += [(at, one, mark) for at, mark in zip(places, marks, strict=True) if math.isfinite(at)]
        self._placed = sorted(placed, key=lambda found: found[0])

    def placed(self) -> list[Placed]:
        """The alerts of the shown runs, from left to right."""
        return self._placed

    def after(self, x: float | None) -> float | None:
        """The place of the next alert right of x, round the end; None where there is no alert."""
        places = [at for at, _, _ in self._placed]
        later = [at for at in places if x is None or at > x + 1e-9 * abs(x)]
        return later[0] if later else places[0] if places else None

    def point(self, cursor: float | None) -> None:
        """Show the alert next to the cursor; None: the newest."""
        self._cursor = cursor
        self.display = bool(self._placed)
        wanted = 1
        if self._placed and self._nearest()[0] == cursor:
            wanted = min(_MOST_ROWS, len(Text(self._text()).wrap(self.app.console, max(1, self.app.size.width))))
        if self.styles.height is None or self.styles.height.value != wanted:
            self.styles.height = wanted
        self.refresh()

    def render(self) -> Text:
        if not self._placed:
            return Text()
        if self.size.height > 1:
            return Text(self._text(), end="")
        return Text(plain(self._text(), self.size.width, unicode=self.unicode), no_wrap=True, end="")

    def _nearest(self) -> Placed:
        cursor = self._cursor
        return self._placed[-1] if cursor is None else min(self._placed, key=lambda found: abs(found[0] - cursor))

    def _text(self) -> str:
        nearest = self._nearest()
        _, one, mark = nearest
        sign = "▲" if self.unicode else "^"
        number = f" {self._placed.index(nearest) + 1}/{len(self._placed)}" if len(self._placed) > 1 else ""
        whose = f" {one.name}" if self._several else ""
        return plain(f"{sign}{number}{whose} step {mark.step:.0f}: {mark.text}. {mark.hint}", unicode=self.unicode)
