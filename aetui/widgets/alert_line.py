"""``AlertLine``: what the trainer found wrong with the shown runs, one line; gone where that is nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text
from textual.message import Message

from aetui.alerts import AlertLog, Mark
from aetui.overlay import Choice, Subject, between_axes
from aetui.terminal.outside_text import plain
from aetui.widgets.bars import Bar

_EVERY_S = 1.0

Placed = tuple[float, Subject, Mark]
"""An alert with its place on the x axis and its run."""


class AlertLine(Bar):
    """Follows the health logs of the shown runs in a thread; shows the alert next to the cursor, else the newest."""

    DEFAULT_CSS = """
    AlertLine { color: $text-warning; display: none; }
    """

    class Found(Message):
        """There are others than before."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._subjects: Sequence[Subject] = ()
        self._choice = Choice()
        self._cursor: float | None = None
        self._logs: dict[Path, AlertLog] = {}
        self._found: dict[Path, tuple[Mark, ...]] = {}
        self._looked_at = -_EVERY_S
        self._reading = False

    def follow(self, subjects: Sequence[Subject], choice: Choice) -> None:
        """These runs are shown now: look into their logs, at most once a second unless there is a new one."""
        self._subjects, self._choice = subjects, choice
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

    def placed(self) -> list[Placed]:
        """The alerts of the shown runs, from left to right."""
        placed = []
        for one in self._subjects:
            for mark in self._found.get(one.entry.path, ()):
                at = between_axes(one.entry, mark.step, "step", self._choice.axis)
                if at is not None:
                    placed.append((at, one, mark))
        return sorted(placed, key=lambda found: found[0])

    def after(self, x: float | None) -> float | None:
        """The place of the next alert right of x, round the end; None where there is no alert."""
        places = [at for at, _, _ in self.placed()]
        later = [at for at in places if x is None or at > x + 1e-9 * abs(x)]
        return later[0] if later else places[0] if places else None

    def point(self, cursor: float | None) -> None:
        """Show the alert next to the cursor; None: the newest."""
        self._cursor = cursor
        self.display = bool(self.placed())
        self.refresh()

    def render(self) -> Text:
        placed = self.placed()
        if not placed:
            return Text()
        cursor = self._cursor
        nearest = placed[-1] if cursor is None else min(placed, key=lambda found: abs(found[0] - cursor))
        _, one, mark = nearest
        sign = "▲" if self.unicode else "^"
        number = f" {placed.index(nearest) + 1}/{len(placed)}" if len(placed) > 1 else ""
        whose = f" {one.name}" if len(self._subjects) > 1 else ""
        text = f"{sign}{number}{whose} step {mark.step:.0f}: {mark.text}. {mark.hint}"
        return Text(plain(text, self.size.width, unicode=self.unicode), no_wrap=True, end="")
