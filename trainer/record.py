"""What a run leaves behind while it trains: the log's rows, its status, its live graphs, its checkpoints."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from export import atomic
from export.errors import ExitCode, ToolError
from export.write import write_live
from trainer import checkpoint
from trainer.alerts import Health
from trainer.checkpoint import Checkpoint
from trainer.config import Resolved, RunConfig
from trainer.devices import describe
from trainer.nets import Autoencoder
from trainer.runs import metrics, samples
from trainer.runs.folder import RunFolder
from trainer.runs.metrics import HEALTH, MetricsLog, Row
from trainer.runs.status import Status, boot_id, write_status
from trainer.transfer import Transfer
from trainer.watch import Watch

if TYPE_CHECKING:
    from trainer.tensorboard import Board

LIVE_EVERY_S = 2.0
"""A live bundle is not older than this while training, unless writing one takes more than a fiftieth of it."""

_NO_TERM = ("step", "epoch", "time", "split", "loss")


def cut_back(run: RunFolder, step: int) -> None:
    """Drop all that a run has written about later steps, so that whoever goes on from ``step`` writes it again."""
    metrics.cut_back(run.metrics, step)
    metrics.cut_back(run.health, step, HEALTH)
    samples.cut_back(run.samples, step)
    checkpoint.cut_back(run, step)


@dataclass(frozen=True)
class _Pending:
    """A row whose numbers are still on the device."""

    step: int
    time: float
    split: str
    names: tuple[str, ...]
    values: Tensor


class Recorder:
    """Writes one run's folder; holds back what would make the device wait until ``drain``.

    step: where training begins; whatever the folder says of later steps is dropped. tell: takes a line for people.
    transfer: brings numbers from the device. Under ``--no-io`` it writes nothing but the last status.
    """

    def __init__(
        self,
        run: RunFolder,
        config: RunConfig,
        resolved: Resolved,
        step: int,
        tell: Callable[[str], None],
        transfer: Callable[[Tensor], Transfer] = Transfer,
    ) -> None:
        self._run = run
        self._config = config
        self._resolved = resolved
        self._tell = tell
        self.writes = not config.fit.no_io
        self._log: MetricsLog | None = None
        self._watch: Watch | None = None
        self._board: Board | None = None
        self._pending: list[_Pending] = []
        self._transfer = transfer
        self._sent: tuple[list[_Pending], Transfer] | None = None
        self._started = time.time()
        self._window = (time.monotonic(), step)
        self._live_due = 0.0
        self._live_step = -1
        self._speed: float | None = None
        self.step = step
        """Optimiser steps done; the loop counts them up."""
        self.loss: float | None = None
        if self.writes:
            self._open(step)

    def _open(self, step: int) -> None:
        cut_back(self._run, step)
        self._log = MetricsLog(self._run.metrics)
        self._watch = Watch(self._run, self.say)
        if self._config.fit.tensorboard:
            from trainer.tensorboard import open_board

            self._board = open_board(self._run, step)

    def train_row(self, step: int, terms: Mapping[str, Tensor], count: int) -> None:
        """Note the means of the last ``count`` steps, given their sums; they reach the log with ``drain``."""
        if not self.writes:
            self._pending.clear()
        self._note_row(step, "train", terms, torch.stack(list(terms.values())) / count)

    def validation_row(self, step: int, terms: Mapping[str, Tensor]) -> None:
        """Note the validation terms of a step; they reach the log with ``drain``, behind the training rows up to it."""
        if self.writes:
            self._note_row(step, "validation", terms, torch.stack(list(terms.values())))

    def _note_row(self, step: int, split: str, terms: Mapping[str, object], values: Tensor) -> None:
        self._pending.append(_Pending(step, time.time(), split, tuple(terms), values))

    def drain(self, *, wait: bool = True) -> None:
        """Bring the noted rows to the log; without ``wait`` those that the device has sent, and the others next time.

        Raises ToolError (exit 1) where a training loss was not finite.
        """
        if self._sent and (wait or self._sent[1].arrived()):
            self._write(*self._sent)
            self._sent = None
        if self._pending and self._sent is None:
            pending, self._pending = self._pending, []
            self._sent = (pending, self._transfer(torch.cat([row.values for row in pending])))
            self.drain(wait=wait)

    def _write(self, pending: list[_Pending], transfer: Transfer) -> None:
        numbers = iter(transfer.numbers())
        rows = [
            self._row(row.step, row.time, row.split, {name: next(numbers) for name in row.names}) for row in pending
        ]
        if self._log is not None:
            self._log.append(rows)
        if self._board is not None:
            self._board.add(rows)
        for row in rows:
            if row["split"] == "train":
                self._look_at(row)

    def _look_at(self, row: Row) -> None:
        self.loss = row["loss"]
        if not _finite(row["loss"]):
            bad = [name for name, value in row.items() if name not in _NO_TERM and not _finite(value)]
            raise ToolError(
                f"the loss is not finite at step {row['step']} ({', '.join(bad) or 'a gradient'})",
                why="training diverged: usually the learning rate is too high",
                do=f"train again with a lower --lr (it was {self._resolved.lr:g}); the weights before are kept",
                exit_code=ExitCode.FAILED,
            )
        if self._watch is not None:
            self._watch.loss(row)

    def _row(self, step: int, at: float, split: str, terms: dict[str, float]) -> Row:
        return {"step": step, "epoch": self.epoch(step), "time": round(at, 3), "split": split, **terms}

    def health(self, step: int, health: Health) -> None:
        """Log what the network looks like, behind what the rows up to it have shown."""
        self.drain()
        if self._watch is not None:
            self._watch.health(step, health)

    def epoch(self, step: int) -> float:
        return round(step / self._resolved.steps_per_epoch, 4)

    def status(self, state: str, error: str | None = None, *, note: str | None = None, durable: bool = False) -> Status:
        """Replace ``status.json`` (under ``--no-io`` by the last, durable one only); returns what it says."""
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
            note=note,
        )
        if self.writes or durable:
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
            input_range=self._resolved.input_range,
        )
        self._live_step = step
        self._live_due = clock + max(LIVE_EVERY_S, 50 * seconds)

    def checkpoint(self, state: Checkpoint) -> None:
        """Write a checkpoint, after the rows that it counts."""
        self.drain()
        for log in (self._log, self._watch):
            if log is not None:
                log.sync()
        path = checkpoint.save(self._run, state)
        self.note(f"checkpoint {path.name}")

    def say(self, text: str) -> None:
        """A line for people: in ``trainer.log``, and to whoever watches."""
        self.note(text)
        self._tell(f"{self._run.name}: {text}")

    def note(self, text: str) -> None:
        """A line in ``trainer.log``."""
        if not self.writes:
            return
        descriptor = atomic.open_log(self._run.log)
        try:
            atomic.append_lines(descriptor, [f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}"])
        finally:
            os.close(descriptor)

    def close(self) -> None:
        for open_one in (self._log, self._watch, self._board):
            if open_one is not None:
                open_one.close()


def _finite(value: float | None) -> bool:
    return value is not None and value - value == 0
