"""What a whole run costs beside its steps: writing, memory, the time to the first step. In processes of their own."""

from __future__ import annotations

import dataclasses
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.machine import AETRAIN, ROOT, aetrain, environment, run

MIB = 2**20


def overhead(pairs: int, epochs: int) -> dict[str, Any]:
    """Seconds of the same run with everything on and with ``--no-io``, in turn, and what that is as a share.

    Everything: log, live graphs, samples, health, checkpoints, heartbeat, control. One process does all the runs, so
    that only the option differs.
    """
    said = run([sys.executable, "-m", "bench.whole_runs", str(pairs), str(epochs)], env=_as_aetrain(), cwd=ROOT)
    with_all, without = json.loads(said.splitlines()[-1])
    share = statistics.median(a / b for a, b in zip(with_all, without, strict=True)) - 1
    return {"share": share, "with_all_s": with_all, "no_io_s": without, "epochs": epochs}


def _as_aetrain() -> dict[str, str]:
    return environment(**AETRAIN)


def _overhead_here(pairs: int, epochs: int) -> tuple[list[float], list[float]]:
    from trainer.config import FitConfig, RunConfig
    from trainer.data.load import load_data
    from trainer.loop import train
    from trainer.prepare import create, resolve
    from trainer.runs.folder import RunFolder
    from trainer.signals import Interruption
    from trainer.variants import VARIANTS

    fit = FitConfig(data="fashion-mnist", arch="lecture", epochs=epochs, device="cpu")
    data = load_data(fit)

    def seconds(number: int, *, no_io: bool, epochs: int = epochs) -> float:
        config = RunConfig(
            fit=dataclasses.replace(fit, no_io=no_io, epochs=epochs), variant=VARIANTS["undercomplete"]()
        )
        resolved = resolve(config, data)
        with tempfile.TemporaryDirectory() as folder:
            target = RunFolder(Path(folder) / str(number))
            create(target, config, resolved, data)
            start = time.perf_counter()
            train(target, config, resolved, data, report=lambda status: None, interruption=Interruption())
            return time.perf_counter() - start

    table: dict[bool, list[float]] = {False: [], True: []}
    seconds(-1, no_io=False, epochs=1)  # imports, first pages of memory
    for number in range(pairs):
        for no_io in (False, True) if number % 2 else (True, False):
            table[no_io].append(seconds(number, no_io=no_io))
    return table[False], table[True]


_DATA_ONLY = """
import json, resource, torch
from trainer.config import FitConfig
from trainer.data.load import load_data
data = load_data(FitConfig(data="fashion-mnist"))
pages = int(open("/proc/self/statm").read().split()[1])
print(pages * resource.getpagesize())
"""


def memory() -> dict[str, float]:
    """MiB: the peak of ``aetrain fit``, and how far it is above a process that has imported torch and holds the data.

    The latter counts as it stands after loading, not at its own peak.
    """
    base = int(run([sys.executable, "-c", _DATA_ONLY])) / MIB
    with tempfile.TemporaryDirectory() as folder:
        peak = _peak_bytes(aetrain("fit", "undercomplete", *_LECTURE, "--epochs", 2, "--runs-dir", folder)) / MIB
    return {"above_mib": peak - base, "data_and_torch_mib": base, "peak_mib": peak}


_LECTURE = ("--arch", "lecture", "--data", "fashion-mnist")


def _peak_bytes(command: list[str]) -> int:
    with subprocess.Popen(command, env=_as_aetrain(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {process.returncode}")
    return usage.ru_maxrss * 1024


def first_step(rounds: int) -> dict[str, float]:
    """Seconds from the command ``aetrain fit`` to its first step, beside those of ``import torch`` alone; medians."""
    fits, imports = [], []
    for _ in range(rounds + 1):
        imports.append(_import_s())
        fits.append(_first_step_s())
    fit_s, import_s = statistics.median(fits[1:]), statistics.median(imports[1:])  # the first filled the disk's cache
    on_top = statistics.median(a - b for a, b in zip(fits[1:], imports[1:], strict=True))
    return {"on_top_s": on_top, "first_step_s": fit_s, "import_torch_s": import_s}


def _import_s() -> float:
    start = time.time()
    said = run([sys.executable, "-c", "import torch, time; print(time.time())"], env=_as_aetrain())
    return float(said) - start


def _first_step_s() -> float:
    with tempfile.TemporaryDirectory() as folder:
        command = aetrain("fit", "undercomplete", *_LECTURE, "--steps", 1, "--runs-dir", folder, "--name", "first")
        start = time.time()
        run(command, env=_as_aetrain())
        lines = (Path(folder) / "first" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return float(next(row["time"] for row in map(json.loads, lines) if row["step"] == 1)) - start


if __name__ == "__main__":
    print(json.dumps(_overhead_here(int(sys.argv[1]), int(sys.argv[2]))))
