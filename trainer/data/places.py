"""Where the IDX files of a named set may lie, in the order in which the places are searched."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from export.errors import ToolError
from trainer.data.catalog import FILES, IDX_SETS, IdxSet
from trainer.data.idx import unpack

SHARED = Path("/usr/share/datasets")
"""Where Debian's ``dataset-…`` packages put their files."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A folder to look in. label: how a user names it (``--data-dir``, ``$AETUI_DATA``, …)."""

    label: str
    folder: Path

    def __str__(self) -> str:
        return f"{self.label} {self.folder}" if self.label else str(self.folder)


def cache_folder(environ: Mapping[str, str] | None = None) -> Path:
    """``$XDG_CACHE_HOME/aetui/data``, by default below ``~/.cache``."""
    environ = os.environ if environ is None else environ
    base = environ.get("XDG_CACHE_HOME", "")
    # The XDG specification: a relative path is ignored.
    root = Path(base) if base.startswith("/") else Path.home() / ".cache"
    return root / "aetui" / "data"


def places(data_dir: Path | None, environ: Mapping[str, str] | None = None) -> list[Place]:
    """The places to look in, in order. Raises ToolError (exit 2) where ``data_dir`` is not a folder."""
    environ = os.environ if environ is None else environ
    found = []
    if data_dir is not None:
        if not data_dir.is_dir():
            raise ToolError(
                f"--data-dir {data_dir} is not a folder",
                why="it is a file" if data_dir.exists() else "there is nothing of that name",
                do="give the folder that holds the data sets, or leave --data-dir out",
            )
        found.append(Place(label="--data-dir", folder=data_dir))
    if environ.get("AETUI_DATA"):
        found.append(Place(label="$AETUI_DATA", folder=Path(environ["AETUI_DATA"])))
    found.append(Place(label="", folder=SHARED))
    found.append(Place(label="the cache", folder=cache_folder(environ)))
    return found


def find(wanted: IdxSet, where: list[Place]) -> tuple[Path, ...] | None:
    """The four files of ``wanted`` from the first of the places that has them all, or None."""
    for place in where:
        for folder in _folders(place, wanted):
            files = complete(folder)
            if files and not _belongs_to_another(wanted, files):
                return files
    return None


def complete(folder: Path) -> tuple[Path, ...] | None:
    """The four files in ``folder``, each plain or .gz; None where one is missing."""
    files = [next(_candidates(folder, name), None) for name in FILES]
    return tuple(file for file in files if file) if all(files) else None


def describe(place: Place, wanted: IdxSet) -> str:
    """``place`` for an error; where it has some of the four files, also which it lacks."""
    fewest = min(
        ([name for name in FILES if not any(_candidates(folder, name))] for folder in _folders(place, wanted)), key=len
    )
    return f"{place} (which lacks {', '.join(fewest)})" if 0 < len(fewest) < len(FILES) else str(place)


def _folders(place: Place, wanted: IdxSet) -> tuple[Path, Path]:
    return place.folder / wanted.name, place.folder


def _candidates(folder: Path, name: str) -> Iterator[Path]:
    for path in (folder / name, folder / f"{name}.gz"):
        # is_file, not exists: a FIFO of that name would block for ever.
        if path.is_file():
            yield path


def _belongs_to_another(wanted: IdxSet, files: tuple[Path, ...]) -> bool:
    """True where the files are those of another set: all sets use the same file names.

    Judged by the small file of test labels, so that it costs nothing.
    """
    try:
        labels = unpack(files[3].read_bytes(), 1, files[3])
    except (OSError, ToolError):
        return False  # whoever reads it next says what is wrong with it
    digest = hashlib.sha256(labels).hexdigest()
    return any(digest == other.sha256[3] for other in IDX_SETS.values() if other.name != wanted.name)
