"""The fixed test images of a run or bundle, read once."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from aetui.follow.entries import Entry
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


def corrupted(
    x: Images, index: npt.NDArray[np.int64], kind: str, level: float, *, draw: int = 0, clip: bool = True
) -> Images:
    """``x`` [n, C, H, W] corrupted; an image (by its ``index`` [n]) always the same way, whatever is beside.

    Its noise is drawn once and stays while the level changes; another ``draw`` gives another noise. clip: bring
    gaussian noise back to [0, 1]; not for points.
    """
    if not len(x):
        return x
    normal, shape = takes_normal_noise(kind), x.shape[1:]
    noise = np.stack([_noise(int(number) & 0xFFFF_FFFF, draw, normal, shape) for number in index])
    spoiled: Images = np.asarray(corrupt(x, kind, np.float32(level), noise, clip=clip), np.float32)
    return spoiled


@lru_cache(maxsize=192)
def _noise(number: int, draw: int, normal: bool, shape: tuple[int, ...]) -> Images:
    random = np.random.default_rng([number, draw])
    return random.standard_normal(shape, np.float32) if normal else random.random(shape, np.float32)


@lru_cache(maxsize=32)
def _read(path: Path, _mtime_ns: int, _inode: int) -> Probe:
    return read_probe(path)
