"""``--lr auto``: try rising learning rates for some steps on a copy of the network, and take one below the best.

Source: Smith 2017, "Cyclical learning rates for training neural networks", section 3.3 (the range test).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from trainer.config import Resolved, RunConfig
from trainer.data.dataset import DataSet
from trainer.devices import cpu_steps
from trainer.nets import build
from trainer.step import Stepper

STEPS = 150
LOWEST, HIGHEST = 1e-5, 1.0
"""Rates of the first and the last step; between them they grow by the same factor each."""
MEMORY = 0.9
"""Weight of the past in the running mean of the loss."""
FEWEST = 100
"""Steps, up to a rate of 2e-2, in which the loss may go up and down as the batches do."""
BLOWN_UP = 0.5
"""Then the test ends where the running mean has lost this part of its fall."""
LEAST, MOST = 1e-4, 0.1
"""The rate taken lies between them, whatever the curve looks like."""
SAFETY = 3.0
"""How far the rate taken is below that of the lowest loss: there it only just does not rise, and the mean lags."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """lr: the rate to take. rates, losses: the curve, one value per step done; losses are running means."""

    lr: float
    rates: tuple[float, ...]
    losses: tuple[float, ...]

    def __str__(self) -> str:
        if not self.losses:
            return f"learning rate {self.lr:.2g}: the loss is not finite at any rate"
        lowest = min(range(len(self.losses)), key=self.losses.__getitem__)
        return (
            f"learning rate {self.lr:.2g}: from {self.rates[0]:.0e} on the loss falls from {self.losses[0]:.4g} "
            f"to {self.losses[lowest]:.4g} at {self.rates[lowest]:.2g}, and ends at {self.losses[-1]:.4g} "
            f"at {self.rates[-1]:.2g}"
        )


def find_rate(config: RunConfig, resolved: Resolved, data: DataSet) -> Finding:
    """The learning rate for ``config``, found with a network of its own; the same for the same seed and data."""
    with cpu_steps(resolved.threads):
        rates, losses = _range_test(config, resolved, data)
    return Finding(lr=choose(rates, losses), rates=tuple(rates), losses=tuple(losses))


def _range_test(config: RunConfig, resolved: Resolved, data: DataSet) -> tuple[list[float], list[float]]:
    fit = dataclasses.replace(config.fit, lr=LOWEST, schedule="constant", warmup=0.0, compile="off", cuda_graph="off")
    model = build(resolved, config.variant, fit.arch, fit.seed)
    config.variant.start(model, torch.from_numpy(data.train.mean_image()))
    stepper = Stepper(model, config.variant, fit, dataclasses.replace(resolved, compiled=False, lr=LOWEST), data.train)
    rates: list[float] = []
    losses: list[float] = []
    mean = 0.0
    for number in range(STEPS):
        rate = LOWEST * (HIGHEST / LOWEST) ** (number / (STEPS - 1))
        stepper.peak_lr = rate
        # Behind the run's own steps: its warm-ups are over there, and its batches and its noise are not used up.
        loss = float(stepper.advance(resolved.steps_total + number)["loss"])
        if not math.isfinite(loss):
            break
        mean = MEMORY * mean + (1 - MEMORY) * loss
        rates.append(rate)
        losses.append(mean / (1 - MEMORY ** (number + 1)))
        fall = max(losses) - min(losses)
        if number >= FEWEST and losses[-1] > min(losses) + BLOWN_UP * fall:
            break
    return rates, losses


def choose(rates: Sequence[float], losses: Sequence[float]) -> float:
    """The rate to take, given a test's rates (ascending) and running means of the loss, with two digits."""
    if not losses:
        return LEAST
    lowest = min(range(len(losses)), key=losses.__getitem__)
    return float(f"{min(max(rates[lowest] / SAFETY, LEAST), MOST):.1e}")
