"""Which of the probe images are shown, and in which order: pure."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

Order = Literal["stored", "worst", "best"]
ORDERS: tuple[Order, ...] = get_args(Order)

Positions = npt.NDArray[np.int64]


def classes_of(labels: npt.NDArray[np.int64]) -> list[int]:
    """The classes that occur, in order; −1, an image without one, is none."""
    return [int(label) for label in np.unique(labels) if label >= 0]


def next_class(labels: npt.NDArray[np.int64], shown: int | None) -> int | None:
    """The class after ``shown``; after the last one, and where there are none, None: all."""
    later = [label for label in classes_of(labels) if shown is None or label > shown]
    return later[0] if later else None


def picked(
    labels: npt.NDArray[np.int64], shown: int | None, order: Order, badness: npt.NDArray[np.float64] | None
) -> Positions:
    """Positions of the images of one class (None, or one that does not occur: all), int64 [m], m ≥ 1 where n is.

    badness: float64 [n], grows as the reconstruction gets worse; None: not known yet, as stored. Equals keep their
    order.
    """
    positions = np.flatnonzero(labels == shown) if shown is not None else np.arange(len(labels))
    if not len(positions):
        positions = np.arange(len(labels))
    if order != "stored" and badness is not None:
        keys = badness[positions] * (-1 if order == "worst" else 1)
        positions = positions[np.argsort(keys, kind="stable")]
    return positions.astype(np.int64)
