"""``moons``, ``circles``, ``swiss-roll``: points of the plane, carried as images of 1×1×2 values.

The same numbers as scikit-learn's generators give (moons and circles unshuffled; the roll seen from its end, where it
is a spiral), whose import alone would take over a second.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from trainer.data.catalog import EMBEDDED_SETS
from trainer.data.dataset import DataSet
from trainer.data.split import Part, from_one_part

_SEED = 465
_NOISE = 0.05
"""Standard deviation of what is added to a coordinate of moons and circles, whose outer arcs have the radius 1."""
_ROLL_NOISE = 0.25
"""The same for the roll, whose turns are 6.3 apart and whose radius grows to 14.1."""

Plane = npt.NDArray[np.float64]


def load_points(name: str, validation: float) -> DataSet:
    """A set of ``POINT_SETS``: 10,000 points in float32, in their own coordinates."""
    part = POINT_SETS[name](EMBEDDED_SETS[name].images)
    return from_one_part(name, part, "computed from its formula", validation)


def moons(count: int) -> Part:
    """Two half circles that reach into each other."""
    outer = np.linspace(0, np.pi, count // 2)
    inner = np.linspace(0, np.pi, count - count // 2)
    arcs = [np.column_stack([np.cos(outer), np.sin(outer)]), np.column_stack([1 - np.cos(inner), 0.5 - np.sin(inner)])]
    return _two_classes(arcs, ("upper moon", "lower moon"))


def circles(count: int) -> Part:
    """A circle of radius 0.5 in one of radius 1."""
    outer = np.linspace(0, 2 * np.pi, count // 2, endpoint=False)
    inner = np.linspace(0, 2 * np.pi, count - count // 2, endpoint=False)
    arcs = [np.column_stack([np.cos(outer), np.sin(outer)]), 0.5 * np.column_stack([np.cos(inner), np.sin(inner)])]
    return _two_classes(arcs, ("outer circle", "inner circle"))


def swiss_roll(count: int) -> Part:
    """The spiral (t cos t, t sin t), t from 1.5π to 4.5π; how far along it a point lies, 0 to 1, is its attribute.

    Source: Marsland, "Machine Learning: An Algorithmic Perspective", 2nd edition, 2014, chapter 6.
    """
    random = np.random.RandomState(_SEED)
    along = random.uniform(size=count)
    random.uniform(size=count)  # how far along the roll's axis, from which it is seen here
    t = 1.5 * np.pi * (1 + 2 * along)
    noise = random.standard_normal(size=(3, count))
    points = np.column_stack([t * np.cos(t) + _ROLL_NOISE * noise[0], t * np.sin(t) + _ROLL_NOISE * noise[2]])
    return Part(
        images=_as_images(points),
        attributes=along.astype(np.float32)[:, np.newaxis],
        attribute_names=("along the spiral",),
        points=True,
    )


def _two_classes(arcs: list[Plane], classes: tuple[str, str]) -> Part:
    points = np.concatenate(arcs)
    points += np.random.RandomState(_SEED).normal(scale=_NOISE, size=points.shape)
    labels = np.repeat(np.arange(2, dtype=np.int64), [len(arc) for arc in arcs])
    return Part(images=_as_images(points), labels=labels, classes=classes, points=True)


def _as_images(points: Plane) -> npt.NDArray[np.float32]:
    """[n, 2] as float32 [n, 1, 1, 2]."""
    return points.astype(np.float32)[:, np.newaxis, np.newaxis]


POINT_SETS = MappingProxyType[str, Callable[[int], Part]](
    {"moons": moons, "circles": circles, "swiss-roll": swiss_roll}
)
"""Name → what makes it, given how many points."""
