"""Shown a spoiled image, asked for the clean one."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from export.errors import ToolError
from trainer import corruption
from trainer.corruption import Corruption
from trainer.ranges import NonNegative
from trainer.variants.variant import Variant

if TYPE_CHECKING:
    from torch import Tensor

    from trainer.evaluate import HeldOutImages
    from trainer.nets import Autoencoder
    from trainer.noise import Noise


@dataclass(frozen=True, kw_only=True)
class Denoising(Variant):
    """Sees x corrupted, and is scored against the clean x; r(x̃) − x̃ points towards the data.

    The code may be as wide as the image, or wider: to copy x̃ is no way to x.
    Source: Vincent et al. 2008; CSE 465 lecture 13; Lehtinen et al. 2018, "Noise2Noise" (``target``).
    """

    narrow: ClassVar[bool] = False

    corruption: Corruption = "gaussian"
    """How images are spoiled: Gaussian noise, pixels set to 0, or pixels set to 0 or 1."""
    level: NonNegative = 0.3
    """Standard deviation σ of gaussian (pixels are in [0, 1]); for the others the share p of pixels hit, ≤ 1."""
    lowest_level: NonNegative | None = None
    """Draw each image's level from here up to level, so that the network need not be told it; default: level."""
    draw: Literal["uniform", "low"] = "uniform"
    """How levels of a range are drawn: evenly (uniform), or low ones more often (low), so that 1/level² is even."""
    clip: bool | None = None
    """Bring gaussian noise back to [0, 1], as a camera does; default: for images only. Never: --denoising.clip=false"""
    target: Literal["clean", "noisy", "pairs"] = "clean"
    """Held against: the clean image; another noisy copy of it; or its noisy partner in the data (targets in an npz)."""

    def check(self) -> None:
        super().check()
        if self.target == "pairs":
            self._check_nothing_is_spoiled()
        if self.target == "noisy" and self.corruption != "gaussian":
            raise ToolError(
                f"--denoising.target noisy does not go with {self.corruption}",
                why="noisy copies can stand in for the clean image only where their mean is that image",
                do="take --denoising.corruption gaussian, or leave --denoising.target out",
            )
        if self.clip is not None and self.corruption != "gaussian":
            raise ToolError(
                "--denoising.clip has no effect",
                why=f"{self.corruption} does not leave [0, 1]",
                do="leave it out, or take --denoising.corruption gaussian",
            )
        if self.corruption != "gaussian" and self.level > 1:
            raise ToolError(
                f"--denoising.level {self.level:g} is out of range",
                why=f"for {self.corruption} it is the share of pixels that are hit",
                do="give --denoising.level a value from 0 to 1",
            )
        if self.lowest_level is not None and self.lowest_level >= self.level:
            raise ToolError(
                f"--denoising.lowest-level {self.lowest_level:g} leaves no range",
                why=f"levels are drawn from there up to --denoising.level, which is {self.level:g}",
                do="lower it, or leave it out for one level",
            )
        if self.draw == "low" and not self.lowest_level:
            raise ToolError(
                "--denoising.draw low has no effect",
                why="it is about levels that are drawn from a range, and 1/level² has to be finite there",
                do="leave it out, or give --denoising.lowest-level a value above 0",
            )

    def _check_nothing_is_spoiled(self) -> None:
        """Noise that the data bring is the only one: what would add another has no effect."""
        for field in dataclasses.fields(self):
            if field.name != "target" and getattr(self, field.name) != field.default:
                raise ToolError(
                    f"--denoising.{field.name.replace('_', '-')} has no effect",
                    why="with --denoising.target pairs the images are noisy as they come",
                    do="leave it out, or take another --denoising.target",
                )

    def settled(self, *, points: bool) -> Denoising:
        """With clipping said. Raises ToolError (exit 2) for pixels of salt and pepper where the data are points."""
        if points and self.corruption == "salt-pepper":
            raise ToolError(
                "--denoising.corruption salt-pepper does not go with points",
                why="it sets pixels to black and white, and coordinates have neither",
                do="take gaussian or masking",
            )
        if self.clip is None and self.corruption == "gaussian" and self.target != "pairs":
            return dataclasses.replace(self, clip=not points)
        return self

    @property
    def squash(self) -> Literal["sigmoid", "clip"]:
        """Where levels are drawn the lowest ask for little more than a copy, which no sigmoid gives."""
        return "sigmoid" if self.lowest_level is None else "clip"

    def start(self, model: Autoencoder, mean: Tensor) -> None:
        super().start(model, mean)
        if self.lowest_level is not None:
            from trainer.nets import start_as_identity

            start_as_identity(model)

    def corrupt(self, x: Tensor, noise: Noise) -> Tensor:
        if self.target == "pairs":
            return x
        return self._spoil(x, noise, "corruption", self._levels(x, noise))

    @property
    def wants_targets(self) -> bool:
        return self.target == "pairs"

    def target_of(self, x: Tensor, noise: Noise) -> Tensor:
        """x, or x with noise of its own at the same levels, not clipped: its mean has to be x."""
        if self.target != "noisy":
            return x
        return x + self._levels(x, noise) * noise.normal_like(x, "target")

    def _levels(self, x: Tensor, noise: Noise) -> Tensor | float:
        """The level, or one per image: (batch, 1, 1, 1)."""
        if self.lowest_level is None:
            return self.level
        share = noise.uniform_like(x[:, :1, :1, :1], "level")
        if self.draw == "low":
            return (self.level**-2 + (self.lowest_level**-2 - self.level**-2) * share).rsqrt()
        return self.lowest_level + (self.level - self.lowest_level) * share

    def _spoil(self, x: Tensor, noise: Noise, stream: str, level: Tensor | float) -> Tensor:
        normal = corruption.takes_normal_noise(self.corruption)
        drawn = noise.normal_like(x, stream) if normal else noise.uniform_like(x, stream)
        spoiled: Tensor = corruption.corrupt(x, self.corruption, level, drawn, clip=self.clip is not False)
        return spoiled

    def metrics(self, view: HeldOutImages) -> dict[str, float | int | None]:
        """corrupted_mse, denoised_mse: per pixel against the clean image, before and after.

        At the trained level, of a range at its highest. None for pairs: there is no clean image.
        """
        if self.target == "pairs":
            return {"corrupted_mse": None, "denoised_mse": None}
        corrupted = denoised = 0.0
        for x, noise in view.batches():
            spoiled = self._spoil(x, noise, "evaluation", self.level)
            corrupted += float((spoiled - x).square().sum())
            denoised += float((view.reconstruct(spoiled) - x).square().sum())
        return {"corrupted_mse": corrupted / view.values, "denoised_mse": denoised / view.values}
