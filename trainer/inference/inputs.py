"""The images of a batch job, in one order: files, folders, arrays, or the bundle's own. Read piece by piece.

What is held in memory does not grow with the number of images, but for the names of files; an ``.npz``, which is
compressed, is read whole.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
import numpy.typing as npt

from export.errors import ToolError
from trainer.data.folder import find_images, is_image
from trainer.inference.models import Opened
from trainer.inference.sources import ArrayImages, FileImages, Source, open_array

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Batch:
    """Images one after the other. numbers: where each stands among all, ascending; images: float32 [n, C, H, W]."""

    numbers: list[int]
    images: Array


class Inputs:
    """All images of a job. ``open_inputs`` makes one.

    skipped: (name, reason) of what could not be read, where that was asked for; filled by ``batches``.
    """

    def __init__(self, sources: Sequence[Source], limit: int | None = None) -> None:
        self._sources = list(sources)
        self._ends = list(accumulate(len(source) for source in sources))
        self.skipped: list[tuple[str, str]] = []
        there = self._ends[-1] if self._ends else 0
        self._count = there if limit is None else min(there, limit)

    def __len__(self) -> int:
        return self._count

    def name(self, number: int) -> str:
        """What image ``number`` is called: its path below the folder that was given, or its file's name and number."""
        source, own = self._locate(number)
        return source.name(own)

    def picture(self, number: int) -> str:
        """The path of a PNG made of image ``number``, relative, with slashes; no two are the same."""
        source, own = self._locate(number)
        return source.picture(own)

    def batches(self, size: int) -> Iterator[Batch]:
        """The images in order, at most ``size`` at a time. Raises ToolError: exit 2 for values that are none, exit 3
        for a file that cannot be read, unless such files are skipped.
        """
        begin = 0
        for source, end in zip(self._sources, self._ends, strict=True):
            for start in range(begin, min(end, self._count), size):
                stop = min(start + size, end, self._count)
                kept, images = source.read(start - begin, stop - begin, self.skipped)
                if kept:
                    yield Batch([begin + own for own in kept], images)
            begin = end

    def _locate(self, number: int) -> tuple[Source, int]:
        place = bisect_right(self._ends, number)
        return self._sources[place], number - (self._ends[place - 1] if place else 0)


def open_inputs(
    paths: Sequence[Path], opened: Opened, *, limit: int | None, skip_bad: bool, say: Callable[[str], None]
) -> Inputs:
    """The images at ``paths``, or the bundle's own where there are none.

    say: is told once if files are scaled. Raises ToolError: exit 2 for what is missing or of another shape, 3 for a
    damaged array; OSError.
    """
    if limit is not None and limit < 1:
        raise ToolError(f"--limit {limit} is out of range", why="it is a number of images", do="give --limit 1 or more")
    if not paths:
        probe = opened.probe()
        return Inputs([ArrayImages(stem="probe", images=probe.images, unbounded=opened.unbounded)], limit)
    groups: list[Sequence[Path] | Path] = []
    for path in paths:
        found = _found(path)
        if isinstance(found, Path) or not groups or isinstance(groups[-1], Path):
            groups.append(found)
        else:
            groups[-1] = [*groups[-1], *found]
    above = _above([path for path in paths if path.is_dir() or is_image(path.name)])
    scaled = _Once(say)
    sources: list[Source] = [
        open_array(group, opened)
        if isinstance(group, Path)
        else FileImages(
            files=[os.fspath(path) for path in group], above=above, opened=opened, skip=skip_bad, say=scaled
        )
        for group in groups
    ]
    _refuse_the_same_twice(sources)
    return Inputs(sources, limit)


def _found(path: Path) -> Sequence[Path] | Path:
    """An array's own path, or the image files that ``path`` means."""
    if path.is_dir():
        return find_images(path)
    if not path.exists():
        raise ToolError(
            f"there is nothing at {path}",
            why="no file and no folder has this name",
            do="check the path; without any, the bundle's own images are taken",
        )
    if path.suffix.lower() in (".npy", ".npz"):
        return path
    if is_image(path.name):
        return [path]
    raise ToolError(
        f"{path} is neither an image nor an array",
        why="images end in .png, .jpg and the like, arrays in .npy or .npz",
        do="give such a file, or a folder of images",
    )


def _above(paths: Sequence[Path]) -> str:
    """The folder below which images are named: the one that was given, or the nearest above all of them."""
    folders = [os.path.abspath(path if path.is_dir() else path.parent) for path in paths]
    return os.path.commonpath(folders) if folders else ""


def _refuse_the_same_twice(sources: Sequence[Source]) -> None:
    seen: set[str] = set()
    for source in sources:
        for key in source.files():
            if key in seen:
                raise ToolError(
                    f"{key} is given twice", why="each image has a name of its own", do="name every input once"
                )
            seen.add(key)


class _Once:
    """Says only the first thing that it is told."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say: Callable[[str], None] | None = say

    def __call__(self, text: str) -> None:
        say, self._say = self._say, None
        if say is not None:
            say(text)
