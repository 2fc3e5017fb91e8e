"""What the user asked to see: folders of runs, single runs, bundles."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from export.errors import ToolError, from_os_error
from trainer.runs.folder import find_runs, is_run, resolve_run


@dataclass(frozen=True, kw_only=True)
class Sources:
    """folders: each holds runs, more may appear in it. runs: single runs. bundles: exported models.

    runs_dir: where a new run goes.
    """

    runs_dir: Path
    folders: tuple[Path, ...] = ()
    runs: tuple[Path, ...] = ()
    bundles: tuple[Path, ...] = ()

    def subject(self) -> Path:
        """What the remembered state of the screens belongs to: the folder of runs, or the first run or bundle named."""
        return next(iter((*self.folders, *self.runs, *self.bundles)), self.runs_dir)

    def first_screen(self) -> str | None:
        """Where somebody who names one run or one bundle wants to be; None: no place in particular."""
        if self.folders or len(self.runs) + len(self.bundles) != 1:
            return None
        return "curves" if self.runs else "reconstructions"


def resolve_sources(paths: Sequence[str], runs_dir: Path) -> Sources:
    """Sort ``paths`` into what they are; none means ``runs_dir``, which need not exist yet.

    A path is a run (or the name of one below ``runs_dir``), a bundle, or a folder of runs (an empty one will be
    watched). Raises ToolError: exit 2 where it is none of these, 3 where a bundle is damaged.
    """
    if not paths:
        if runs_dir.exists() and not runs_dir.is_dir():
            raise ToolError(
                f"--runs-dir {runs_dir} is not a folder", why="runs are folders below it", do="name another folder"
            )
        return Sources(runs_dir=runs_dir, folders=(runs_dir,))
    folders: list[Path] = []
    runs: list[Path] = []
    bundles: list[Path] = []
    for text in paths:
        try:
            _sort_in(text, runs_dir, folders, runs, bundles)
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                raise ToolError(f"no run {text[:40]}…", why=error.strerror or "", do="aetui --help") from error
            raise from_os_error(error) from error
    return Sources(
        runs_dir=folders[0] if folders else runs_dir, folders=tuple(folders), runs=tuple(runs), bundles=tuple(bundles)
    )


def _sort_in(text: str, runs_dir: Path, folders: list[Path], runs: list[Path], bundles: list[Path]) -> None:
    from export.bundle import is_bundle, read_bundle  # the first frame of a folder of runs need not wait for it

    path = Path(text)
    if is_run(path):
        runs.append(path)
    elif is_run(runs_dir / text):
        runs.append(runs_dir / text)
    elif is_bundle(path) or (path / "manifest.json").is_file():
        bundles.append(read_bundle(path).folder)
    elif path.is_dir() and (find_runs(path) or not any(path.iterdir())):
        folders.append(path)
    elif path.is_dir():
        raise ToolError(
            f"{text} holds no run and is no bundle",
            why="a run has config.toml and status.json, a bundle has manifest.json, and here is neither",
            do="aetui   shows the runs of ./runs; aetrain fit   trains",
        )
    elif path.exists():
        raise ToolError(
            f"{text} is a file",
            why="aetui looks at folders: a run, a folder of runs, or a bundle",
            do=f"aetui {path.parent}",
        )
    else:
        runs.append(resolve_run(text, runs_dir).path)
