"""The terminal UI: how soon it is there, how fast it draws and follows, what it costs while nothing happens.

``python -m bench.tui --json``. Peers and limits in the same run; what a user sees is measured on a pseudo-terminal.
"""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from bench.bundles import train
from bench.charting import drawing
from bench.figures import Figure, p95
from bench.machine import ROOT, environment
from bench.moving import scanned_digits
from bench.report import Part, report
from bench.slow_link import LOCAL, SlowTerminal
from bench.tailing import TERMS, make_run, make_runs, opening
from bench.terminal import Terminal, cpu_s
from trainer.runs.metrics import MetricsLog

AETUI = [sys.executable, "-c", "from aetui.cli import main; main()"]
"""The command of this checkout, whatever is installed beside it."""

_ROUNDS = 11
_KEYS = 200
_FOLLOW_S = 10.0


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


def keys(folder: Path, *, reach_ms: float = 25.0) -> list[Figure]:
    """A key on a slider of the latent space → the engine decodes → another picture on the terminal."""
    np.save(folder / "images.npy", scanned_digits(1_700))
    flags = ("--data", str(folder / "images.npy"), "--hidden", "400", "--latent-dim", "20")
    train(folder, "variational", *flags)
    delays = []
    with _on_runs(folder) as terminal:
        terminal.press(b"4")
        terminal.settle()
        terminal.press(b"\t")
        terminal.wait_for("sweep")
        terminal.settle(1.0)
        if sum(cell == "▀" for cell in _picture(terminal)[::3]) < 100:
            raise RuntimeError("there is no picture:\n" + "\n".join(terminal.screen.display))
        for number in range(_KEYS):
            pressed = terminal.press(b"\x1b[1;2C" if number // 4 % 2 else b"\x1b[1;2D")
            changed = terminal.first_change(terminal.read(0.15), lambda: _picture(terminal))
            if changed is not None:  # a slider at its end does not move
                delays.append(1000 * (changed - pressed))
    if len(delays) < _KEYS // 2:
        raise RuntimeError(f"{len(delays)} of {_KEYS} keys changed the picture")
    return [
        Figure(what="key to decoded picture, median", value=statistics.median(delays), unit="ms"),
        Figure(what="key to decoded picture, p95", value=p95(delays), unit="ms", reach=reach_ms, at_most=True),
    ]


def _picture(terminal: Terminal) -> tuple[object, ...]:
    """What stands where the traversal draws its large picture: characters and colours."""
    rows = (terminal.screen.buffer[row] for row in range(4, 17))
    cells = (row[column] for row in rows for column in range(56, 100))
    return tuple(part for cell in cells for part in (cell.data, cell.fg, cell.bg))


def follow(folder: Path) -> list[Figure]:
    """1,000 rows a second are written; a spike now and then stretches the chart's axis: when is it on the screen?"""
    make_runs(folder / "runs", 10)
    run = make_run(folder / "runs", "live", state="running")
    writer = f"from bench.tui import write_spikes; write_spikes({str(run.metrics)!r})"
    with _on_runs(folder) as terminal:
        terminal.press(b"2")
        terminal.settle()
        command = [sys.executable, "-c", writer]
        with subprocess.Popen(command, env=environment(), cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            terminal.read_for(2.0)
            spent, begun = cpu_s(terminal.process.pid), time.perf_counter()
            chunks = terminal.read_for(_FOLLOW_S)
            share = (cpu_s(terminal.process.pid) - spent) / (time.perf_counter() - begun)
            chunks += terminal.read_for(3.0)
            said, _ = process.communicate()
    written = [float(line) for line in said.split()]
    changes = terminal.changes(chunks, lambda: [line[:12] for line in terminal.screen.display])
    delays = []
    for spike, following in pairwise([*written, float("inf")]):
        if spike > begun:
            seen = next((change for change in changes if spike < change < following), None)
            delays.append(1000 * (seen - spike) if seen is not None else float("inf"))
    return [
        Figure(what="a point written to the screen, median", value=statistics.median(delays), unit="ms"),
        Figure(what="a point written to the screen, p95", value=p95(delays), unit="ms", reach=150, at_most=True),
        Figure(what="the UI meanwhile, of a core", value=100 * share, unit="%", reach=10, at_most=True),
    ]


def write_spikes(path: str) -> None:
    """Rows at 1,000 a second; every 0.4 s the loss is twice what it ever was. Prints when each spike was written."""
    log, begun, peak = MetricsLog(Path(path)), time.perf_counter(), 1.0
    spikes = []
    for step in range(1, int(1000 * (_FOLLOW_S + 2)) + 1):
        time.sleep(max(0.0, begun + step / 1000 - time.perf_counter()))
        spike = step % 400 == 0
        peak *= 1 + spike
        row = {"step": step, "epoch": step / 1000, "time": round(time.time(), 3), "split": "train"}
        log.append([{**row, **dict.fromkeys(TERMS, peak if spike else 0.5)}])
        if spike:
            spikes.append(time.perf_counter())
    log.close()
    print("\n".join(map(str, spikes)))


def idle(folder: Path) -> list[Figure]:
    """Nothing trains, nobody touches a key: processor and bytes on each screen, and of a bare Textual app."""
    make_runs(folder / "runs", 10)
    with _on_runs(folder) as terminal:
        shares, sent = [], 0
        for screen in b"12":
            terminal.press(bytes([screen]))
            terminal.settle(2.0)
            share, count = _idles(terminal, 10.0)
            shares.append(share)
            sent += count
    with Terminal([sys.executable, "-m", "bench.bare_app"], folder, (100, 30), environment()) as terminal:
        terminal.settle(2.0)
        bare, _ = _idles(terminal, 10.0)
    return [
        Figure(what="idle, of a core", value=100 * max(shares), unit="%", reach=0.5, at_most=True),
        Figure(what="idle, bytes in 20 s", value=sent, unit="bytes", reach=0, at_most=True),
        Figure(what="an idle bare app, of a core", value=100 * bare, unit="%"),
    ]


def _idles(terminal: Terminal, seconds: float) -> tuple[float, int]:
    """(Share of a core, bytes that were written)."""
    spent = cpu_s(terminal.process.pid)
    chunks = terminal.read_for(seconds)
    return (cpu_s(terminal.process.pid) - spent) / seconds, sum(len(data) for _, data in chunks)


@contextlib.contextmanager
def _on_runs(folder: Path) -> Iterator[Terminal]:
    """``aetui`` on ``folder/runs``, once it has shown them, on a terminal that answers; settings and state of whoever
    measures are left alone."""
    own = {name: str(folder / name) for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")}
    with SlowTerminal([*AETUI, "--provider", "cpu"], folder, (100, 30), LOCAL, environment(**own)) as terminal:
        terminal.wait_for("variational")
        terminal.settle(1.0)
        yield terminal


PARTS: dict[str, Part] = {
    "start": start,
    "help": help_text,
    "charts": drawing,
    "keys": keys,
    "follow": follow,
    "open": opening,
    "idle": idle,
}


def main(arguments: list[str] | None = None) -> int:
    """The command line. Returns the exit code."""
    return report("tui", __doc__, PARTS, arguments)


if __name__ == "__main__":
    sys.exit(main())
