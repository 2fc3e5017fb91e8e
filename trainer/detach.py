"""Training in the background: a process in a session of its own, which neither hang-up nor Ctrl-C here reaches."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from export.errors import ExitCode, ToolError
from trainer.runs.folder import RunFolder, find_runs
from trainer.runs.status import read_status
from trainer.tables import print_json

PATIENCE_S = 120.0
"""How long the first run's folder may take to appear: importing torch and reading the data come first."""


def detach(expected: list[RunFolder], *, json: bool) -> int:
    """Run this very command again in the background, without ``--detach``; return when its first run has begun.

    Prints the names of the runs that it will train. Raises ToolError with the exit code and the words of the
    background process where that ends before a run begins.
    """
    runs_dir = expected[0].path.parent
    runs_dir.mkdir(parents=True, exist_ok=True)
    log = runs_dir / f".detached-{time.time_ns()}.log"
    arguments = [argument for argument in sys.argv[1:] if argument not in ("--detach", "--json")]
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "trainer.cli", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    first = _wait_for_first_run(process, runs_dir, log)
    if json:
        print_json({"pid": process.pid, "run": first.name, "log": str(log)})
    else:
        print(first.name)
        print(f"trains in the background as process {process.pid}; its words go to {log}", file=sys.stderr)
        print(f"stop it: aetrain stop {first.path}   watch it: aetui --runs-dir {runs_dir}", file=sys.stderr)
    return ExitCode.OK


def _wait_for_first_run(process: subprocess.Popen[bytes], runs_dir: Path, log: Path) -> RunFolder:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        for run in find_runs(runs_dir):
            if (status := read_status(run)) and status.pid == process.pid:
                return run
        if process.poll() is not None:
            raise _relayed(process.returncode, log)
        time.sleep(0.05)
    process.terminate()
    raise ToolError(
        f"no run has begun after {PATIENCE_S:g} s",
        why=f"see {log}",
        do="run the same command without --detach",
        exit_code=ExitCode.FAILED,
    )


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
