"""``live/``: the current weights as graphs, behind one symbolic link. Not verified; it only has to be fast."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path

from torch import nn

from export import atomic
from export.graphs import data_name, lower_graphs, versions
from export.lower import UNIT_RANGE
from export.manifest import Manifest, file_table

KEPT_S = 10.0
"""How long a replaced folder of ``live/`` stays, in seconds: a reader may be in the middle of it."""


def write_live(
    *,
    encoder: nn.Module,
    decoder: nn.Module,
    name: str,
    variant: str,
    arch: str,
    data: str,
    step: int,
    image_shape: tuple[int, int, int],
    latent_dim: int,
    link: Path,
    input_range: tuple[float, float] = UNIT_RANGE,
) -> float:
    """Put the current weights behind ``link`` (``runs/<name>/live``) as graphs and a manifest; not verified.

    The weights may be on any device; the modules are not changed, whatever their mode. The folder that was replaced
    stays 10 s. Returns the seconds that it took. Raises ToolError for a network that cannot be lowered, OSError.
    """
    start = time.perf_counter()
    graphs = lower_graphs(encoder, decoder, image_shape, latent_dim, input_range)
    manifest = Manifest(
        name=name,
        variant=variant,
        arch=arch,
        data=data_name(data),
        image_shape=image_shape,
        latent_dim=latent_dim,
        input_range=input_range,
        heads=graphs.heads,
        step=step,
        verified=False,
        versions=versions(),
        files=file_table(graphs.files.items()),
    )
    folder = _free_name(link.parent, f".live-{step:08d}")
    with atomic.new_folder(folder, durable=False) as new:
        for file, content in graphs.files.items():
            atomic.write_bytes(new / file, content, durable=False)
        atomic.write_json(new / "manifest.json", manifest.as_json(), durable=False)
    _retire(link)
    atomic.switch_symlink(link, folder.name)
    _remove_retired(link)
    return time.perf_counter() - start


def _free_name(parent: Path, name: str) -> Path:
    """``name``, or with a number behind it: a resumed run may pass the same step again."""
    path, number = parent / name, 0
    while path.exists():
        number += 1
        path = parent / f"{name}.{number}"
    return path


def _retire(link: Path) -> None:
    """Note in the folder's own time stamp since when it is no longer the newest."""
    with contextlib.suppress(OSError):
        os.utime(link)


def _remove_retired(link: Path) -> None:
    """Remove the folders that were replaced more than 10 s ago, and what a killed trainer left half written."""
    current = os.readlink(link)
    for pattern in (".live-*", "..live-*"):
        for folder in link.parent.glob(pattern):
            with contextlib.suppress(OSError):
                if folder.name != current and abs(time.time() - folder.lstat().st_mtime) > KEPT_S:
                    shutil.rmtree(folder)
