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
from trainer.runs.samples import path_of, read_sample, steps

MOST_BYTES = 96 << 20
"""Of decoder columns, what is kept."""


@dataclass(eq=False)
class Findings:
    """codes: float32 [m, d] of the probe images. units: figures over the images that ``source`` names.

    effects: by unit, what the decoder adds for it: float32 [C, H, W], signed; at ``zero``, what it makes of no
    activation at all, float32 [C, H, W]. step: of the weights.
    """

    entry: Entry
    probe: Probe
    codes: npt.NDArray[np.float32]
    units: Units
    source: str
    step: int
    effects: dict[int, Images] = field(default_factory=dict)
    zero: Images | None = None

    @property
    def width(self) -> int:
        return int(self.codes.shape[1])

    def activations(self, unit: int) -> npt.NDArray[np.float64]:
        """Of one unit on the probe images: float64 [m]."""
        return self.codes[:, unit].astype(np.float64)

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


def newest_codes(run: Path, width: int) -> tuple[npt.NDArray[np.float16], int] | None:
    """The codes [n, width] of the newest frame and its step, where it holds whole codes. Raises ToolError."""
    folder = RunFolder(run).samples
    found = steps(folder)
    if not found:
        return None
    sample = read_sample(path_of(folder, found[-1]))
    whole = sample.units is None and sample.latent.shape[1] == width and len(sample.latent) > 0
    return (sample.latent, found[-1]) if whole else None


def findings_of(
    entry: Entry,
    probe: Probe,
    codes: npt.NDArray[np.float32],
    step: int,
    newest: tuple[npt.NDArray[np.float16], int] | None,
) -> Findings:
    """Put together what the engine said of the probe images and what the newest frame holds."""
    if newest is None:
        return Findings(entry, probe, codes, measure(codes), f"the {len(codes)} probe images", step)
    latent, at = newest
    return Findings(entry, probe, codes, measure(latent), f"{len(latent)} test images (step {at})", step)
