"""Codes drawn without an image: from the prior, or where a variant has none from a Gaussian fitted to codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from export.gaussian import Gaussian, fit_gaussian

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False, kw_only=True)
class Prior:
    """width: of the code. fitted: None is N(0, I). positive: a draw below 0 becomes 0, as no code was."""

    width: int
    fitted: Gaussian | None = None
    positive: bool = False

    def draw(self, count: int, seed: int, temperature: float = 1.0) -> Array:
        """float32 [count, width]: the same for the same seed, and of more draws the first ones stay the same.

        temperature: ≥ 0, a factor on the deviation from the mean; below 1 the draws are more typical and less various.
        """
        noise = np.random.default_rng(seed).standard_normal((count, self.width)).astype(np.float32)
        if self.fitted is None:
            return noise * np.float32(temperature)
        mean = self.fitted.mean
        drawn = mean + np.float32(temperature) * (self.fitted.draw(noise) - mean)
        return np.asarray(drawn.clip(min=0) if self.positive else drawn, np.float32)


def fitted_prior(codes: Array) -> Prior:
    """A Gaussian with the mean and the covariance of ``codes`` [n, d], n ≥ 1, finite. Raises ValueError."""
    return Prior(width=codes.shape[1], fitted=fit_gaussian(codes), positive=bool((codes >= 0).all()))
