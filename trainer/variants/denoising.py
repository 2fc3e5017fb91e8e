"""Shown a spoiled image, asked for the clean one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from export.errors import ToolError
from trainer import corruption
from trainer.corruption import Corruption
from trainer.ranges import NonNegative
from trainer.variants.variant import Variant

if TYPE_CHECKING:
    from torch import Tensor

    from trainer.evaluate import HeldOutImages
    from trainer.noise import Noise


@dataclass(frozen=True, kw_only=True)
class Denoising(Variant):
    """Sees x corrupted, and is scored against the clean x; r(x̃) − x̃ points towards the data.

    Source: Vincent et al. 2008; CSE 465 lecture 13.
    """

    corruption: Corruption = "gaussian"
    """How images are spoiled: Gaussian noise, pixels set to 0, or pixels set to 0 or 1."""
    level: NonNegative = 0.3
    """Standard deviation σ of gaussian (pixels are in [0, 1]); for the others the share p of pixels hit, ≤ 1."""

    def check(self) -> None:
        super().check()
        if self.corruption != "gaussian" and self.level > 1:
            raise ToolError(
                f"--denoising.level {self.level:g} is out of range",
                why=f"for {self.corruption} it is the share of pixels that are hit",
                do="give --denoising.level a value from 0 to 1",
            )

    def corrupt(self, x: Tensor, noise: Noise) -> Tensor:
        return self._spoil(x, noise, "corruption")

    def _spoil(self, x: Tensor, noise: Noise, stream: str) -> Tensor:
        normal = corruption.takes_normal_noise(self.corruption)
        drawn = noise.normal_like(x, stream) if normal else noise.uniform_like(x, stream)
        spoiled: Tensor = corruption.corrupt(x, self.corruption, self.level, drawn)
        return spoiled

    def metrics(self, view: HeldOutImages) -> dict[str, float | int | None]:
        """corrupted_mse, denoised_mse: per pixel against the clean image, before and after, at the trained level."""
        corrupted = denoised = 0.0
        for x, noise in view.batches():
            spoiled = self._spoil(x, noise, "evaluation")
            corrupted += float((spoiled - x).square().sum())
            denoised += float((view.reconstruct(spoiled) - x).square().sum())
        return {"corrupted_mse": corrupted / view.values, "denoised_mse": denoised / view.values}
