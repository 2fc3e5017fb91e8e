"""``faces``: the lecture's example of what a code could say, portraits drawn from six known attributes.

Nothing else varies, so the six numbers are all that there is to know about an image. Each is uniform in [0, 1) and
independent of the others, glasses too (how bold they are): attributes of one distribution have one entropy and one
scale, so that scores like MIG and DCI weigh them alike, and a face changes smoothly with each.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from trainer.data.catalog import EMBEDDED_SETS
from trainer.data.dataset import DataSet
from trainer.data.portrait import ATTRIBUTES, draw
from trainer.data.split import Part, from_one_part

_SEED = 465


def load_faces(validation: float) -> DataSet:
    """The first 12,000 faces with their attributes, without classes."""
    images, attributes = draw_faces(EMBEDDED_SETS["faces"].images)
    part = Part(images=images, attributes=attributes, attribute_names=ATTRIBUTES)
    return from_one_part("faces", part, f"drawn from {len(ATTRIBUTES)} attributes", validation)


def draw_faces(count: int, start: int = 0) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """(images uint8 [count, 3, 32, 32], attributes float32 [count, 6]) of the faces from number ``start`` on.

    There is no last one, and a face is the same in whatever company it is drawn.
    """
    attributes = attributes_of(np.arange(start, start + count, dtype=np.uint64))
    return draw(attributes), attributes


def attributes_of(index: npt.NDArray[np.uint64]) -> npt.NDArray[np.float32]:
    """The attributes of the faces ``index`` [n]: float32 [n, 6], uniform in [0, 1).

    Face i takes the draws 6i … 6i + 5 of SplitMix64, which can be had from any place of its sequence.
    Source: Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators".
    """
    each = np.arange(len(ATTRIBUTES), dtype=np.uint64)
    z = splitmix64(_SEED, index[:, np.newaxis] * np.uint64(len(ATTRIBUTES)) + each)
    # The highest 24 bits: as many as a float32 has.
    return (z >> np.uint64(40)).astype(np.float32) * np.float32(2**-24)


def splitmix64(seed: int, number: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The draws ``number`` (counted from 0, any shape) of the sequence of ``seed``; 64 random bits each."""
    z = np.uint64(seed) + (number + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
