"""Following runs: how soon a long log is open, how soon a point that was written is known, what looking costs.

``python -m bench.tailing --json``. Times are those of ``aetui.follow.store``: no terminal, no drawing.
"""

from __future__ import annotations

import os
import random
import socket
import statistics
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import tomli_w

from aetui.follow.log_cache import LogCache
from aetui.follow.sources import Sources
from aetui.follow.store import PATIENCE_S, Follower, Store
from bench.figures import Figure, p95
from bench.machine import ROOT, environment
from bench.report import Part, report
from export import atomic
from trainer.runs.folder import RunFolder
from trainer.runs.metrics import MetricsLog, Row
from trainer.runs.status import Status, boot_id, write_status

TERMS = ("loss", "reconstruction", "kl", "l1", "gradient")
"""What the rows of these logs say, besides step, epoch, time and split."""

_ROUNDS = 5
_BATCH = 10_000


def opening(folder: Path) -> list[Figure]:
    """A run of 100,000 rows without the cache, one of 1,000,000 rows with it; medians, each by a new store."""
    for name, rows in (("short", 100_000), ("long", 1_000_000)):
        run = make_run(folder / name, "a")
        write_log(run.metrics, rows)
    cache = LogCache(folder / "cache")
    _open(folder / "long", cache)
    looks = [_open(folder / "long", patience_s=PATIENCE_S) for _ in range(_ROUNDS)]
    return [
        _seconds("100,000 rows are open", [_open(folder / "short") for _ in range(_ROUNDS)], 0.3),
        _seconds(
            "1,000,000 rows are open, from the cache", [_open(folder / "long", cache) for _ in range(_ROUNDS)], 0.2
        ),
        _seconds("1,000,000 rows are open, without the cache", [_open(folder / "long")], None),
        _seconds("the first of 1,000,000 rows are there, without the cache", looks, None),
    ]


def following(folder: Path, *, rows_per_s: int = 1000, seconds: float = 10.0, others: int = 10) -> list[Figure]:
    """A process appends rows; from the clock before its write to the store's ``entries`` with that row in them.

    others: so many finished runs lie beside it. The thread's share of a core counts all that it does.
    """
    make_runs(folder / "runs", others)
    run = make_run(folder / "runs", "live", state="running")
    store = _store(folder / "runs")
    seen: list[float] = []
    spent: list[tuple[float, float]] = []

    def look() -> None:
        now = time.time()
        spent.append((time.perf_counter(), time.thread_time()))
        entry = next(entry for entry in store.entries if entry.name == run.name)
        written = entry.series["train", "written"].values if entry.series else np.empty(0)
        seen.extend((now - written[len(seen) :]).tolist())

    follower = Follower(store, look)
    follower.start()
    code = f"from bench.tailing import append_rows; append_rows({str(run.metrics)!r}, {rows_per_s}, {seconds})"
    subprocess.run([sys.executable, "-c", code], env=environment(), cwd=ROOT, check=True)
    time.sleep(0.5)
    follower.stop()
    ages = sorted(seen[len(seen) // 10 :])
    (wall, cpu), (wall_end, cpu_end) = spent[len(spent) // 10], spent[-1]
    rate = f"at {rows_per_s:,} rows/s"
    return [
        Figure(what=f"written to known {rate}, median", value=1e3 * statistics.median(ages), unit="ms"),
        Figure(
            what=f"written to known {rate}, p95",
            value=1e3 * p95(ages),
            unit="ms",
            reach=125,
            at_most=True,
        ),
        Figure(what=f"written to known {rate}, latest", value=1e3 * ages[-1], unit="ms"),
        Figure(what=f"rows known of those written {rate}", value=len(seen) / (rows_per_s * seconds), unit="", reach=1),
        Figure(
            what=f"the follower's share of a core {rate}",
            value=100 * (cpu_end - cpu) / (wall_end - wall),
            unit="%",
            reach=5,
            at_most=True,
        ),
    ]


def idling(folder: Path, *, runs: int = 30, seconds: float = 10.0, rounds: int = _ROUNDS) -> list[Figure]:
    """Nothing trains: what following so many runs costs, and how soon one that begins to train is seen."""
    made = make_runs(folder / "runs", runs)
    store, changed = _store(folder / "runs"), threading.Event()
    follower = Follower(store, changed.set)
    follower.start()
    time.sleep(1.0)
    begun, spent = time.perf_counter(), time.process_time()
    time.sleep(seconds)
    share = (time.process_time() - spent) / (time.perf_counter() - begun)
    delays = []
    for number in range(rounds):
        time.sleep(0.13 * number)
        begun = time.perf_counter()
        _say(made[number % runs], "running")
        while not any(entry.name == made[number % runs].name and entry.state == "running" for entry in store.entries):
            changed.wait(1.0)
            changed.clear()
        delays.append(time.perf_counter() - begun)
        _say(made[number % runs], "finished")
        time.sleep(0.2)
    follower.stop()
    return [
        Figure(what=f"following {runs} runs, none trains", value=100 * share, unit="%", reach=0.5, at_most=True),
        Figure(what="until a run that begins is known, latest", value=max(delays), unit="s", reach=1.2, at_most=True),
    ]


def append_rows(path: str, rows_per_s: int, seconds: float) -> None:
    """Append rows one by one, in time; each says in ``written`` when."""
    log, begun = MetricsLog(Path(path)), time.perf_counter()
    for step in range(1, int(rows_per_s * seconds) + 1):
        time.sleep(max(0.0, begun + step / rows_per_s - time.perf_counter()))
        row = {"step": step, "epoch": step / 1000, "time": round(time.time(), 3), "split": "train"}
        log.append([{**row, **dict.fromkeys(TERMS, 1 / step), "written": time.time()}])
    log.close()


def write_log(path: Path, rows: int) -> None:
    """A log as a training of the lecture's size leaves it: a validation row after every tenth of training."""
    log, numbers = MetricsLog(path), random.Random(0)
    step, made = 0, 0
    while made < rows:
        batch: list[Row] = []
        while len(batch) < min(_BATCH, rows - made):
            validation = len(batch) % 11 == 10
            step += not validation
            split = "validation" if validation else "train"
            row: Row = {
                "step": step,
                "epoch": round(step / 445, 4),
                "time": round(1.8e9 + step / 300, 3),
                "split": split,
            }
            batch.append({**row, **{term: _float32(numbers.random()) for term in TERMS}})
        log.append(batch)
        made += len(batch)
    log.close()


def make_runs(folder: Path, count: int) -> list[RunFolder]:
    """Finished runs with short logs."""
    made = [make_run(folder, f"run {number}") for number in range(count)]
    for run in made:
        write_log(run.metrics, 1000)
    return made


def make_run(folder: Path, name: str, state: str = "finished") -> RunFolder:
    """A run without a log. ``running`` means this process."""
    run = RunFolder(folder / name)
    run.path.mkdir(parents=True)
    config = {"schema": 1, "variant": "variational", "data": "fashion-mnist", "arch": "lecture", "epochs": 10}
    resolved = {"image_shape": [1, 28, 28], "latent_dim": 16, "steps_per_epoch": 445}
    atomic.write_text(run.config, tomli_w.dumps({**config, "variational": {"beta": 1.0}, "resolved": resolved}))
    _say(run, state)
    return run


def _say(run: RunFolder, state: str) -> None:
    now = time.time()
    status = Status(
        state=state,
        pid=os.getpid(),
        host=socket.gethostname(),
        boot_id=boot_id(),
        started=now,
        heartbeat=now,
        step=1000,
        steps_total=4450,
        epoch=2.25,
        images_per_s=30_000.0,
        device="cpu",
    )
    write_status(run, status)


def _store(folder: Path, cache: LogCache | None = None) -> Store:
    return Store(Sources(runs_dir=folder, folders=(folder,)), cache)


def _open(folder: Path, cache: LogCache | None = None, patience_s: float | None = None) -> float:
    """Seconds of a new store's first poll; it reads all, or as much as it does in ``patience_s``."""
    store, begun = _store(folder, cache), time.perf_counter()
    store.poll(patience_s=patience_s)
    taken = time.perf_counter() - begun
    if store.entries[0].series["train", "loss"].last is None:
        raise RuntimeError(f"nothing was read of {folder}: this is no measurement")
    return taken


def _seconds(what: str, times: list[float], reach: float | None) -> Figure:
    return Figure(what=what, value=statistics.median(times), unit="s", reach=reach, at_most=True)


def _float32(value: float) -> float:
    """As the numbers of a training are: a float32 that was made a float64."""
    found: float = struct.unpack("f", struct.pack("f", value))[0]
    return found


PARTS: dict[str, Part] = {"opening": opening, "following": following, "idling": idling}


def main(arguments: list[str] | None = None) -> int:
    """The command line. Returns the exit code."""
    return report("tailing", __doc__, PARTS, arguments)


if __name__ == "__main__":
    sys.exit(main())
