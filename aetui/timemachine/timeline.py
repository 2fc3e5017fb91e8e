"""The frames of a training (``samples/<step>.npz``): which there are, read in a thread, and laid on one map."""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from aetui.latent.pca import Components, principal
from trainer.runs.samples import COMPONENTS, Sample, path_of, read_sample

Values = npt.NDArray[np.float64]
Stamp = tuple[int, int]

AXES = COMPONENTS
"""So many principal components are offered, where the code has as many dimensions."""

_ROOM_BYTES = 64 << 20


class FrameCache:
    """Frames that were read stay until ``room_bytes`` are full, the least used one goes first."""

    def __init__(self, room_bytes: int = _ROOM_BYTES) -> None:
        self._room = room_bytes
        self._held: OrderedDict[Path, tuple[Stamp, Sample]] = OrderedDict()
        self._bytes = 0

    def held(self, folder: Path, step: int) -> Sample | None:
        """The frame where it was read before; touches no file."""
        found = self._held.get(path_of(folder, step))
        return None if found is None else found[1]

    async def read(self, folder: Path, step: int) -> Sample:
        """The frame, from the file where it is not held or was replaced. Raises ToolError (exit 3)."""
        path = path_of(folder, step)
        stamp = await asyncio.to_thread(_stamp, path)
        found = self._held.get(path)
        if found is not None and found[0] == stamp:
            self._held.move_to_end(path)
            return found[1]
        sample = await asyncio.to_thread(read_sample, path)
        self._drop(path)
        self._held[path] = stamp, sample
        self._bytes += _size(sample)
        while self._bytes > self._room and len(self._held) > 1:
            self._drop(next(iter(self._held)))
        return sample

    def _drop(self, path: Path) -> None:
        found = self._held.pop(path, None)
        if found is not None:
            self._bytes -= _size(found[1])


def _stamp(path: Path) -> Stamp:
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0
    return found.st_ino, found.st_mtime_ns


def _size(sample: Sample) -> int:
    return int(sample.latent.nbytes + sample.reconstruction.nbytes)


def around(steps: list[int], at: int, ahead: int, direction: int) -> list[int]:
    """The steps worth reading next to ``steps[at]``: first those on the way, then the others, nearest first."""
    near = [at + by * way for by in range(1, ahead + 1) for way in (direction, -direction)]
    return [steps[index] for index in near if 0 <= index < len(steps)]


def nearest(steps: list[int], step: float) -> int:
    """The index of the step nearest to ``step``; ``steps``: ascending, at least one."""
    return int(np.abs(np.array(steps, np.float64) - step).argmin())


def projection_of(latent: npt.NDArray[np.floating], like: Components | None = None) -> Components:
    """The principal components of ``latent`` [n, d], n ≥ 1, at most ``AXES``: one projection for every frame of a run.

    Each points to where that of ``like`` does, so that the map of a training that goes on is not mirrored by its
    newest frame.
    """
    found = principal(np.nan_to_num(latent.astype(np.float64), posinf=0.0, neginf=0.0), AXES)
    if like is None or like.directions.shape != found.directions.shape:
        return found
    turned = np.where((found.directions * like.directions).sum(axis=1) < 0, -1.0, 1.0)
    return replace(found, directions=found.directions * turned[:, None])


def dimensions(sample: Sample, *, components: bool) -> int:
    """How many dimensions can be chosen from; of a wide code always its principal components."""
    width = int(sample.latent.shape[1])
    return min(AXES, width) if components or sample.units is not None else width


def coordinates(sample: Sample, pair: tuple[int, int], projection: Components | None) -> Values:
    """Where the frame's codes lie on the map of two dimensions: float64 [n, 2].

    projection: None takes the code's own dimensions (of a wide code its stored components). A code of one dimension is
    laid along the x axis, a row for each class.
    """
    found = sample.latent.astype(np.float64) if projection is None else projection.scores(sample.latent)
    if found.shape[1] == 0:
        return np.zeros((len(found), 2))
    if found.shape[1] == 1:
        return np.stack([found[:, 0], sample.labels.astype(np.float64)], axis=1)
    across, up = (min(one, found.shape[1] - 1) for one in pair)
    return found[:, [across, up]]


def name_of(sample: Sample, dimension: int, *, components: bool) -> str:
    """``PC 2`` or ``z 2``."""
    return f"PC {dimension + 1}" if components or sample.units is not None else f"z {dimension + 1}"


def limits(points: Values, margin: float = 0.15) -> tuple[tuple[float, float], tuple[float, float]]:
    """The ranges of x and y that hold all but the outermost half percent of ``points`` [n, 2], and a margin."""
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return (-1.0, 1.0), (-1.0, 1.0)
    low, high = np.quantile(points, [0.005, 0.995], axis=0)
    room = np.maximum((high - low) * margin, 1e-3 * np.maximum(np.abs(low), np.abs(high)) + 1e-9)
    low, high = low - room, high + room
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))
