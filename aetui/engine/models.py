"""The bundles that the engine process has open: read again when they change, the least used one closed.

``Models(provider).get(folder)`` → ``Loaded(model, manifest)``. A change is a different ``manifest.json``: a run's
``live/`` is a symlink that its trainer switches to a new folder every few seconds.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from export.bundle import Manifest, read_bundle
from export.errors import ToolError
from export.runtime import Model, open_model

Provider = Literal["auto", "cuda", "cpu"]
Stamp = tuple[str, int, int, int]

MOST_OPEN = 16


@dataclass(frozen=True)
class Loaded:
    """An open bundle; stamp tells whether its folder still holds the same."""

    model: Model
    manifest: Manifest
    stamp: Stamp | None


class Models:
    """At most ``MOST_OPEN`` open bundles, by folder."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._open: OrderedDict[Path, Loaded] = OrderedDict()

    def get(self, folder: Path) -> Loaded:
        """The model of ``folder`` as it is now. Raises ToolError (exit 3 where the bundle is damaged)."""
        found = self._open.get(folder)
        if found is None or found.stamp is None or found.stamp != _stamp(folder):
            self._open.pop(folder, None)
            found = self._load(folder)
        self._open[folder] = found
        self._open.move_to_end(folder)
        while len(self._open) > MOST_OPEN:
            self._open.popitem(last=False)
        return found

    def _load(self, folder: Path) -> Loaded:
        """Reads from the folder behind the symlink; begins anew where it is switched and removed meanwhile."""
        for attempt in range(3):
            stamp = _stamp(folder)
            real = folder.resolve()
            try:
                bundle = read_bundle(real)
                return Loaded(open_model(bundle, self._provider), bundle.manifest, stamp)
            except ToolError:
                if attempt == 2 or folder.resolve() == real:
                    raise
        raise AssertionError("unreachable")


def _stamp(folder: Path) -> Stamp | None:
    try:
        status = os.stat(folder / "manifest.json")
        return os.path.realpath(folder), status.st_ino, status.st_size, status.st_mtime_ns
    except OSError:
        return None
