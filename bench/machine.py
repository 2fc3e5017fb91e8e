"""Where a benchmark ran, and how it starts processes."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def facts() -> dict[str, Any]:
    """What a figure depends on: processor, cores, versions, and how busy the machine was already."""
    return {
        "processor": _processor(),
        "cores": cores(),
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in ("torch", "numpy")},
        "load_average": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


AETRAIN = {"GOMP_SPINCOUNT": "20000"}
"""What ``aetrain`` asks of OpenMP before it imports torch (see ``trainer.cli.main``)."""


_OF_A_TERMINAL = ("TERM", "COLORTERM", "NO_COLOR", "TERM_PROGRAM", "TEXTUAL_COLOR_SYSTEM", "TMUX", "STY")


def environment(threads: int | None = None, /, **more: str) -> dict[str, str]:
    """For a process of the benchmark: this checkout first, so many threads from the start, and nothing of the terminal
    that the benchmark was started on."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    fixed = {} if threads is None else {"OMP_NUM_THREADS": str(threads)}
    kept = {name: value for name, value in os.environ.items() if name not in _OF_A_TERMINAL}
    return {**kept, "PYTHONPATH": path, **fixed, **more}


def aetrain(*arguments: object) -> list[str]:
    """The command ``aetrain`` of this checkout, whatever is installed beside it."""
    return [sys.executable, "-c", "from trainer.cli import main; main()", *map(str, arguments)]


def talk(text: str) -> None:
    """A line about what goes on, on stderr."""
    print(text, file=sys.stderr, flush=True)


def run(command: list[str], env: dict[str, str] | None = None, cwd: Path | None = None) -> str:
    """Run ``command`` to its end; returns what it printed. Raises RuntimeError with what it said where it fails."""
    done = subprocess.run(command, text=True, capture_output=True, env=env or environment(), cwd=cwd, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout
