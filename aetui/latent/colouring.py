"""By what the dots of a map are coloured: the class of an image, or a number that is known of it, in bins."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

BINS = 5
MOST_CLASSES = 36


@dataclass(frozen=True, eq=False, kw_only=True)
class Colouring:
    """title: what the colours say. group: int64 [n], −1: none. names: of the groups. ordered: they are bins."""

    title: str
    group: Ints
    names: tuple[str, ...]
    ordered: bool = False


def colourings(
    labels: Ints,
    attributes: npt.NDArray[np.float32] | None,
    attribute_names: Sequence[str],
    class_name: Callable[[int], str],
) -> list[Colouring]:
    """All there are, at least one: by class where there are labels, then by each attribute, else by nothing.

    labels: int64 [n], −1: none. attributes: float32 [n, A] or None. Names come from outside, and stay as they are.
    """
    found = []
    present = np.unique(labels[labels >= 0])[:MOST_CLASSES]
    if len(present):
        place = np.searchsorted(present, labels).clip(0, len(present) - 1)
        group = np.where(present[place] == labels, place, -1)
        names = tuple(class_name(int(label)) for label in present)
        found.append(Colouring(title="class", group=group, names=names))
    for i in range(0 if attributes is None else attributes.shape[1]):
        assert attributes is not None
        name = attribute_names[i] if i < len(attribute_names) else f"attribute {i + 1}"
        found.append(binned(name, attributes[:, i]))
    return found or [Colouring(title="", group=np.full(len(labels), -1), names=())]


def binned(title: str, values: npt.NDArray[np.float32]) -> Colouring:
    """``values`` [n] in ``BINS`` equal parts of their range; what is no number belongs to none."""
    known = np.isfinite(values)
    if not known.any():
        return Colouring(title=title, group=np.full(len(values), -1), names=())
    exact = np.where(known, values, 0).astype(np.float64)
    low, high = float(exact[known].min()), float(exact[known].max())
    if high <= low:
        return Colouring(title=title, group=np.where(known, 0, -1), names=(f"{low:.3g}",), ordered=True)
    group = np.minimum(((exact - low) / (high - low) * BINS).astype(np.int64), BINS - 1)
    edges = np.linspace(low, high, BINS + 1)
    digits = max(0, -math.floor(math.log10((high - low) / BINS)))
    names = tuple(f"{edges[i]:.{digits}f} to {edges[i + 1]:.{digits}f}" for i in range(BINS))
    return Colouring(title=title, group=np.where(known, group, -1), names=names, ordered=True)
