"""What is known of the units of one model: the codes of the probe images, figures over many images, and columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from aetui.follow.entries import Entry
from aetui.paint.images import Image, Signed
from aetui.paint.points import Points, are_points
from aetui.probes import Images
from aetui.units.statistics import Units, measure
from trainer.runs.folder import RunFolder
from trainer.runs.probe import Probe
from trainer.runs.samples import COMPONENTS, path_of, read_sample, steps

MOST_BYTES = 96 << 20
"""Of decoder columns, what is kept."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Newest:
    """Codes of the newest frame: float16 [n, k], n ≥ 1, of its test images; ``labels`` int64 [n] (−1: none).

    units: int64 [k], ascending, which units these are; None: all of them.
    """

    codes: npt.NDArray[np.float16]
    labels: npt.NDArray[np.int64]
    units: npt.NDArray[np.int64] | None
    step: int

    @property
    def name(self) -> str:
        return f"{len(self.codes)} test images (step {self.step})"

    def column(self, unit: int) -> int | None:
        """Where a unit is found; None where the frame does not hold it."""
        if self.units is None:
            return unit if unit < self.codes.shape[1] else None
        found = np.flatnonzero(self.units == unit)
        return int(found[0]) if len(found) else None


@dataclass(eq=False)
class Findings:
    """codes: float32 [m, d] of the probe images. units: figures over the images that ``source`` names.

    effects: by unit, what the decoder adds for it: float32 [C, H, W], signed; at ``zero``, what it makes of no
    activation at all, float32 [C, H, W]. step: of the weights. newest: many more images, for some units or for all.
    """

    entry: Entry
    probe: Probe
    codes: npt.NDArray[np.float32]
    units: Units
    source: str
    step: int
    effects: dict[int, Images] = field(default_factory=dict)
    zero: Images | None = None
    newest: Newest | None = None

    @property
    def width(self) -> int:
        return int(self.codes.shape[1])

    def activations(self, unit: int) -> npt.NDArray[np.float64]:
        """Of one unit on the probe images: float64 [m]."""
        return self.codes[:, unit].astype(np.float64)

    def most_values(self, unit: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], str]:
        """A unit's activations on the most images that are known for it, their labels, and which images they are."""
        column = self.newest.column(unit) if self.newest is not None else None
        if self.newest is None or column is None:
            return self.activations(unit), self.probe.labels, f"the {len(self.codes)} probe images"
        return self.newest.codes[:, column].astype(np.float64), self.newest.labels, self.newest.name

    def keep(self, units: list[int], effects: Images) -> None:
        """Remember the columns [k, C, H, W] of ``units``; where that is too much the others are forgotten."""
        if (len(self.effects) + len(units)) * effects[:1].nbytes > MOST_BYTES:
            self.effects.clear()
        self.effects.update(zip(units, effects, strict=True))

    def limit(self, units: list[int]) -> float:
        """The largest effect of ``units`` on a pixel (of the mean over the channels)."""
        found = [np.abs(self.effects[unit].mean(axis=0)) for unit in units if unit in self.effects]
        largest = max((float(np.nan_to_num(one).max(initial=0.0)) for one in found), default=0.0)
        return largest or 1.0

    def picture(self, unit: int, limit: float | None = None) -> Image:
        """The decoder column of a unit: blue where it darkens, red where it brightens, full colour at ±limit.

        limit: None is the unit's own largest effect. Points: where the decoder puts no activation, and this one.
        """
        effect = self.effects.get(unit)
        if are_points(self.probe.images):
            cloud = self.probe.pixels().reshape(len(self.probe.images), -1)
            marks = [] if effect is None or self.zero is None else [self.zero, self.zero + effect]
            return Points(np.stack(marks).reshape(len(marks), -1) if marks else cloud[:0], cloud)
        if effect is None:
            return Signed(np.zeros(self.probe.images.shape[2:], np.float32))
        values = np.nan_to_num(effect.mean(axis=0)) / (self.limit([unit]) if limit is None else limit)
        return Signed(values.clip(-1, 1).astype(np.float32))


def newest_codes(run: Path, width: int) -> Newest | None:
    """What the newest frame holds of a code of ``width`` units: all, or of a wide one some. Raises ToolError."""
    folder = RunFolder(run).samples
    found = steps(folder)
    if not found:
        return None
    sample = read_sample(path_of(folder, found[-1]))
    codes, units = sample.latent, sample.units
    if units is not None:
        codes = codes[:, COMPONENTS:]  # before them lie projections, which are of no unit
    fits = codes.shape[1] == width if units is None else codes.shape[1] == len(units) and units.max() < width
    if not len(codes) or not fits:
        return None
    return Newest(codes=codes, labels=sample.labels, units=units, step=found[-1])


def findings_of(
    entry: Entry, probe: Probe, codes: npt.NDArray[np.float32], step: int, newest: Newest | None
) -> Findings:
    """Put together what the engine said of the probe images and what the newest frame holds.

    What compares all units with each other is of the same images for all: the frame's where it holds every unit.
    """
    if newest is None or newest.units is not None:
        return Findings(entry, probe, codes, measure(codes), f"the {len(codes)} probe images", step, newest=newest)
    return Findings(entry, probe, codes, measure(newest.codes), newest.name, step, newest=newest)
