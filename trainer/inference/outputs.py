"""What ``--output`` means, by its suffix, and what must not be written over."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from export import atomic
from export.errors import ToolError
from trainer.inference.arrays import NpyStream
from trainer.inference.models import Opened
from trainer.inference.pictures import png, to_bytes

FOLDER = ""
"""The kind of an output without a suffix."""

IMAGES = {FOLDER: "a PNG per image", ".npy": "one array [n, C, H, W]"}
"""What commands write that give images back."""


@dataclass(frozen=True)
class Output:
    """Where results go. kind: its suffix in small letters, or ``FOLDER``."""

    path: Path
    kind: str
    force: bool


def check_output(path: Path, kinds: Mapping[str, str], *, force: bool, opened: Opened | None = None) -> Output:
    """``path`` as an output of one of the ``kinds`` (suffix → what it holds), before any work is done for it.

    opened: the model that makes pictures; None where a kind is none. Raises ToolError (exit 2): for another suffix,
    for a picture of what has no pixels, and where something stands that must not be replaced.
    """
    is_folder = FOLDER in kinds and (path.is_dir() or not path.suffix)
    kind = FOLDER if is_folder else path.suffix.lower()
    if kind not in kinds:
        raise ToolError(
            f"--output {path} is of no kind that this command writes",
            why="; ".join(f"{suffix or 'a folder'}: {holds}" for suffix, holds in kinds.items()),
            do=f"--output {path.stem or 'out'}{next(suffix for suffix in kinds if suffix)}",
        )
    if opened is not None and opened.points and kind in (FOLDER, ".png", ".gif"):
        raise ToolError(
            f"--output {path} would be a picture of numbers",
            why=f"images of {opened.bundle.manifest.data} are rows of {opened.image_shape[2]} numbers, without pixels",
            do=f"--output {path.stem or 'out'}.npy",
        )
    if kind != FOLDER:
        _check_file(path, force=force)
    return Output(path, kind, force)


def _check_file(path: Path, *, force: bool) -> None:
    if path.is_dir():
        raise ToolError(f"{path} is a folder", why="the output is a file", do="choose another --output")
    if os.path.lexists(path) and not force:
        raise ToolError(f"{path} exists already", why="it would be replaced", do="--force replaces it")


@contextlib.contextmanager
def image_output(output: Output, opened: Opened, names: Iterable[str], dtype: str) -> Iterator[ImageWriter]:
    """What takes images one batch after the other; all of it appears when the block ends well, or nothing.

    names: of all pictures that may come, for a folder. dtype: ``float32`` or ``uint8``, of an ``.npy``.
    Raises ToolError (exit 2) where a folder holds what this would not write; OSError.
    """
    if output.kind == FOLDER:
        _check_folder(output, names)
        # Not forced to the disk one by one: that takes longer than everything else, and they can be made again.
        with atomic.new_folder(output.path, replace=True, durable=False) as folder:
            yield PictureFolder(folder)
    else:
        output.path.parent.mkdir(parents=True, exist_ok=True)
        with atomic.new_file(output.path) as file:
            stream = NpyStream(file, np.dtype(dtype), opened.image_shape)
            yield ImageArray(stream, as_bytes=dtype == "uint8")
            stream.finish()


class PictureFolder:
    """One PNG per image, under its name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, names: Iterable[str], images: npt.NDArray[np.float32]) -> None:
        """images: float32 [n, C, H, W] in [0, 1]. Raises ToolError (exit 2) for a name that was there, OSError."""
        for name, image in zip(names, to_bytes(images), strict=True):
            path = self._folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists():
                raise ToolError(
                    f"two images are called {name}", why="each is a file of its own", do="give them names of their own"
                )
            atomic.write_bytes(path, png(image), durable=False)


class ImageArray:
    """One array with all of them."""

    def __init__(self, stream: NpyStream, *, as_bytes: bool) -> None:
        self._stream, self._as_bytes = stream, as_bytes

    def add(self, names: Iterable[str], images: npt.NDArray[np.float32]) -> None:
        """images: float32 [n, C, H, W]; names are not kept. Raises OSError."""
        self._stream.append(to_bytes(images) if self._as_bytes else images)


ImageWriter = PictureFolder | ImageArray


def _check_folder(output: Output, names: Iterable[str]) -> None:
    """Raises ToolError (exit 2) unless the folder is new, empty, or (with force) full of what is written again."""
    path = output.path
    if os.path.lexists(path) and not path.is_dir():
        raise ToolError(
            f"{path} is in the way", why="it is a file, and the output is a folder", do="choose another --output"
        )
    if path.is_symlink():
        raise ToolError(f"{path} is a link", why="a link is not replaced by a folder", do="name the folder itself")
    standing = list(_files(path)) if path.is_dir() else []
    if not standing:
        return
    if not output.force:
        raise ToolError(
            f"{path} is not empty", why=f"it holds {standing[0]}", do="choose another --output, or replace it: --force"
        )
    ours = set(names)
    foreign = next((name for name in standing if name not in ours), None)
    if foreign is not None:
        raise ToolError(
            f"{path} is not replaced, not even with --force",
            why=f"it holds {foreign}, which this command would not write again",
            do="choose another --output, or remove the folder yourself",
        )


def _files(folder: Path) -> Iterator[str]:
    """Every file below ``folder``, relative, with slashes."""
    for root, _, names in os.walk(folder):
        for name in sorted(names):
            yield os.path.relpath(os.path.join(root, name), folder).replace(os.sep, "/")
