"""What runs are called, and where their folders will be. Torch-free: a taken name is refused at once."""

from __future__ import annotations

import re
import time
from pathlib import Path

from export.errors import ToolError
from trainer.runs.folder import RunFolder, check_name


def run_names(name: str | None, variants: list[str], data: str) -> list[str]:
    """One name per variant: ``name`` itself for a single one, else with the variant behind it; or a dated one."""
    if name is not None:
        check_name(name)
        return [name] if len(variants) == 1 else [f"{name}-{variant}" for variant in variants]
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(data).stem).strip("-.") or "data"
    return [f"{variant}-{stem}-{time.strftime('%Y%m%d-%H%M%S')}" for variant in variants]


def free_folders(runs_dir: Path, names: list[str], *, dated: bool) -> list[RunFolder]:
    """The folders that new runs of these names get. Raises ToolError (exit 2) where a name is taken.

    dated: the names are not the user's; a number behind a taken one makes it free.
    """
    folders = []
    for name in names:
        path = runs_dir / name
        number = 2
        while dated and path.exists():
            path = runs_dir / f"{name}-{number}"
            number += 1
        if path.exists():
            raise ToolError(
                f"run {path} exists already",
                why="a run is never written over",
                do=f"choose another --name, or go on with it: aetrain resume {path}",
            )
        folders.append(RunFolder(path))
    return folders
