"""What data sets there are, where each was found, or how to get it: for ``aetrain data``."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from export.errors import ToolError, from_os_error
from trainer.data.catalog import EMBEDDED_SETS, IDX_SETS, NAMES, EmbeddedSet, IdxSet
from trainer.data.fetch import find_or_fetch, verify
from trainer.data.idx import idx_shape
from trainer.data.load import load
from trainer.data.places import find, places


@dataclass(frozen=True, kw_only=True)
class Found:
    """One data set as it stands on this machine.

    state: found (its files are there), verified (and hold what was published), absent, or damaged.
    where: what holds it, for people; None where it is absent. images: how many, as published where it is absent.
    image_shape: (C, H, W). do: how to get or repair it; None where there is nothing to do.
    """

    name: str
    state: Literal["found", "verified", "absent", "damaged"]
    where: str | None
    images: int
    image_shape: tuple[int, int, int]
    do: str | None = None


def survey(data_dir: Path | None) -> list[Found]:
    """Every named data set. Reads headers only, fetches nothing. Raises ToolError (exit 2) for a bad ``data_dir``."""
    where = places(data_dir)
    rows = [_embedded(one) for one in EMBEDDED_SETS.values()]
    for wanted in IDX_SETS.values():
        files = find(wanted, where)
        rows.append(_found(wanted, files) if files else _absent(wanted))
    return rows


def examine(data: str, data_dir: Path | None) -> Found:
    """``data`` made ready: a named set is fetched where it is absent and held against its checksums; a path is read.

    Raises ToolError, as ``load`` does; exit 3 where the files of a named set are not what was published.
    """
    if data in IDX_SETS:
        files = find_or_fetch(IDX_SETS[data], data_dir)
        verify(IDX_SETS[data], files)
        return _found(IDX_SETS[data], files, state="verified")
    loaded = load(data, data_dir=data_dir)
    return Found(
        name=loaded.name,
        state="verified" if data in NAMES else "found",
        where=loaded.source,
        images=len(loaded.train) + len(loaded.validation) + len(loaded.test),
        image_shape=loaded.image_shape,
    )


def _embedded(wanted: EmbeddedSet) -> Found:
    there = wanted.package is None or importlib.util.find_spec("sklearn") is not None
    return Found(
        name=wanted.name,
        state="found" if there else "absent",
        where=(wanted.package or "computed when it is used") if there else None,
        images=wanted.images,
        image_shape=wanted.image_shape,
        do=None if there else f"pip install {wanted.package}",
    )


def _found(wanted: IdxSet, files: tuple[Path, ...], state: Literal["found", "verified"] = "found") -> Found:
    folder = str(files[0].parent)
    try:
        train, test = idx_shape(files[0], 3), idx_shape(files[2], 3)
    except OSError as error:
        return _damaged(wanted, folder, from_os_error(error))
    except ToolError as error:
        return _damaged(wanted, folder, error)
    height, width = train[1:]
    return Found(name=wanted.name, state=state, where=folder, images=train[0] + test[0], image_shape=(1, height, width))


def _damaged(wanted: IdxSet, folder: str, error: ToolError) -> Found:
    return Found(
        name=wanted.name,
        state="damaged",
        where=folder,
        images=wanted.train + wanted.test,
        image_shape=wanted.image_shape,
        do=f"{error.what}: {error.why}; {error.do}",
    )


def _absent(wanted: IdxSet) -> Found:
    package = f", or apt-get install {wanted.package}" if wanted.package else ""
    return Found(
        name=wanted.name,
        state="absent",
        where=None,
        images=wanted.train + wanted.test,
        image_shape=wanted.image_shape,
        do=f"aetrain data {wanted.name}   (fetches it){package}",
    )
