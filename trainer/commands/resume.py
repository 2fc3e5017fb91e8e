"""``aetrain resume``: go on with a run that was stopped."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.commands.arguments import AsJson, Run, RunsDir

if TYPE_CHECKING:
    from trainer.commands.fit import Summary
    from trainer.data.dataset import DataSet
    from trainer.runs.folder import RunFolder


def resume(run: Run, /, *, runs_dir: RunsDir = Path("runs"), detach: bool = False, json: AsJson = False) -> int:
    """Go on with a run from its newest whole checkpoint, as if it had never been stopped.

    Parameters
    ----------
    detach
        Train in the background, in a session of its own that a hang-up does not end.
    """
    from trainer.runs.folder import resolve_run
    from trainer.runs.lock import lock_run

    folder = resolve_run(run, runs_dir)
    if detach:
        from trainer.detach import detach as start_detached

        with lock_run(folder):
            pass  # whoever trains it already is named at once
        return start_detached([folder], json=json)
    with lock_run(folder):
        return _resume(folder, json=json)


def _resume(folder: RunFolder, *, json: bool) -> int:
    from trainer import checkpoint
    from trainer.best import ended_early
    from trainer.commands.fit import print_summaries, train_one
    from trainer.data.load import load_data
    from trainer.progress import progress
    from trainer.restore import data_options, read_config, resolve_again
    from trainer.runs import control
    from trainer.signals import interruptible
    from trainer.tensorboard import require_tensorboard

    config = read_config(folder)
    if config.fit.tensorboard:
        require_tensorboard()
    newest, damaged = checkpoint.load_newest_whole(folder)
    for error in damaged:
        print(error, file=sys.stderr)
    data = load_data(data_options(folder, config))
    resolved = resolve_again(folder, config, data)
    step = newest.step if newest else 0
    over = ended_early(newest.state, config.fit.patience) if newest else None
    if over is None and step >= resolved.steps_total:
        over = f"all {step} steps are done"
    if over is not None:
        print(f"{folder.name} is finished: {over}", file=sys.stderr)
        if json:
            print_summaries([summary_of_finished(folder, data)], json=True)
        return 0
    for request in control.requests(folder):
        request.done()  # asked of a trainer that is gone
    print(f"{folder.name}: going on from step {step} of {resolved.steps_total}", file=sys.stderr)
    with interruptible() as interruption, progress() as bars:
        report = bars.reporter(folder.name, config.variant.name)
        summary = train_one(folder, config, resolved, data, report, interruption, newest)
    print_summaries([summary], json=json)
    return interruption.exit_code


def summary_of_finished(folder: RunFolder, data: DataSet | None = None) -> Summary:
    """What ``fit`` printed when the run ended; the seconds are those of its last trainer.

    data: its data set, where it is loaded already. Raises ToolError (exit 2, 3) where it cannot be scored any more.
    """
    from trainer.commands.fit import Summary
    from trainer.evaluate import mse_on_test
    from trainer.restore import load_trained
    from trainer.runs.status import read_status

    trained = load_trained(folder, data)
    mse = mse_on_test(trained.model, trained.data)
    status = read_status(folder)
    loss, seconds = (status.loss, round(status.heartbeat - status.started, 2)) if status else (None, 0.0)
    return Summary(folder.name, trained.config.variant.name, "finished", trained.step, loss, mse, seconds)
