"""``aetrain runs``: what is there and what it is doing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from trainer.commands.arguments import AsJson, RunsDir


def runs(*, runs_dir: RunsDir = Path("runs"), json: AsJson = False) -> None:
    """List the runs: variant, data, state, epoch, loss, device."""
    import sys

    from trainer.runs.folder import find_runs
    from trainer.tables import print_json, print_table

    rows = [_row(run) for run in find_runs(runs_dir)]
    if json:
        print_json(rows)
        return
    if not rows:
        print(f"no runs in {runs_dir}; train some: aetrain fit", file=sys.stderr)
        return
    columns = ["run", "variant", "data", "state", "epoch", "step", "loss", "device"]
    print_table(columns, [[row[column] for column in columns] for row in rows])


def _row(run: Any) -> dict[str, Any]:
    from export.errors import ToolError
    from trainer.runs.status import read_status

    try:
        config = run.read_config()
    except ToolError:
        config = {}
    status = read_status(run)
    return {
        "run": run.name,
        "variant": config.get("variant"),
        "data": config.get("data"),
        "state": status.shown_state() if status else "failed",
        "epoch": status and status.epoch,
        "step": status and status.step,
        "steps_total": status and status.steps_total,
        "loss": status and status.loss,
        "images_per_s": status and status.images_per_s,
        "device": status and status.device,
        "error": status.error if status else "status.json cannot be read",
    }
