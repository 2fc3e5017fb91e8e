"""What a trainer found wrong with a run: the alerts in its ``health.jsonl``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aetui.follow.config_facts import number
from trainer.runs.folder import RunFolder
from trainer.runs.metrics import HEALTH, MetricsTail

_MOST = 200


@dataclass(frozen=True)
class Mark:
    """An alert: at which step, of which kind, and what to do; texts are as found (show them through ``plain``)."""

    step: float
    kind: str
    text: str
    hint: str


class AlertLog:
    """Follows the alerts of one run; where nothing changed, ``poll`` is one ``stat`` call."""

    def __init__(self, path: Path) -> None:
        self._tail = MetricsTail(RunFolder(path).health, HEALTH)
        self._marks: list[Mark] = []

    def poll(self) -> tuple[Mark, ...]:
        """The newest alerts so far, at most 200, by step. A line that says nothing useful is passed over."""
        update = self._tail.read_all()
        if update.restarted:
            self._marks.clear()
        for row in update.rows:
            step, kind, text, hint = number(row.get("step")), row.get("kind"), row.get("text"), row.get("hint")
            if step is not None and isinstance(kind, str) and isinstance(text, str):
                self._marks.append(Mark(step, kind, text, hint if isinstance(hint, str) else ""))
        del self._marks[:-_MOST]
        return tuple(self._marks)
