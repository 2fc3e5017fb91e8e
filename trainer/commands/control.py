"""``aetrain stop``, ``pause``, ``unpause``: ask a trainer, through the run's folder."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from trainer.commands.arguments import Run, RunsDir

PATIENCE_S = 30.0


def stop(run: Run, /, *, runs_dir: RunsDir = Path("runs")) -> int:
    """Ask a run's trainer to stop at the next step, with a checkpoint."""
    return _ask(run, runs_dir, "stop")


def pause(run: Run, /, *, runs_dir: RunsDir = Path("runs")) -> int:
    """Ask a run's trainer to write a checkpoint and wait."""
    return _ask(run, runs_dir, "pause")


def unpause(run: Run, /, *, runs_dir: RunsDir = Path("runs")) -> int:
    """Let a paused run go on."""
    return _ask(run, runs_dir, "unpause")


def _ask(name: str, runs_dir: Path, verb: str) -> int:
    from export.errors import ExitCode, ToolError
    from trainer.runs import control
    from trainer.runs.folder import resolve_run
    from trainer.runs.status import read_status

    run = resolve_run(name, runs_dir)
    status = read_status(run)
    state = status.shown_state() if status else "unknown"
    if state not in ("running", "paused"):
        raise ToolError(
            f"run {run.name} is {state}: there is no trainer to {verb}",
            why="only a run that is running or paused has one",
            do=f"aetrain resume {run.path}   goes on with it"
            if state != "finished"
            else "aetrain runs   lists them all",
        )
    request = control.ask(run, verb)
    deadline = time.monotonic() + PATIENCE_S
    while request.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    if request.exists():
        raise ToolError(
            f"run {run.name} has not answered for {PATIENCE_S:g} s",
            why="its trainer is busy with one long step, or hangs",
            do=f"look at {run.log}; the request stays until the trainer reads it",
            exit_code=ExitCode.FAILED,
        )
    print(f"{run.name}: asked to {verb}", file=sys.stderr)
    return ExitCode.OK
