"""``samples/<step>.npz``: what the network made of held-out images at one step, for the map and the time machine."""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from export import atomic
from export.errors import ExitCode, ToolError

WIDEST = 64
"""A code of more dimensions is stored as ``COMPONENTS`` projections and its ``UNITS`` most active units."""
COMPONENTS = 8
UNITS = 32
LARGEST_BYTES = 256 << 20
"""A file that unpacks to more is refused: a frame of ours has about 15 MB at most."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One frame: the codes of up to 2,000 test images, always the same ones, and the probe images' reconstructions.

    latent: float16 [n, d], the code (a distribution's mean). Of a code wider than 64 d is 40: the projection on its 8
    principal components, turned so that it lies as the images' own principal components do (frames are therefore
    comparable, and none depends on another), then the 32 units that were most active, which ``units`` names.
    units: int64 [32], ascending; None where ``latent`` is the whole code.
    labels: int64 [n] (−1: none); attributes: float32 [n, A] or None; index: int64 [n], rows of the test split.
    reconstruction: [m, C, H, W] of the first m ≤ 64 probe images: uint8, or float32 where the data are points.
    """

    latent: npt.NDArray[np.float16]
    labels: npt.NDArray[np.int64]
    index: npt.NDArray[np.int64]
    reconstruction: npt.NDArray[np.uint8] | npt.NDArray[np.float32]
    attributes: npt.NDArray[np.float32] | None = None
    units: npt.NDArray[np.int64] | None = None


def path_of(folder: Path, step: int) -> Path:
    """Where the frame of a step lies in ``samples/``."""
    return folder / f"{step:08d}.npz"


def steps(folder: Path) -> list[int]:
    """The steps that have a frame, ascending; a folder that is missing has none."""
    with contextlib.suppress(OSError):
        found = (re.fullmatch(r"(\d{8,})\.npz", path.name) for path in folder.iterdir())
        return sorted(int(match[1]) for match in found if match)
    return []


def write_sample(path: Path, sample: Sample) -> int:
    """Write a frame, uncompressed: packing would take longer than making it. Returns its bytes. Raises OSError."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{name: array for name, array in vars(sample).items() if array is not None})
    data = buffer.getvalue()
    atomic.write_bytes(path, data, durable=False)
    return len(data)


def read_sample(path: Path) -> Sample:
    """Raises ToolError (exit 3) where the file is missing, damaged, too large, or not a frame."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > LARGEST_BYTES:
            raise ValueError(f"it unpacks to {size} bytes")
        with np.load(path, allow_pickle=False) as file:
            optional = {name: file[name] for name in ("attributes", "units") if name in file}
            names = ("latent", "labels", "index", "reconstruction")
            sample = Sample(**{name: file[name] for name in names}, **optional)
        _check(sample)
    except (OSError, ValueError, KeyError, MemoryError, EOFError, zipfile.BadZipFile) as error:
        raise ToolError(
            f"sample {path} cannot be read",
            why=str(error) or type(error).__name__,
            do="delete the file: the run's other samples stand on their own",
            exit_code=ExitCode.DAMAGED,
        ) from error
    return sample


def _check(sample: Sample) -> None:
    n = len(sample.latent)
    wanted: dict[str, tuple[str, tuple[int | None, ...]]] = {
        "latent": ("f2", (n, None)),
        "labels": ("i8", (n,)),
        "index": ("i8", (n,)),
        "reconstruction": ("u1 f4", (None, None, None, None)),
        "attributes": ("f4", (n, None)),
        "units": ("i8", (UNITS,)),
    }
    for name, (kinds, shape) in wanted.items():
        array = getattr(sample, name)
        if array is None:
            continue
        fits = len(array.shape) == len(shape) and all(b in (None, a) for a, b in zip(array.shape, shape, strict=True))
        if array.dtype.str[1:] not in kinds.split() or not fits:
            raise ValueError(f"{name} is {array.dtype} {list(array.shape)}")


def cut_back(folder: Path, step: int) -> None:
    """Drop the frames after ``step``, and what a killed trainer left half written: only resuming does this."""
    for later in (other for other in steps(folder) if other > step):
        path_of(folder, later).unlink(missing_ok=True)
    for path in folder.glob(".*.tmp"):
        path.unlink(missing_ok=True)
