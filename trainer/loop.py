"""Training one run: from its folder to how it ended."""

from __future__ import annotations

import contextlib

import torch

from export.errors import ExitCode, ToolError, from_os_error
from trainer.checkpoint import Checkpoint
from trainer.config import Resolved, RunConfig
from trainer.data.dataset import DataSet
from trainer.devices import cpu_steps
from trainer.progress import say
from trainer.record import Recorder
from trainer.runs.folder import RunFolder
from trainer.session import Outcome, Report, Session
from trainer.signals import Interruption

__all__ = ["Outcome", "Report", "train"]


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
    """Train until the last step, a signal, a request to stop, or until patience is at its end.

    The folder is complete afterwards. The caller holds the run's lock. checkpoint: where to go on from; whatever the
    folder has of later steps is dropped. Raises ToolError: exit 1 where training diverged or memory ran out, 5 where
    the disk is full; ``status.json`` then says ``failed`` and why.
    """
    recorder = Recorder(run, config, resolved, checkpoint.step if checkpoint else 0, say)
    try:
        with cpu_steps(resolved.threads):
            session = Session(run, config, resolved, data, report, interruption, checkpoint, recorder)
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
