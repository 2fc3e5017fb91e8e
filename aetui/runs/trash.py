"""Deleting a run without losing it: its folder moves to ``<runs-dir>/.trash/<name>-<time>``, and can come back."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from export.errors import ExitCode, ToolError, from_os_error
from trainer.runs.folder import RunFolder, is_run
from trainer.runs.lock import lock_run
from trainer.runs.status import read_status

TRASH = ".trash"
"""Begins with a dot: ``find_runs`` looks past it."""

OVER = ("finished", "stopped", "failed", "stale")
"""States in which a run may be deleted: nobody trains it."""

_TRASHED = re.compile(r"(?P<name>.+)-(?P<time>\d{8}-\d{6})(?:\.\d+)?")


@dataclass(frozen=True)
class Trashed:
    """A run in the trash. name: what it was called; time: when it was deleted (``YYYYMMDD-HHMMSS``)."""

    path: Path
    name: str
    time: str


def move_to_trash(run: RunFolder, stamp: str | None = None) -> Trashed:
    """Move a run that is over into the trash beside it. stamp: one time for several runs.

    Raises ToolError: exit 4 where the run is trained, 2 where its state does not say that it is over, 1 where the
    system refuses.
    """
    status = read_status(run)
    state = status.shown_state() if status else "unreadable"
    if status is not None and state not in OVER:
        raise ToolError(
            f"run {run.name} is {state}",
            why="only a run that is over can be deleted",
            do=f"stop it first: aetrain stop {run.path}",
            exit_code=ExitCode.BUSY,
        )
    stamp = stamp or time.strftime("%Y%m%d-%H%M%S")
    trash = run.path.parent / TRASH
    try:
        with lock_run(run):  # no trainer may begin between the look and the move
            trash.mkdir(exist_ok=True)
            path, number = trash / f"{run.name}-{stamp}", 2
            while path.exists():
                path, number = trash / f"{run.name}-{stamp}.{number}", number + 1
            os.rename(run.path, path)
    except OSError as error:
        raise from_os_error(error) from error
    return Trashed(path, run.name, stamp)


def trashed(runs_dir: Path) -> list[Trashed]:
    """What lies in the trash of a folder of runs, the newest first."""
    found = []
    with suppress(OSError):
        for name in sorted(os.listdir(runs_dir / TRASH)):
            match = _TRASHED.fullmatch(name)
            if match and is_run(runs_dir / TRASH / name):
                found.append(Trashed(runs_dir / TRASH / name, match["name"], match["time"]))
    return sorted(found, key=lambda one: one.time, reverse=True)


def restore(one: Trashed) -> RunFolder:
    """Put a run back under its name. Raises ToolError (exit 2) where another has that name now, 1 at a refusal."""
    path = one.path.parent.parent / one.name
    if os.path.lexists(path):
        raise ToolError(
            f"run {one.name} cannot come back: {path} exists",
            why="another run has its name by now",
            do=f"rename that one, or move it yourself: mv {one.path} …",
        )
    try:
        os.rename(one.path, path)
    except OSError as error:
        raise from_os_error(error) from error
    return RunFolder(path)


def size_bytes(path: Path) -> int:
    """What the files below ``path`` take, links not followed; what cannot be read counts nothing."""
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(folder, name)).st_size
    return total


def size_text(count: int) -> str:
    """``850 B``, ``12.3 MB``."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} TB"
