"""A walk through the latent space, from image to image, as a strip, a film or an array."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from export import atomic
from export.errors import ToolError
from export.interpolation import Way, between
from trainer.inference.inputs import open_inputs
from trainer.inference.models import Opened
from trainer.inference.outputs import Output, image_output
from trainer.inference.pictures import check_sheet, comfortable_scale, gif, magnified, png, sheet, to_bytes
from trainer.inference.sources import pixels

Array = npt.NDArray[np.float32]

KINDS = {".png": "a strip, left to right", ".gif": "a film, there and back", ".npy": "one array [n, C, H, W]"}


def stations(given: Sequence[str], opened: Opened, say: Callable[[str], None]) -> Array:
    """The images to walk by: float32 [n, C, H, W], n ≥ 2. Each is a number of the bundle's own, or a file.

    Raises ToolError: exit 2 for fewer than two, or one that is not there; 3 for a file that cannot be read.
    """
    if len(given) < 2:
        raise ToolError(
            "a walk needs two images at least",
            why=f"{len(given)} given",
            do="name image files, or numbers of the bundle's own images: aetrain interpolate BUNDLE 0 7",
        )
    own = opened.probe() if any(map(_is_number, given)) else None
    found = []
    for word in given:
        if own is None or not _is_number(word):
            found.append(_from_file(Path(word), opened, say))
            continue
        if int(word) >= len(own.images):
            raise ToolError(
                f"there is no image {word}",
                why=f"the bundle has {len(own.images)} of its own, 0 to {len(own.images) - 1}",
                do="name one of these, or an image file",
            )
        found.append(pixels(own.images[int(word)][np.newaxis]))
    return np.concatenate(found)


def walk(opened: Opened, images: Array, *, steps: int, way: Way) -> Array:
    """What is decoded on the way: float32 [(n − 1)·(steps − 1) + 1, C, H, W]; each leg has both its ends in ``steps``.

    images: float32 [n, C, H, W], n ≥ 2; steps ≥ 2. Raises ToolError.
    """
    codes = opened.model.code(images)
    legs = [between(a, b, steps, way) for a, b in pairwise(codes)]
    whole = np.concatenate([legs[0], *(leg[1:] for leg in legs[1:])])
    return opened.model.decode(whole)


def write_walk(opened: Opened, frames: Array, output: Output, *, scale: int | None, frame_ms: int, dtype: str) -> None:
    """frames: float32 [n, C, H, W]. Raises ToolError (exit 2) where a picture would be too large, OSError."""
    if output.kind == ".npy":
        with image_output(output, opened, (), dtype) as writer:
            writer.add((), frames)
        return
    count, _, height, width = frames.shape
    factor = scale or comfortable_scale(height, width)
    check_sheet(count, factor * height, factor * width, count)
    shown = magnified(to_bytes(frames), factor)
    content = png(sheet(shown, count)) if output.kind == ".png" else gif(shown, frame_ms)
    output.path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_bytes(output.path, content)


def _from_file(path: Path, opened: Opened, say: Callable[[str], None]) -> Array:
    inputs = open_inputs([path], opened, limit=None, skip_bad=False, say=say)
    if len(inputs) != 1:
        raise ToolError(f"{path} holds {len(inputs)} images", why="a station is one image", do="name a file with one")
    return next(inputs.batches(1)).images


def _is_number(word: str) -> bool:
    return word.isdecimal() and word.isascii()
