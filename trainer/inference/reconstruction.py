"""Images through encoder and decoder, as they come or corrupted first, batch by batch."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from export.scores import squared_errors
from trainer import corruption
from trainer.inference.counting import counting
from trainer.inference.inputs import Inputs
from trainer.inference.models import Opened
from trainer.inference.outputs import Output, image_output
from trainer.inference.pictures import beside

if TYPE_CHECKING:
    from trainer.inference.outputs import ImageWriter

Array = npt.NDArray[np.float32]


class Corruption:
    """Noise of one kind and level, drawn in the order of the images: how large the batches are changes nothing.

    clip: bring gaussian noise back to [0, 1]; not for points.
    """

    def __init__(self, kind: str, level: float, seed: int, *, clip: bool) -> None:
        self._kind, self._level, self._clip = kind, level, clip
        self._random = np.random.default_rng(seed)

    def __call__(self, x: Array) -> Array:
        """x: float32 [n, C, H, W]; the result is the same shape."""
        normal = corruption.takes_normal_noise(self._kind)
        draw = self._random.standard_normal if normal else self._random.random
        noise = draw(x.shape, np.float32)
        return np.asarray(
            corruption.corrupt(x, self._kind, np.float32(self._level), noise, clip=self._clip), np.float32
        )


@dataclass(frozen=True)
class Found:
    """Means over ``images`` images, per pixel: ``seen_error`` of what the network was shown against the image itself
    (0 where nothing was corrupted), ``error`` of the reconstruction against the image.
    """

    images: int
    seen_error: float
    error: float


def reconstruct(
    opened: Opened,
    inputs: Inputs,
    output: Output | None,
    *,
    batch_size: int,
    dtype: str = "float32",
    side_by_side: bool = False,
    corrupted: Corruption | None = None,
    doing: str = "reconstructing",
) -> Found:
    """Write the reconstructions of all images, in their order; with no ``output`` only measure them.

    side_by_side: pictures show the image, what the network saw if it was another, and the reconstruction.
    Raises ToolError as reading the inputs and writing the output do, OSError.
    """
    names = _Pictures(inputs)
    sums = np.zeros(2)
    images = 0
    with _writer(output, opened, names, dtype) as writer, counting(doing, len(inputs)) as done:
        for batch in inputs.batches(batch_size):
            x = batch.images
            seen = corrupted(x) if corrupted else x
            _, x_hat = opened.model.reconstruct(seen)
            sums += squared_errors(x, seen).sum(), squared_errors(x, x_hat).sum()
            images += len(x)
            if writer is not None:
                shown = [x, seen, x_hat] if corrupted else [x, x_hat]
                pictures = [inputs.picture(number) for number in batch.numbers]
                writer.add(pictures, beside(shown) if side_by_side else x_hat)
            done(len(x))
    seen_error, error = (sums / max(images, 1)).tolist()
    return Found(images, seen_error, error)


class _Pictures:
    """The names of all pictures, made only where somebody asks."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs

    def __iter__(self) -> Iterator[str]:
        return map(self._inputs.picture, range(len(self._inputs)))


@contextlib.contextmanager
def _writer(output: Output | None, opened: Opened, names: _Pictures, dtype: str) -> Iterator[ImageWriter | None]:
    if output is None:
        yield None
        return
    with image_output(output, opened, names, dtype) as writer:
        yield writer
