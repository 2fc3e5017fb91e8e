"""Progress on stderr: a bar with ETA per run on a terminal, a few plain lines anywhere else."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from export.errors import visible
from trainer.runs.status import Status

if TYPE_CHECKING:
    from trainer.loop import Report

PLAIN_EVERY_S = 10.0


def say(text: str) -> None:
    """A line of talk: to stderr, since stdout is for results; to nobody, where the terminal is gone.

    Where bars are shown, it comes to stand above them: ``rich`` takes what is printed meanwhile.
    """
    with contextlib.suppress(OSError):
        print(visible(text), file=sys.stderr, flush=True)


class Bars:
    """One bar per run. A terminal that goes away in the middle of it must not end the training."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def reporter(self, name: str, variant: str) -> Report:
        """For the run ``name``; the bar carries its variant's name, which is short enough for 80 columns."""
        task = self._progress.add_task(variant, total=None, epoch="", speed="", loss="", state="")

        def report(status: Status) -> None:
            with contextlib.suppress(OSError):
                self._update(task, status)

        return report

    def _update(self, task: TaskID, status: Status) -> None:
        self._progress.update(
            task,
            total=status.steps_total,
            completed=status.step,
            epoch=f"epoch {status.epoch:.1f}",
            loss="" if status.loss is None else f"loss {status.loss:.4g}",
            speed="" if not status.images_per_s else f"{status.images_per_s:,.0f} images/s",
            state=status.state if status.state not in ("running", "finished") else "",
        )


class Lines:
    """The same in plain lines: the start, every ten seconds, and the end."""

    def reporter(self, name: str, variant: str) -> Report:
        """For the run ``name``."""
        due = [0.0]

        def report(status: Status) -> None:
            over = status.state in ("finished", "stopped", "failed")
            if time.monotonic() < due[0] and not over:
                return
            due[0] = time.monotonic() + PLAIN_EVERY_S
            loss = "" if status.loss is None else f", loss {status.loss:.4g}"
            say(f"{name}: {status.state}, step {status.step} of {status.steps_total}{loss}")

        return report


@contextlib.contextmanager
def progress() -> Iterator[Bars | Lines]:
    """What shows progress for the length of the block, fit for the terminal that is there."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.fields[epoch]}"),
        TextColumn("{task.fields[loss]}"),
        TextColumn("{task.fields[speed]}"),
        TextColumn("{task.fields[state]}"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=Console(stderr=True), refresh_per_second=5, expand=True) as bars:
        yield Bars(bars)
