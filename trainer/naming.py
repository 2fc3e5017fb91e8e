"""What runs are called, and where their folders will be. Torch-free: a taken name is refused at once."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from export.errors import ToolError
from trainer.runs.folder import RunFolder, check_name


def run_names(name: str | None, variants: list[str], data: str) -> list[str]:
    """One name per variant: ``name`` itself for a single one, else with the variant behind it; or a dated one."""
    if name is not None:
        check_name(name)
        return [name] if len(variants) == 1 else [f"{name}-{variant}" for variant in variants]
    return [f"{variant}-{_stem(data)}-{_now()}" for variant in variants]


def sweep_name(name: str | None, data: Sequence[str], runs_dir: Path) -> str:
    """What the names of a sweep's runs begin with: ``name``, or a dated one that no run begins with yet."""
    if name is not None:
        return check_name(name)
    parts = ["sweep", *([_stem(data[0])] if len(data) == 1 else []), _now()]
    dated, number = "-".join(parts), 2
    taken = [path.name for path in runs_dir.iterdir()] if runs_dir.is_dir() else []
    free = dated
    while any(other.startswith(f"{free}-") for other in taken):
        free, number = f"{dated}-{number}", number + 1
    return free


def point_name(sweep: str, variant: str, varied: Mapping[str, Any]) -> str:
    """The run of a sweep: its name, the variant, and each option that varies with its value. Raises ToolError (exit 2).

    varied: option (``latent_dim``, ``variational.beta``) → value; the variant in front of its own option is left out.
    """
    words = [sweep, variant]
    for option, value in varied.items():
        words += [option.rpartition(".")[2].replace("_", "-"), _slug(value)]
    return check_name("-".join(words))


def value_text(value: Any) -> str:
    """An option's value, as short as it can be given on the command line: 0.001, 4, 512,256, auto."""
    if isinstance(value, tuple):
        return ",".join(map(value_text, value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return short if float(short := f"{value:g}") == value else repr(value)
    return str(value)


def _slug(value: Any) -> str:
    if isinstance(value, tuple):
        return "x".join(map(_slug, value))
    if isinstance(value, str | Path):
        return _stem(str(value)) if Path(value).name != str(value) or Path(value).suffix else _clean(str(value))
    return value_text(value)


def _stem(data: str) -> str:
    return _clean(Path(data).stem)


def _clean(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.") or "data"


def _now() -> str:
    return time.strftime("%Y%m%d-%H%M%S")


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
