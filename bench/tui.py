"""The terminal UI: how soon it is there, how fast it draws and follows, what it costs while nothing happens.

``python -m bench.tui --json``. Peers and limits in the same run; what a user sees is measured on a pseudo-terminal.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench.figures import Figure
from bench.machine import environment
from bench.report import Part, report
from bench.terminal import Terminal

AETUI = [sys.executable, "-c", "from aetui.cli import main; main()"]
"""The command of this checkout, whatever is installed beside it."""

_ROUNDS = 11


def start(folder: Path) -> list[Figure]:
    """The first frame, against a bare Textual app; alternately, medians."""
    (folder / "runs").mkdir()
    bare = [sys.executable, "-m", "bench.bare_app"]
    times: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(_ROUNDS):
        times["bare"].append(_until(bare, folder, "nothing of its own"))
        times["ours"].append(_until(AETUI, folder, "Reconstructions"))
    ours, theirs = (statistics.median(times[name]) for name in ("ours", "bare"))
    return [
        Figure(what="first frame against a bare Textual app", value=ours / theirs, unit="×", reach=1.15, at_most=True),
        Figure(what="first frame", value=1000 * ours, unit="ms"),
        Figure(what="first frame of the bare app", value=1000 * theirs, unit="ms"),
    ]


def _until(command: list[str], folder: Path, text: str) -> float:
    """Seconds from the start of a process to ``text`` on its terminal."""
    with Terminal(command, folder, (100, 30), environment()) as terminal:
        return terminal.wait_for(text) - terminal.started


def help_text(folder: Path) -> list[Figure]:
    """``aetui --help``."""
    times = []
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        subprocess.run([*AETUI, "--help"], env=environment(), stdout=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - begun)
    return [Figure(what="aetui --help", value=statistics.median(times), unit="s", reach=0.4, at_most=True)]


PARTS: dict[str, Part] = {
    "start": start,
    "help": help_text,
}


def main(arguments: list[str] | None = None) -> int:
    return report("tui", __doc__, PARTS, arguments)


if __name__ == "__main__":
    sys.exit(main())
