"""``probe.npz``: the fixed test images that every view of a run (and of its bundle) shows."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from export import atomic
from export.errors import ExitCode, ToolError

COUNT = 64


@dataclass(frozen=True, kw_only=True)
class Probe:
    """images: uint8 [n, C, H, W], n ≤ 64; labels: int64 [n] (−1: none); index: int64 [n], into the test split."""

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    index: npt.NDArray[np.int64]

    def pixels(self) -> npt.NDArray[np.float32]:
        """The images as the encoders take them: float32 [n, C, H, W] in [0, 1]."""
        return self.images.astype(np.float32) / np.float32(255)


def write_probe(path: Path, probe: Probe) -> None:
    """Write ``probe.npz``; the same probe gives the same bytes. Raises OSError."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, images=probe.images, labels=probe.labels, index=probe.index)
    atomic.write_bytes(path, buffer.getvalue())


def read_probe(path: Path) -> Probe:
    """Raises ToolError (exit 3) where the file is missing, damaged, or not a probe."""
    try:
        with np.load(path, allow_pickle=False) as file:
            probe = Probe(images=file["images"], labels=file["labels"], index=file["index"])
        count = len(probe.images)
        if probe.images.dtype != np.uint8 or probe.images.ndim != 4 or not count <= COUNT:
            raise ValueError(f"images are {probe.images.dtype} {list(probe.images.shape)}, not uint8 [n, C, H, W]")
        if probe.labels.shape != (count,) or probe.index.shape != (count,):
            raise ValueError("labels and index do not fit the images")
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError) as error:
        raise ToolError(
            f"probe images {path} cannot be read",
            why=str(error) or type(error).__name__,
            do="restore the file, or train the run again",
            exit_code=ExitCode.DAMAGED,
        ) from error
    return probe
