"""aetui's own loop as a contender, a round at a time."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.worker import settled

if TYPE_CHECKING:
    from bench.worker import Job, Rounds
    from trainer.config import RunConfig

EPOCHS = 100
"""Longer than the rounds of any benchmark; a run that does end is followed by another."""


def config_of(work: str, batch: int, **fit: Any) -> RunConfig:
    """A work as ``aetrain fit`` is asked for it: constant Adam 1e-3; no validation, since the others have none."""
    from trainer.config import FitConfig, RunConfig
    from trainer.variants import VARIANTS

    shapes: dict[str, dict[str, Any]] = {
        "vae": {"arch": "mlp", "hidden": (400,), "latent_dim": 20},
        "conv": {"arch": "conv"},
    }
    shape = shapes.get(work, {"arch": "lecture"})
    shared: dict[str, Any] = {
        "data": "fashion-mnist",
        "validation": 0.0,
        "schedule": "constant",
        "warmup": 0.0,
        "lr": 1e-3,
    }
    variant = VARIANTS["variational" if work == "vae" else "undercomplete"]()
    return RunConfig(fit=FitConfig(batch_size=batch, device="cpu", **shared, **shape, **fit), variant=variant)


class _Gate:
    """Holds a training run at its progress reports between two rounds."""

    def __init__(self, rounds: Rounds, batch: int, parameters: int) -> None:
        self._rounds, self._batch, self._parameters = rounds, batch, parameters
        self._said_ready = False
        self._seconds = 0.0
        self._start = (time.perf_counter(), 0)

    def report(self, status: Any) -> None:
        now = time.perf_counter()
        then, before = self._start
        if status.step < before:  # a new run
            self._start = (now, status.step)
            return
        if now - then < self._seconds or status.step == before:
            return
        if not self._said_ready and not settled(status.step * self._batch, now - then):
            return
        if self._said_ready:
            self._rounds.say(images=(status.step - before) * self._batch, seconds=now - then)
        else:
            self._rounds.say(parameters=self._parameters)
            self._said_ready = True
        self._seconds = self._rounds.wait()
        self._start = (time.perf_counter(), status.step)


def training_loop(job: Job, rounds: Rounds) -> None:
    """``trainer.loop.train`` under ``--no-io``: the others write nothing either.

    What writing costs is a figure of its own, over whole runs: a run is looked at most in its first steps.
    """
    from trainer.config import FitConfig
    from trainer.data.load import load_data
    from trainer.loop import train
    from trainer.nets import build
    from trainer.prepare import create, resolve
    from trainer.runs.folder import RunFolder
    from trainer.signals import Interruption

    config = config_of(job.work, job.batch, epochs=EPOCHS, no_io=True)
    data = load_data(FitConfig(data="fashion-mnist", validation=0))
    resolved = dataclasses.replace(resolve(config, data), threads=job.threads)
    network = build(resolved, config.variant, config.fit.arch, config.fit.seed)
    gate = _Gate(rounds, resolved.batch_size, sum(weight.numel() for weight in network.parameters()))
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1_000_000):
            run = RunFolder(Path(folder) / str(number))
            create(run, config, resolved, data)
            train(run, config, resolved, data, report=gate.report, interruption=Interruption())
