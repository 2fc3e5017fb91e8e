"""The training loop: steps, and between them what is due."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from export.errors import ExitCode, ToolError, from_os_error
from trainer.checkpoint import Checkpoint
from trainer.config import Resolved, RunConfig
from trainer.data.dataset import DataSet
from trainer.nets import Autoencoder, build, start_at_mean
from trainer.record import Recorder
from trainer.runs import control
from trainer.runs.folder import RunFolder
from trainer.runs.status import Status
from trainer.signals import Interruption
from trainer.step import Stepper, Terms

LOOK_EVERY_S = 0.1
"""Rows are drained and the control folder is read so often."""
HEARTBEAT_EVERY_S = 0.5
"""``status.json`` is replaced, and progress reported, so often."""

Report = Callable[[Status], None]


@dataclass(frozen=True)
class Outcome:
    """How training ended: ``finished`` or ``stopped``, after so many steps; the model as it is then."""

    state: str
    step: int
    loss: float | None
    model: Autoencoder


def train(
    run: RunFolder,
    config: RunConfig,
    resolved: Resolved,
    data: DataSet,
    *,
    report: Report,
    interruption: Interruption,
    checkpoint: Checkpoint | None = None,
) -> Outcome:
    """Train until the last step, a signal, or a request to stop; the folder is complete afterwards.

    The caller holds the run's lock. checkpoint: where to go on from. Raises ToolError: exit 1 where training diverged
    or memory ran out, 5 where the disk is full; ``status.json`` then says ``failed`` and why.
    """
    recorder = Recorder(run, config, resolved, checkpoint.step if checkpoint else 0)
    try:
        session = _Session(run, config, resolved, data, report, interruption, checkpoint, recorder)
        return session.run_to_the_end()
    except Exception as error:
        failure = _failure(error, recorder.step, resolved)
        what = failure.what if failure else f"{type(error).__name__}: {error}"
        # The error is the one to tell; a disk that is full cannot take these lines either.
        with contextlib.suppress(OSError):
            recorder.note(f"failed at step {recorder.step}: {what}")
            report(recorder.status("failed", what, durable=True))
        if failure is None or failure is error:
            raise
        raise failure from error
    finally:
        recorder.close()


def _failure(error: Exception, step: int, resolved: Resolved) -> ToolError | None:
    """``error`` as one that the user can do something about; None: it is a fault of ours."""
    if isinstance(error, ToolError):
        return error
    if isinstance(error, torch.OutOfMemoryError):
        return ToolError(
            f"out of memory at step {step}",
            why=str(error).splitlines()[0],
            do=f"train again with a smaller --batch-size (it was {resolved.batch_size})",
            exit_code=ExitCode.FAILED,
        )
    return from_os_error(error) if isinstance(error, OSError) else None


class _Session:
    """The state of one call of ``train``."""

    def __init__(
        self,
        run: RunFolder,
        config: RunConfig,
        resolved: Resolved,
        data: DataSet,
        report: Report,
        interruption: Interruption,
        checkpoint: Checkpoint | None,
        recorder: Recorder,
    ) -> None:
        self.run = run
        self.config = config
        self.resolved = resolved
        self.report = report
        self.interruption = interruption
        self.step = checkpoint.step if checkpoint else 0
        torch.set_num_threads(resolved.threads)
        model = build(resolved, config.variant, config.fit.arch, config.fit.seed)
        if checkpoint is None and config.variant.starts_at_mean:
            start_at_mean(model, data.train.mean_image())
        self.stepper = Stepper(model, config.variant, config.fit, resolved, data.train.images)
        self.validation = torch.from_numpy(data.validation.images).to(resolved.device)
        self.sums: Terms = self.stepper.restore(checkpoint) if checkpoint else {}
        self.recorder = recorder
        self.saved_step = self.step if checkpoint else -1
        self.paused = False
        self.stop_wanted = False
        self._look_due = 0.0
        self._heartbeat_due = 0.0
        self._checkpoint_due = time.monotonic() + config.fit.checkpoint_every_s

    def run_to_the_end(self) -> Outcome:
        self.recorder.note(f"training from step {self.step} to {self.resolved.steps_total} on {self.resolved.device}")
        self.look()
        while self.step < self.resolved.steps_total and not self.stop_wanted:
            self._advance()
            if self.interruption.signal or time.monotonic() >= self._look_due:
                self.look()
            while self.paused and not self.stop_wanted:
                time.sleep(LOOK_EVERY_S)
                self.look()
        return self._end()

    def _advance(self) -> None:
        terms = self.stepper.advance(self.step)
        self.step += 1
        self.recorder.step = self.step
        self.sums = {name: self.sums[name] + term for name, term in terms.items()} if self.sums else terms
        last = self.step == self.resolved.steps_total
        if self.step % self.resolved.log_every == 0 or last:
            self.recorder.train_row(
                self.step, self.sums, self.step % self.resolved.log_every or self.resolved.log_every
            )
            self.sums = {}
        if len(self.validation) and (self.step % self.resolved.steps_per_epoch == 0 or last):
            self.recorder.validation_row(self.step, self.stepper.validate(self.validation, self.step))

    def look(self) -> None:
        """Do what is due between two steps."""
        now = time.monotonic()
        self._look_due = now + LOOK_EVERY_S
        self.recorder.drain()
        self._obey()
        self.recorder.live(self.stepper.model, self.step)
        if now >= self._checkpoint_due:
            self.save()
        if now >= self._heartbeat_due:
            self._heartbeat_due = now + HEARTBEAT_EVERY_S
            self.report(self.recorder.status("paused" if self.paused else "running"))

    def _obey(self) -> None:
        self.stop_wanted = self.stop_wanted or self.interruption.signal is not None
        for request in control.requests(self.run):
            if request.verb == "stop":
                self.stop_wanted = True
            elif request.verb in ("pause", "unpause"):
                self.paused = request.verb == "pause"
                self._heartbeat_due = 0.0
                if self.paused:
                    self.save()
            elif request.verb == "checkpoint":
                self.save()
            elif isinstance(request.value, int | float) and request.value > 0:
                self.stepper.peak_lr = float(request.value)
            self.recorder.note(f"asked to {request.verb} {request.value or ''}".rstrip())
            request.done()

    def save(self) -> None:
        """Write a checkpoint of this step, if there is none."""
        self._checkpoint_due = time.monotonic() + self.config.fit.checkpoint_every_s
        if self.step != self.saved_step:
            state: dict[str, object] = {"torch": torch.__version__}
            self.recorder.checkpoint(self.stepper.checkpoint(self.step, self.sums, state))
            self.saved_step = self.step

    def _end(self) -> Outcome:
        self.recorder.drain()
        self.save()
        self.recorder.live(self.stepper.model, self.step, now=True)
        state = "finished" if self.step >= self.resolved.steps_total else "stopped"
        self.report(self.recorder.status(state, durable=True))
        self.recorder.note(f"{state} at step {self.step}")
        return Outcome(state, self.step, self.recorder.loss, self.stepper.model)
