"""The vector field r(x) − x of an autoencoder, and the walk x ← x + a·(r(x) − x) along it: pure arithmetic.

A denoising autoencoder's r(x) − x points to where there is data: for small Gaussian noise of variance σ² it is
σ² ∇ log p(x). Source: Alain & Bengio 2014, "What regularized auto-encoders learn from the data-generating
distribution", theorem 2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Images = npt.NDArray[np.float32]
Values = npt.NDArray[np.float64]

RATES = (0.05, 0.1, 0.2, 0.5, 1.0)
"""What ``a`` can be; 1 puts r(x) in the place of x."""

STILL = 1e-2
"""A field shorter than this share of its longest is said to stand still."""


def lengths(vectors: npt.NDArray[np.floating]) -> Values:
    """‖v‖ of each of ``vectors`` [n, …] → float64 [n]."""
    flat = np.asarray(vectors, np.float64).reshape(len(vectors), math.prod(vectors.shape[1:]))
    return np.asarray(np.sqrt((flat * flat).sum(axis=1)), np.float64)


def step_of(x: Images, r: Images, rate: float) -> Images:
    """x + rate · (r − x), of the shape of ``x``; exactly r where the rate is 1."""
    return np.asarray((1 - rate) * x + rate * r, np.float32)


def errors(x: Images, clean: Images) -> Values:
    """Mean squared error of each image to its clean one, per pixel: float64 [n]."""
    difference = (x.astype(np.float64) - clean).reshape(len(x), math.prod(x.shape[1:]))
    return np.asarray((difference * difference).mean(axis=1), np.float64)


@dataclass
class Walk:
    """Every place of a walk so far. ``xs[t]``: [n, C, H, W] after t steps; ``rs[t]``: what the network makes of it.

    ``at`` is the step that is shown, 0 ≤ at < len(rs) once there is an r. A non-finite place ends the walk.
    """

    start: Images
    rate: float
    longest: int = 200
    xs: list[Images] = field(default_factory=list)
    rs: list[Images] = field(default_factory=list)
    at: int = 0

    def __post_init__(self) -> None:
        self.xs = [self.start]

    @property
    def needs(self) -> Images | None:
        """What the network has to be asked next; None: all of the walk that is shown is known."""
        return self.xs[len(self.rs)] if len(self.rs) < len(self.xs) else None

    @property
    def over(self) -> bool:
        """True where there is no further step."""
        return len(self.rs) > self.longest or (bool(self.rs) and not bool(np.isfinite(self.rs[-1]).all()))

    def answer(self, r: Images) -> None:
        """``r`` of what ``needs`` asked."""
        self.rs.append(r)

    def forward(self) -> bool:
        """One step on. Returns False where the network has to be asked first, or the walk is over."""
        if self.at + 1 < len(self.rs):
            self.at += 1
            return True
        if self.needs is None and not self.over:
            self.xs.append(step_of(self.xs[-1], self.rs[-1], self.rate))
        return False

    def arrive(self) -> None:
        """Go to the newest place that is known."""
        self.at = max(0, len(self.rs) - 1)

    def back(self) -> None:
        """One step back, to the start at most."""
        self.at = max(0, self.at - 1)

    def turn(self, rate: float) -> None:
        """Go on from the shown place at another rate; what came after it is forgotten."""
        self.rate = rate
        del self.xs[self.at + 1 :], self.rs[self.at + 1 :]

    def lengths(self, which: int) -> Values:
        """‖r(x) − x‖ of one image at every known step."""
        return np.array([lengths((r - x)[which : which + 1])[0] for x, r in zip(self.xs, self.rs, strict=False)])

    def errors(self, which: int, clean: Images) -> Values:
        """The mean squared error of one image to ``clean`` [C, H, W] at every known step."""
        known = self.xs[: len(self.rs)]
        return np.array([errors(x[which : which + 1], clean[None])[0] for x in known])

    def trails(self) -> Images:
        """Where all have been up to the shown step: [steps + 1, n, C, H, W]."""
        return np.stack(self.xs[: self.at + 1])
