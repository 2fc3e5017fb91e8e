"""Training in the background: a process in a session of its own, which neither hang-up nor Ctrl-C here reaches."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from export.errors import ExitCode, ToolError
from trainer.runs.folder import RunFolder, find_runs
from trainer.runs.status import Status, read_status
from trainer.tables import print_json

PATIENCE_S = 120.0
"""How long the first run's folder may take to appear: importing torch and reading the data come first."""

LOG = "detached.log"
"""What a background process says, in the folder of its first run."""


def detach(expected: list[RunFolder], *, json: bool, name: str | None = None) -> int:
    """Run this very command again in the background, without ``--detach``; return when its first run has begun.

    name: what ``--name`` came to, where it is not for the background process to find a name. Prints the name of the
    first run. Raises ToolError with the exit code and the words of the background process where that ends before a run
    begins. Interrupted while it waits, it ends that process.
    """
    runs_dir = expected[0].path.parent
    runs_dir.mkdir(parents=True, exist_ok=True)
    log = runs_dir / f".detached-{time.time_ns()}.log"
    arguments = [argument for argument in sys.argv[1:] if argument not in ("--detach", "--json")]
    # A terminal that goes away from now on is no reason not to begin, or to leave the log where nobody looks for it.
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "trainer.cli", *arguments, *([] if name is None else [f"--name={name}"])],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        first = _wait_for_first_run(process, expected, log)
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        log.unlink(missing_ok=True)
        raise
    finally:
        signal.signal(signal.SIGHUP, before)
    log = _moved(log, first)
    if json:
        print_json({"pid": process.pid, "run": first.name, "log": str(log)})
    else:
        print(first.name)
        print(f"trains in the background as process {process.pid}; its words go to {log}", file=sys.stderr)
        print(f"{_how_to_stop(expected, first, process.pid)}   watch: aetui --runs-dir {runs_dir}", file=sys.stderr)
    return ExitCode.OK


def _how_to_stop(expected: list[RunFolder], first: RunFolder, pid: int) -> str:
    if len(expected) == 1:
        return f"stop it: aetrain stop {first.path}"
    return f"stop this run: aetrain stop {first.path}   stop them all: kill {pid}"


def _wait_for_first_run(process: subprocess.Popen[bytes], expected: list[RunFolder], log: Path) -> RunFolder:
    runs_dir = expected[0].path.parent
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        code = process.poll()  # before the runs: those of a process that has ended are there
        for run in find_runs(runs_dir):
            if (status := read_status(run)) and _is_trained_by(process.pid, status):
                return run
        if code == ExitCode.OK:  # all that was to do had been done before
            return expected[0]
        if code is not None:
            raise _relayed(code, log)
        time.sleep(0.05)
    process.terminate()
    raise ToolError(
        f"no run has begun after {PATIENCE_S:g} s",
        why=f"see {log}",
        do="run the same command without --detach",
        exit_code=ExitCode.FAILED,
    )


def _is_trained_by(leader: int, status: Status) -> bool:
    """True for a run of the process ``leader``, or of one that it has started in its session."""
    try:
        return status.pid == leader or os.getsid(status.pid) == leader
    except (ProcessLookupError, PermissionError, OverflowError):
        return False


def _moved(log: Path, run: RunFolder) -> Path:
    """The log, now in the run's folder; whoever writes it goes on there."""
    try:
        return log.rename(run.path / LOG)
    except OSError:
        return log


def _relayed(code: int, log: Path) -> ToolError:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    said = {
        label: next((line.removeprefix(label).strip() for line in lines if line.startswith(label)), "")
        for label in ("error:", "why:", "do:")
    }
    log.unlink(missing_ok=True)
    known = code in tuple(ExitCode) and code != ExitCode.OK
    return ToolError(
        said["error:"] or f"training ended with exit code {code} before it began",
        why=said["why:"] or (lines[-1] if lines else "it said nothing"),
        do=said["do:"] or "run the same command without --detach",
        exit_code=ExitCode(code) if known else ExitCode.FAILED,
    )
