"""The fixed test images of a run or bundle, read once."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from aetui.entries import Entry
from export.errors import ExitCode, ToolError
from trainer.corruption import corrupt, takes_normal_noise
from trainer.runs.probe import Probe, read_probe

Images = npt.NDArray[np.float32]


def probe_of(entry: Entry) -> Probe:
    """The probe images of ``entry``. Raises ToolError (exit 3) where there are none to be read."""
    try:
        found = os.stat(entry.probe or "")
    except OSError as error:
        raise ToolError(
            f"{entry.name} has no probe images",
            why=f"{entry.probe or 'probe.npz'}: {error.strerror}",
            do="they are written when a run starts: train it again",
            exit_code=ExitCode.DAMAGED,
        ) from error
    probe = _read(entry.probe or Path(), found.st_mtime_ns, found.st_ino)
    if not len(probe.images):
        raise ToolError(
            f"{entry.name} has no probe images",
            why=f"{entry.probe} holds none",
            do="they are written when a run starts: train it again",
            exit_code=ExitCode.DAMAGED,
        )
    return probe


def probe_pixels(entry: Entry) -> Images:
    """The probe images as the network takes them: float32 [n, C, H, W] in [0, 1]. Raises ToolError."""
    return probe_of(entry).pixels()


def corrupted(x: Images, index: npt.NDArray[np.int64], kind: str, level: float) -> Images:
    """``x`` [n, C, H, W] corrupted; an image (by its ``index`` [n]) always the same way, whatever is beside."""
    if not len(x):
        return x
    draw = [np.random.default_rng(int(number) & 0xFFFF_FFFF) for number in index]
    normal = takes_normal_noise(kind)
    shape = x.shape[1:]
    noise = np.stack([d.standard_normal(shape) if normal else d.random(shape) for d in draw])
    spoiled: Images = np.asarray(corrupt(x, kind, level, noise), np.float32)
    return spoiled


@lru_cache(maxsize=32)
def _read(path: Path, _mtime_ns: int, _inode: int) -> Probe:
    return read_probe(path)
