"""The training loop: steps, and between them what is due."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from export.errors import ToolError
from trainer import checkpoint as checkpoints
from trainer.best import Best, ended_early
from trainer.capture import stepping
from trainer.checkpoint import Checkpoint
from trainer.config import Resolved, RunConfig
from trainer.cores import Cores
from trainer.data.dataset import DataSet, Split
from trainer.health import Examiner
from trainer.nets import Autoencoder, build
from trainer.record import Recorder
from trainer.runs import control
from trainer.runs.folder import RunFolder
from trainer.runs.status import Status
from trainer.samples import Sampler
from trainer.signals import Interruption
from trainer.step import Stepper, Terms

LOOK_EVERY_S = 0.1
"""Rows are drained and the control folder is read so often."""
HEARTBEAT_EVERY_S = 0.5
"""``status.json`` is replaced, and progress reported, so often."""

Report = Callable[[Status], None]


@dataclass(frozen=True)
class Outcome:
    """How training ended: ``finished`` or ``stopped``, after so many steps.

    model: with the weights that count from now on: those of ``model_step``, the last step, or the best one of a run
    with ``--patience``. note: why it is over before its last step, or what else there is to say of it; or None.
    """

    state: str
    step: int
    loss: float | None
    model: Autoencoder
    model_step: int
    note: str | None


def _on(device: torch.device, split: Split, paired: bool) -> list[Tensor]:
    """The images of a split that is in memory, and behind them their partners, where they have any that are wanted."""
    partners = [] if split.targets is None or not paired else [split.targets]
    return [torch.from_numpy(images).to(device) for images in (split.images, *partners)]


def _added(sums: Terms, terms: Terms) -> Terms:
    """Term by term; on CUDA in one launch."""
    return dict(zip(terms, torch._foreach_add([sums[name] for name in terms], list(terms.values())), strict=True))


class Session:
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
        self.recorder = recorder
        self.step = checkpoint.step if checkpoint else 0
        model = build(resolved, config.variant, config.fit.arch, config.fit.seed)
        if checkpoint is None:
            config.variant.start(model, torch.from_numpy(data.train.mean_image()))
        self.cores = Cores(resolved.threads if resolved.device == "cpu" else 1)
        self.stepper = Stepper(model, config.variant, config.fit, resolved, data.train)
        self.advance = stepping(self.stepper, recorder.say)
        self.validation, *partners = _on(self.stepper.device, data.validation, config.variant.wants_targets)
        self.validation_targets = partners[0] if partners else None
        self.sums: Terms = self.stepper.restore(checkpoint) if checkpoint else {}
        self.best = self._best_of(checkpoint)
        self.over = ended_early(self.best.state(), config.fit.patience)
        self.sampler: Sampler | None = None
        self.examiner: Examiner | None = None
        if recorder.writes:
            self.sampler = Sampler(run, data, resolved, self.step)
            self.examiner = Examiner(config, self.stepper, data, resolved, self.step)
        self.validated: tuple[int, float] | None = None
        self.saved_step = self.step if checkpoint else -1
        self.paused = False
        self.stop_wanted = False
        self._look_due = 0.0
        self._heartbeat_due = 0.0
        self._checkpoint_due = time.monotonic() + config.fit.checkpoint_every_s

    def _best_of(self, checkpoint: Checkpoint | None) -> Best:
        step = checkpoint.state.get("best_step") if checkpoint else None
        if checkpoint is None or step is None:
            return Best({})
        try:
            return Best(checkpoint.state, checkpoints.load(self.run, step))
        except ToolError as error:
            self.recorder.say(f"the search for the best weights begins again: {error.what}")
            return Best({})

    def run_to_the_end(self) -> Outcome:
        self.recorder.note(f"training from step {self.step} to {self.resolved.steps_total} on {self.resolved.device}")
        self.look()
        if self.sampler and self.sampler.due(self.step):
            self.sampler.take(self.stepper.model, self.step)
        while self.step < self.resolved.steps_total and not self.stop_wanted and not self.over:
            self._advance()
            if self.interruption.signal or time.monotonic() >= self._look_due:
                self.look()
            while self.paused and not self.stop_wanted:
                time.sleep(LOOK_EVERY_S)
                self.look()
                self.cores.restart()
        return self._end()

    def _advance(self) -> None:
        examined = self.examiner is not None and self.examiner.due(self.step + 1)
        if self.examiner and examined:
            self.examiner.begin()
        terms = self.advance(self.step)
        self.step += 1
        self.recorder.step = self.step
        self.sums = _added(self.sums, terms) if self.sums else terms
        last = self.step == self.resolved.steps_total
        if self.step % self.resolved.log_every == 0 or last:
            self.recorder.train_row(
                self.step, self.sums, self.step % self.resolved.log_every or self.resolved.log_every
            )
            self.sums = {}
        if len(self.validation) and (self.step % self.resolved.steps_per_epoch == 0 or last):
            self._validate()
        if self.examiner and examined:
            self.recorder.health(self.step, self.examiner.end(self.step))
        if self.sampler and self.sampler.due(self.step):
            self.sampler.take(self.stepper.model, self.step)

    def _validate(self) -> None:
        """Log the validation terms, and take their loss to the host: once per epoch the device is waited for."""
        terms = self.stepper.validate(self.validation, self.step, self.validation_targets)
        self.recorder.validation_row(self.step, terms)
        loss = float(terms["loss"])
        self.validated = (self.step, loss)
        self.best.see(
            self.step,
            loss,
            self.stepper.weights(self.step),
            self._checkpoint,
            epoch=self.step % self.resolved.steps_per_epoch == 0,
        )
        self.over = ended_early(self.best.state(), self.config.fit.patience)

    def _checkpoint(self) -> Checkpoint:
        """The state after this step."""
        own = self.validated[1] if self.validated and self.validated[0] == self.step else None
        state = {"torch": torch.__version__, "validation_loss": own, **self.best.state()}
        return self.stepper.checkpoint(self.step, self.sums, state)

    def look(self) -> None:
        """Do what is due between two steps."""
        now = time.monotonic()
        self._look_due = now + LOOK_EVERY_S
        self.stop_wanted = self.stop_wanted or self.interruption.signal is not None
        if self.recorder.writes:
            self.recorder.drain(wait=False)
            self._obey()
            self.recorder.live(self.stepper.model, self.step)
            if now >= self._checkpoint_due:
                self.save()
        if now >= self._heartbeat_due:
            self._heartbeat_due = now + HEARTBEAT_EVERY_S
            if self.step and (crowded := self.cores.look()):
                self.recorder.say(crowded)
            self.report(self.recorder.status("paused" if self.paused else "running"))

    def _obey(self) -> None:
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
        """Write a checkpoint of this step, if there is none; before it that of the best, which it speaks of."""
        self._checkpoint_due = time.monotonic() + self.config.fit.checkpoint_every_s
        if self.step == self.saved_step or not self.recorder.writes:
            return
        if self.best.unwritten and self.best.checkpoint and self.best.step != self.step:
            self.recorder.checkpoint(self.best.checkpoint)
        self.recorder.checkpoint(self._checkpoint())
        self.best.unwritten = False
        self.saved_step = self.step

    def _end(self) -> Outcome:
        self.recorder.drain()
        finished = self.over is not None or self.step >= self.resolved.steps_total
        if self.over is not None and self.sampler:
            self.sampler.take(self.stepper.model, self.step, last=True)
        self.save()
        model_step = self._take_best() if self.config.fit.patience is not None else self.step
        if self.recorder.writes:
            self.recorder.live(self.stepper.model, model_step, now=True)
        state = "finished" if finished else "stopped"
        note = self.over
        if note is None and finished and model_step != self.step:
            note = f"the best validation loss was at step {model_step}: its weights are the ones that count"
        self.report(self.recorder.status(state, note=note, durable=True))
        if note is not None:
            self.recorder.say(note)
        self.recorder.note(f"{state} at step {self.step}")
        return Outcome(state, self.step, self.recorder.loss, self.stepper.model, model_step, note)

    def _take_best(self) -> int:
        """Give the model the best weights there are; returns the step that they are of."""
        if self.best.checkpoint is None:
            return self.step
        self.stepper.model.load_state_dict(self.best.checkpoint.model)
        return self.best.checkpoint.step
