"""Where everything of a run lies, and how a run is found by name or path."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.errors import ExitCode, ToolError, nearest

SCHEMA = 1
"""Version of the run folder's format, in ``status.json`` and ``config.toml``."""

_NAME = re.compile(r"[^/\\\x00-\x1f\x7f]{1,200}")


@dataclass(frozen=True)
class RunFolder:
    """The paths of one run; making it touches no file."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def config(self) -> Path:
        return self.path / "config.toml"

    @property
    def status(self) -> Path:
        return self.path / "status.json"

    @property
    def metrics(self) -> Path:
        return self.path / "metrics.jsonl"

    @property
    def probe(self) -> Path:
        return self.path / "probe.npz"

    @property
    def health(self) -> Path:
        return self.path / "health.jsonl"

    @property
    def samples(self) -> Path:
        return self.path / "samples"

    @property
    def tensorboard(self) -> Path:
        return self.path / "tensorboard"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def evaluation(self) -> Path:
        return self.path / "eval.json"

    @property
    def live(self) -> Path:
        return self.path / "live"

    @property
    def control(self) -> Path:
        return self.path / "control"

    @property
    def log(self) -> Path:
        return self.path / "trainer.log"

    @property
    def lock(self) -> Path:
        return self.path / ".lock"

    def bundle(self, precision: str = "fp32") -> Path:
        return self.path / "export" / precision

    def read_config(self) -> dict[str, Any]:
        """``config.toml`` as it was written. Raises ToolError (exit 3) where it is missing or not TOML."""
        import tomllib  # 2 ms that the first frame of the UI need not wait for

        try:
            return tomllib.loads(self.config.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ToolError(
                f"run {self.path} has no readable config.toml",
                why=str(error),
                do="restore the file, or train the run again",
                exit_code=ExitCode.DAMAGED,
            ) from error


def check_name(name: str) -> str:
    """``name`` if it can name a folder below the runs folder. Raises ToolError (exit 2)."""
    if not _NAME.fullmatch(name) or name.startswith(".") or name != name.strip():
        raise ToolError(
            f"{name!r} cannot be the name of a run",
            why="a name is one folder: no slash, no control character, no dot or space in front, at most 200 long",
            do="choose another --name",
        )
    return name


def is_run(path: Path) -> bool:
    """True where ``path`` holds a run: its ``config.toml`` and its ``status.json`` are there."""
    return (path / "config.toml").is_file() and (path / "status.json").is_file()


def find_runs(runs_dir: Path) -> list[RunFolder]:
    """Every run below ``runs_dir``, by name; a missing folder holds none."""
    try:
        with os.scandir(runs_dir) as entries:
            names = sorted(entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [RunFolder(runs_dir / name) for name in names if is_run(runs_dir / name)]


def resolve_run(run: str, runs_dir: Path) -> RunFolder:
    """The run that ``run`` means: a name below ``runs_dir``, or a folder. Raises ToolError (exit 2)."""
    for path in (runs_dir / run, Path(run)):
        if is_run(path):
            return RunFolder(path)
    if Path(run).is_dir():
        raise ToolError(
            f"{run} is not a run",
            why="a run folder holds config.toml and status.json, and this one does not",
            do="aetrain runs   lists what is there",
        )
    names = [found.name for found in find_runs(runs_dir)]
    guess = nearest(run, names)
    raise ToolError(
        f"no run {run!r}",
        why=f"there is no run folder {' or '.join(dict.fromkeys([str(runs_dir / run), run]))}",
        do=f"did you mean {guess!r}?" if guess else f"aetrain runs --runs-dir {runs_dir}   lists what is there",
    )
