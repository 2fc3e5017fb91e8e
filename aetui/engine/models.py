"""The bundles that the engine process has open: read again when they change, the least used one closed.

``Models(provider).get(folder)`` → ``Loaded(model, manifest)``. A change is a different ``manifest.json``: a run's
``live/`` is a symlink that its trainer switches to a new folder every few seconds.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from export.bundle import Manifest, read_bundle
from export.runtime import Model, Provider, open_model

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
            stamp = _stamp(folder)  # before it is read: a switch in between is seen next time
            bundle = read_bundle(folder)
            found = Loaded(open_model(bundle, self._provider), bundle.manifest, stamp)
        self._open[folder] = found
        self._open.move_to_end(folder)
        while len(self._open) > MOST_OPEN:
            self._open.popitem(last=False)
        return found


def _stamp(folder: Path) -> Stamp | None:
    try:
        status = os.stat(folder / "manifest.json")
        return os.path.realpath(folder), status.st_ino, status.st_size, status.st_mtime_ns
    except OSError:
        return None
