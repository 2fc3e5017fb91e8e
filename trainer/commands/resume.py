"""``aetrain resume``: go on with a run that was stopped."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.commands.arguments import AsJson, Run, RunsDir

if TYPE_CHECKING:
    from trainer.runs.folder import RunFolder


def resume(run: Run, /, *, runs_dir: RunsDir = Path("runs"), json: AsJson = False) -> int:
    """Go on with a run from its newest whole checkpoint, as if it had never been stopped."""
    from trainer.runs.folder import resolve_run
    from trainer.runs.lock import lock_run

    folder = resolve_run(run, runs_dir)
    with lock_run(folder):
        return _resume(folder, json=json)


def _resume(folder: RunFolder, *, json: bool) -> int:
    from trainer import checkpoint
    from trainer.commands.fit import print_summaries, train_one
    from trainer.prepare import load_data
    from trainer.progress import progress
    from trainer.restore import data_options, read_config, resolve_again
    from trainer.runs import control, metrics
    from trainer.signals import interruptible

    config = read_config(folder)
    newest, damaged = checkpoint.load_newest_whole(folder)
    for error in damaged:
        print(error, file=sys.stderr)
    data = load_data(data_options(folder, config))
    resolved = resolve_again(folder, config, data)
    step = newest.step if newest else 0
    if step >= resolved.steps_total:
        print(f"{folder.name} is finished: all {step} steps are done", file=sys.stderr)
        return 0
    metrics.cut_back(folder.metrics, step)
    for request in control.requests(folder):
        request.done()  # asked of a trainer that is gone
    print(f"{folder.name}: going on from step {step} of {resolved.steps_total}", file=sys.stderr)
    with interruptible() as interruption, progress() as bars:
        report = bars.reporter(folder.name, config.variant.name)
        summary = train_one(folder, config, resolved, data, report, interruption, newest)
    print_summaries([summary], json=json)
    return interruption.exit_code
