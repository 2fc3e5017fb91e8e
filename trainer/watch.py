"""The run's ``health.jsonl``, and whoever has to be told that something looks wrong."""

from __future__ import annotations

import time
from collections.abc import Callable

from trainer.alerts import Alert, Health, LossWatch, Told, judge
from trainer.runs.folder import RunFolder
from trainer.runs.metrics import HEALTH, MetricsLog, MetricsTail, Row


class Watch:
    """Writes what the network looks like and what is wrong with it; what it says depends on the rows alone.

    After a resume it knows from the two logs, cut back already, what it had said. tell: takes one line for people.
    """

    def __init__(self, run: RunFolder, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._told = Told()
        for row in MetricsTail(run.health, HEALTH).read_all().rows:
            if row["kind"] != "health":
                self._told.severity[row["kind"]] = row["severity"]
        self._losses = LossWatch()
        for row in MetricsTail(run.metrics).read_all().rows:
            if row["split"] == "train":
                self._losses.see(row["step"], row["loss"])
        self._log = MetricsLog(run.health)

    def loss(self, row: Row) -> None:
        """Look at a row of the training loss."""
        self._report(row["step"], self._losses.see(row["step"], row["loss"]))

    def health(self, step: int, health: Health) -> None:
        """Log what the network looks like after ``step`` steps, and judge it."""
        self._log.append([{"step": step, "time": round(time.time(), 3), **health.row()}])
        for alert in judge(health):
            self._report(step, alert)

    def _report(self, step: int, alert: Alert | None) -> None:
        if alert is None or not self._told.is_news(alert):
            return
        self._log.append([{"step": step, "time": round(time.time(), 3), **vars(alert)}])
        self._tell(f"step {step}: {alert.text}; {alert.hint}")

    def sync(self) -> None:
        """Make every row durable: before the checkpoint that counts them."""
        self._log.sync()

    def close(self) -> None:
        self._log.close()
