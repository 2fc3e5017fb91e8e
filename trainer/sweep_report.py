"""What a sweep shows: its running trainers while they run, a line when one ends, a table of all at the end."""

from __future__ import annotations

import contextlib
import math
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from export.errors import visible
from trainer.pool import Ending, Job
from trainer.progress import Lines, say
from trainer.runs.status import Status
from trainer.sweep import Point, flag

NUMBERS = ("state", "step", "loss", "test_mse", "seconds")
"""What a result has of the summary that ``aetrain fit`` prints."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a point stands at the end. state: as in ``status.json``, or ``not begun``; error: why it failed."""

    point: Point
    state: str
    step: int | None = None
    loss: float | None = None
    test_mse: float | None = None
    seconds: float | None = None
    error: str | None = None

    @classmethod
    def of(cls, point: Point, ending: Ending, status: Status | None) -> Result:
        """From how the point's process ended, and what its run says then."""
        if ending.summary.get("state"):
            told: dict[str, Any] = {name: ending.summary.get(name) for name in NUMBERS}
            return cls(point=point, **told)
        state, error = "failed", ending.error
        if ending.code in (0, -signal.SIGTERM):  # somebody else has finished it; or asked to stop before it began
            state, error = (status.shown_state() if status else "not begun"), None
        step, loss = (status.step, status.loss) if status else (None, None)
        return cls(point=point, state=state, step=step, loss=loss, error=error)

    def row(self, options: Sequence[str]) -> dict[str, Any]:
        """For ``--json``: one flat object; options: those that vary in the sweep, null where not in this run's grid."""
        return {
            "run": self.point.name,
            "variant": self.point.config.variant.name,
            **{option: _plain(self.point.varied.get(option)) for option in options},
            **{name: getattr(self, name) for name in NUMBERS},
            "error": self.error,
        }

    def line(self) -> str:
        """For people, when the run ends."""
        numbers = [
            f"{name} {value:.4g}"
            for name, value in (("loss", self.loss), ("test MSE", self.test_mse))
            if value is not None
        ]
        return ", ".join([f"{self.point.name}: {self.state}", *numbers, *([self.error] if self.error else [])])


def ranked(results: Sequence[Result]) -> list[Result]:
    """The best first: by variant in the order of the grid, then by test MSE; without one last."""
    variants = list(dict.fromkeys(result.point.config.variant.name for result in results))

    def key(result: Result) -> tuple[int, float]:
        mse = math.inf if result.test_mse is None else result.test_mse
        return variants.index(result.point.config.variant.name), mse

    return sorted(results, key=key)


def print_results(results: Sequence[Result], *, json: bool) -> None:
    """The result, on stdout: a table of the varied options and what came of them, or JSON."""
    from trainer.tables import print_json, print_table

    options = list(dict.fromkeys(option for result in results for option in result.point.varied))
    rows = [result.row(options) for result in ranked(results)]
    if json:
        print_json(rows)
        return
    print_table(
        ["variant", *map(flag, options), "state", "step", "loss", "test MSE", "seconds"],
        [[row[column] for column in ("variant", *options, *NUMBERS)] for row in rows],
    )


class Bars:
    """On a terminal: how far the sweep is, and a bar for each run that is being trained."""

    def __init__(self, progress: Progress, labels: Mapping[str, str]) -> None:
        self._progress = progress
        self._labels = labels
        self._tasks: dict[str, Any] = {}
        self._all = progress.add_task("sweep", total=len(labels), said="")

    def report(self, job: Job, status: Status) -> None:
        """What a running trainer says."""
        name = job.run.name
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(visible(self._labels[name]), total=None, said="")
        loss = "" if status.loss is None else f"loss {status.loss:.4g}"
        state = "" if status.state == "running" else status.state
        with contextlib.suppress(OSError):
            said = "  ".join(filter(None, (loss, state)))
            self._progress.update(self._tasks[name], total=status.steps_total, completed=status.step, said=said)

    def ended(self, name: str, line: str) -> None:
        """The run's bar gives way to a line that stays."""
        with contextlib.suppress(OSError):
            if name in self._tasks:
                self._progress.remove_task(self._tasks.pop(name))
            self._progress.advance(self._all)
            self._progress.console.print(visible(line), markup=False, highlight=False, soft_wrap=True)


class PlainLines:
    """The same in lines, each run's at most every ten seconds."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._reporters: dict[str, Any] = {}

    def report(self, job: Job, status: Status) -> None:
        """What a running trainer says."""
        name = job.run.name
        if name not in self._reporters:
            self._reporters[name] = self._lines.reporter(name, "")
        if status.state in ("running", "paused"):
            self._reporters[name](status)

    def ended(self, name: str, line: str) -> None:
        """How a run ended."""
        say(line)


@contextlib.contextmanager
def watching(labels: Mapping[str, str]) -> Iterator[Bars | PlainLines]:
    """What shows the progress of a sweep for the length of the block. labels: of each run, by name."""
    if not sys.stderr.isatty():
        yield PlainLines()
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        TextColumn("{task.completed:.0f}/{task.total}"),
        TextColumn("{task.fields[said]}"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=Console(stderr=True), refresh_per_second=5, expand=True) as progress:
        yield Bars(progress, labels)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Path) else value
