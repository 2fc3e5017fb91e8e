"""What a run leaves behind while it trains: the log's rows, its status, its live graphs, its checkpoints."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from export import atomic
from export.errors import ExitCode, ToolError
from export.write import write_live
from trainer import checkpoint
from trainer.checkpoint import Checkpoint
from trainer.config import Resolved, RunConfig
from trainer.devices import describe
from trainer.nets import Autoencoder
from trainer.runs.folder import RunFolder
from trainer.runs.metrics import MetricsLog, Row
from trainer.runs.status import Status, boot_id, write_status

LIVE_EVERY_S = 2.0
"""A live bundle is not older than this while training, unless writing one takes more than a fiftieth of it."""


@dataclass(frozen=True)
class _Pending:
    """A row whose numbers are still on the device."""

    step: int
    time: float
    names: tuple[str, ...]
    values: Tensor


class Recorder:
    """Writes one run's folder; holds back what would make the device wait until ``drain``."""

    def __init__(self, run: RunFolder, config: RunConfig, resolved: Resolved, step: int) -> None:
        self._run = run
        self._config = config
        self._resolved = resolved
        self._log = MetricsLog(run.metrics)
        self._pending: list[_Pending] = []
        self._started = time.time()
        self._window = (time.monotonic(), step)
        self._live_due = 0.0
        self._live_step = -1
        self._speed: float | None = None
        self.step = step
        """Optimiser steps done; the loop counts them up."""
        self.loss: float | None = None

    def train_row(self, step: int, terms: Mapping[str, Tensor], count: int) -> None:
        """Note the means of the last ``count`` steps, given their sums; they reach the log with ``drain``."""
        values = torch.stack(list(terms.values())) / count
        self._pending.append(_Pending(step, time.time(), tuple(terms), values))

    def validation_row(self, step: int, terms: Mapping[str, float]) -> None:
        """Log the validation terms of a step, behind the training rows up to it."""
        self.drain()
        self._log.append([self._row(step, time.time(), "validation", dict(terms))])

    def drain(self) -> None:
        """Bring the noted rows to the log. Raises ToolError (exit 1) where a training loss was not finite."""
        if not self._pending:
            return
        pending, self._pending = self._pending, []
        numbers = torch.stack([row.values for row in pending]).tolist()
        rows = [
            self._row(row.step, row.time, "train", dict(zip(row.names, values, strict=True)))
            for row, values in zip(pending, numbers, strict=True)
        ]
        self._log.append(rows)
        self.loss = rows[-1]["loss"]
        for row in rows:
            if not _finite(row["loss"]):
                bad = [name for name in pending[0].names[1:] if not _finite(row[name])]
                raise ToolError(
                    f"the loss is not finite at step {row['step']} ({', '.join(bad) or 'a gradient'})",
                    why="training diverged: usually the learning rate is too high",
                    do=f"train again with a lower --lr (it was {self._config.fit.lr:g}); the weights before are kept",
                    exit_code=ExitCode.FAILED,
                )

    def _row(self, step: int, at: float, split: str, terms: dict[str, float]) -> Row:
        return {"step": step, "epoch": self.epoch(step), "time": round(at, 3), "split": split, **terms}

    def epoch(self, step: int) -> float:
        return round(step / self._resolved.steps_per_epoch, 4)

    def status(self, state: str, error: str | None = None, *, durable: bool = False) -> Status:
        """Replace ``status.json``; returns what it says."""
        step = self.step
        now, (then, before) = time.monotonic(), self._window
        if now - then >= 0.5 or (self._speed is None and step > before):
            self._speed = (step - before) / (now - then)
            self._window = (now, step)
        status = Status(
            pid=os.getpid(),
            host=socket.gethostname(),
            boot_id=boot_id(),
            state=state,
            step=step,
            steps_total=self._resolved.steps_total,
            epoch=self.epoch(step),
            images_per_s=self._speed and self._speed * self._resolved.batch_size,
            steps_per_s=self._speed,
            device=describe(torch.device(self._resolved.device)),
            started=self._started,
            heartbeat=time.time(),
            loss=self.loss,
            error=error,
        )
        write_status(self._run, status, durable=durable)
        return status

    def live(self, model: Autoencoder, step: int, *, now: bool = False) -> None:
        """Write the weights as graphs to ``live/``, if it is time (or now)."""
        clock = time.monotonic()
        if step == self._live_step or (clock < self._live_due and not now):
            return
        seconds = write_live(
            link=self._run.live,
            name=self._run.name,
            variant=self._config.variant.name,
            arch=self._config.fit.arch,
            data=self._config.fit.data,
            step=step,
            encoder=model.encoder,
            decoder=model.decoder,
            image_shape=self._resolved.image_shape,
            latent_dim=self._resolved.latent_dim,
        )
        self._live_step = step
        self._live_due = clock + max(LIVE_EVERY_S, 50 * seconds)

    def checkpoint(self, state: Checkpoint) -> None:
        """Write a checkpoint, after the rows that it counts."""
        self.drain()
        self._log.sync()
        path = checkpoint.save(self._run, state)
        self.note(f"checkpoint {path.name}")

    def note(self, text: str) -> None:
        """A line in ``trainer.log``."""
        descriptor = atomic.open_log(self._run.log)
        try:
            atomic.append_lines(descriptor, [f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}"])
        finally:
            os.close(descriptor)

    def close(self) -> None:
        self._log.close()


def _finite(value: float | None) -> bool:
    return value is not None and value - value == 0
