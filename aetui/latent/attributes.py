"""What is known about the images whose codes are known: attributes, or the class as one of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aetui.latent.encoded import Encoded
from aetui.latent.information import FEWEST, Information, information
from aetui.latent.load import Source

Codes = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False, kw_only=True)
class Attributed:
    """dimensions: int64 [r], of the code, in the order of ``information``'s rows. names: of its columns.

    low, high: float64 [r], between which 98 % of a dimension's values lie. count: images. step: of the weights that
    gave their codes; from_probe: they are the probe images only.
    """

    dimensions: npt.NDArray[np.int64]
    names: tuple[str, ...]
    information: Information
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    count: int
    step: int
    from_probe: bool


def attributed(source: Source, encoded: Encoded) -> Attributed | None:
    """For a thread. None where nothing is known about the images, or they are fewer than ``FEWEST``.

    Of a wide code the frame stores its most active units only: only those are compared.
    """
    sample = source.sample
    width = encoded.code.shape[1]
    dimensions, codes = np.arange(width), encoded.code
    labels, attributes, step = encoded.probe.labels, encoded.probe.attributes, encoded.step
    from_probe = True
    if sample is not None and len(sample.latent) >= FEWEST:
        units = sample.units
        latent = np.nan_to_num(sample.latent.astype(np.float32), posinf=0, neginf=0)
        whole = units is None and latent.shape[1] == width
        if whole or (units is not None and latent.shape[1] >= len(units) and units.max(initial=0) < width):
            dimensions = np.arange(width) if units is None else units
            codes, from_probe, step = latent[:, latent.shape[1] - len(dimensions) :], False, source.step
            labels, attributes = sample.labels, sample.attributes
    names, columns = _columns(labels, attributes, source.attribute_names)
    if not columns or len(codes) < FEWEST:
        return None
    known = np.nan_to_num(codes.astype(np.float64))
    low, high = np.quantile(known, (0.01, 0.99), axis=0)
    return Attributed(
        dimensions=dimensions.astype(np.int64),
        names=names,
        information=information(known, np.stack(columns, axis=1)),
        low=low,
        high=high,
        count=len(codes),
        step=step,
        from_probe=from_probe,
    )


def _columns(
    labels: npt.NDArray[np.int64], attributes: Codes | None, names: tuple[str, ...]
) -> tuple[tuple[str, ...], list[npt.NDArray[np.float64]]]:
    """(names, values [n] each): the attributes, then the class where every image has one."""
    columns = [] if attributes is None else [np.nan_to_num(column.astype(np.float64)) for column in attributes.T]
    found = [names[i] if i < len(names) else f"attribute {i + 1}" for i in range(len(columns))]
    if len(labels) and labels.min() >= 0 and labels.max() > labels.min():
        found.append("class")
        columns.append(labels.astype(np.float64))
    return tuple(found), columns
