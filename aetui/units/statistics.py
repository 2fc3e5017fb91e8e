"""What the units of a code do, from the codes of many images: pure arithmetic.

A unit's density is the share of images on which it is active, |a| > 1e-3. Source: Bricken et al. 2023, "Towards
monosemanticity", whose feature pages and density histograms these figures are for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from trainer.variants.sparse import ACTIVE as ACTIVE

Values = npt.NDArray[np.float64]
Codes = npt.NDArray[np.floating]

Order = Literal["density", "strongest", "mean", "number"]
ORDERS: tuple[Order, ...] = get_args(Order)


@dataclass(frozen=True, eq=False)
class Units:
    """Of each unit over ``count`` images, float64 [d]: density in [0, 1], mean activation, and the one that is
    largest in size, with its sign. mean_active: over the images on which it is active; 0 where there are none."""

    count: int
    density: Values
    mean: Values
    strongest: Values
    mean_active: Values

    @property
    def width(self) -> int:
        return len(self.density)

    @property
    def dead(self) -> npt.NDArray[np.bool_]:
        """Units that are active on no image."""
        return np.asarray(self.density == 0, np.bool_)

    @property
    def active_per_image(self) -> float:
        return float(self.density.sum())


def measure(codes: Codes) -> Units:
    """codes: [n, d], n ≥ 1. Values that are not finite count as 0."""
    found = np.nan_to_num(np.asarray(codes, np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    active = np.abs(found) > ACTIVE
    times = active.sum(axis=0)
    at = np.abs(found).argmax(axis=0)
    return Units(
        count=len(found),
        density=times / len(found),
        mean=found.mean(axis=0),
        strongest=np.take_along_axis(found, at[None], axis=0)[0],
        mean_active=np.where(active, found, 0.0).sum(axis=0) / np.maximum(times, 1),
    )


def order_of(units: Units, by: Order, *, backwards: bool = False) -> npt.NDArray[np.int64]:
    """The units' numbers, largest first (by number: smallest first); among equals by number."""
    if by == "number":
        numbers = np.arange(units.width)
        return numbers[::-1] if backwards else numbers
    key = {"density": units.density, "strongest": np.abs(units.strongest), "mean": np.abs(units.mean)}[by]
    return np.asarray(np.argsort(key if backwards else -key, kind="stable"), np.int64)


@dataclass(frozen=True)
class Histogram:
    """``counts[i]`` units have a density in edges[i] < log10 density ≤ edges[i + 1]; ``dead`` have none at all."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    dead: int


def density_histogram(units: Units, bins: int = 16) -> Histogram:
    """log10 of the densities, from that of one image among all to that of every image; ``bins`` ≥ 1."""
    alive = np.log10(units.density[~units.dead])
    low = min(-1.0, float(np.floor(np.log10(1 / units.count) * 2 - 1e-9) / 2))
    edges = np.linspace(low, 0.0, bins + 1)
    # A density lies in the bin that it ends: the last one holds those that are always active.
    place = np.searchsorted(edges, alive - 1e-12).clip(1, bins) - 1
    counts = np.bincount(place, minlength=bins)
    return Histogram(tuple(edges.tolist()), tuple(counts.tolist()), int(units.dead.sum()))


def class_profile(activations: Values, labels: npt.NDArray[np.int64]) -> list[tuple[int, float]]:
    """(label, mean of ``activations`` [n] over its images) for every label ≥ 0 that occurs, ascending."""
    return [(int(label), float(activations[labels == label].mean())) for label in np.unique(labels[labels >= 0])]


def strongest_images(activations: Values, most: int = 9) -> list[int]:
    """The images on which a unit is active, the strongest (in size) first; at most ``most``."""
    size = np.abs(np.nan_to_num(activations))
    return [int(i) for i in np.argsort(-size, kind="stable")[:most] if size[i] > ACTIVE]


def firing(code: Values) -> list[int]:
    """The active units of one code [d], the strongest (in size) first."""
    return strongest_images(code, len(code))


def scaled_units(units: Sequence[int], amounts: Sequence[float], width: int) -> npt.NDArray[np.float32]:
    """Codes that hold one unit each: row 0 is 0, row 1 + i is ``amounts[i]`` in unit ``units[i]``; [1 + k, width]."""
    codes = np.zeros((1 + len(units), width), np.float32)
    codes[np.arange(1, 1 + len(units)), list(units)] = amounts
    return codes


def amount_of(units: Units, unit: int) -> float:
    """What a unit is shown at: the most that it was found at; a dead one at what the others typically are."""
    if units.density[unit] > 0:
        return float(units.strongest[unit])
    alive = np.abs(units.strongest[~units.dead])
    return float(np.median(alive)) if len(alive) else 1.0
