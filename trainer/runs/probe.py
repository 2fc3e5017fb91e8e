"""``probe.npz``: the fixed test images that every view of a run (and of its bundle) shows."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from export import atomic
from export.errors import ExitCode, ToolError

COUNT = 64


@dataclass(frozen=True, kw_only=True)
class Probe:
    """images: uint8 [n, C, H, W], n ≤ 64, or float32 where they are points; labels: int64 [n] (−1: none).

    index: int64 [n], into the test split; attributes: float32 [n, A], what is known about each image, or None.
    """

    images: npt.NDArray[np.uint8] | npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]
    index: npt.NDArray[np.int64]
    attributes: npt.NDArray[np.float32] | None = None

    def pixels(self) -> npt.NDArray[np.float32]:
        """The images as the encoders take them: float32 [n, C, H, W], in [0, 1] unless they are points."""
        pixels = self.images.astype(np.float32)
        return pixels / np.float32(255) if self.images.dtype == np.uint8 else pixels


def write_probe(path: Path, probe: Probe) -> None:
    """Write ``probe.npz``; the same probe gives the same bytes. Raises OSError."""
    buffer = io.BytesIO()
    known: dict[str, Any] = {} if probe.attributes is None else {"attributes": probe.attributes}
    np.savez_compressed(buffer, images=probe.images, labels=probe.labels, index=probe.index, **known)
    atomic.write_bytes(path, buffer.getvalue())


def read_probe(path: Path) -> Probe:
    """Raises ToolError (exit 3) where the file is missing, damaged, or not a probe."""
    try:
        # Opened here, and as a zip: numpy leaves a damaged file open, and takes a lone array as well.
        with path.open("rb") as opened, zipfile.ZipFile(opened), np.load(opened, allow_pickle=False) as file:
            probe = Probe(
                images=file["images"],
                labels=file["labels"],
                index=file["index"],
                attributes=file.get("attributes"),
            )
        _check(probe)
    # RuntimeError: encrypted; MemoryError: a header that asks for terabytes.
    except (
        OSError,
        ValueError,
        KeyError,
        RuntimeError,
        MemoryError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
    ) as error:
        raise ToolError(
            f"probe images {path} cannot be read",
            why=str(error) or type(error).__name__,
            do="restore the file, or train the run again",
            exit_code=ExitCode.DAMAGED,
        ) from error
    return probe


def _check(probe: Probe) -> None:
    """Raises ValueError where the arrays are not those of a probe."""
    images, attributes = probe.images, probe.attributes
    if images.ndim != 4 or not len(images) <= COUNT or images.dtype not in (np.uint8, np.float32):
        raise ValueError(f"images are {images.dtype} {list(images.shape)}, not uint8 or float32 [n, C, H, W]")
    if images.dtype == np.float32 and not np.isfinite(images).all():
        raise ValueError("images hold values that are not numbers")
    for name, array in (("labels", probe.labels), ("index", probe.index)):
        if array.shape != (len(images),) or array.dtype.kind not in "iu":
            raise ValueError(f"{name} are {array.dtype} {list(array.shape)}, not int64 [{len(images)}]")
    if attributes is None:
        return
    if attributes.ndim != 2 or len(attributes) != len(images) or attributes.dtype != np.float32:
        raise ValueError(f"attributes are {attributes.dtype} {list(attributes.shape)}, not float32 [{len(images)}, A]")
    if not np.isfinite(attributes).all():
        raise ValueError("attributes hold values that are not numbers")
