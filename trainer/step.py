"""One step of training: a batch, the variant's objective, the update. Everything stays on the device."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from trainer.adam import Adam
from trainer.checkpoint import Checkpoint
from trainer.config import FitConfig, Resolved
from trainer.devices import arithmetic
from trainer.nets import Autoencoder
from trainer.noise import Noise, generator
from trainer.variants import Code, Variant

Terms = dict[str, Tensor]
"""Scalars by name: ``loss``, ``reconstruction``, then the variant's penalties."""

_VALIDATION_BATCH = 1000


def learning_rate(step: int, steps_total: int, fit: FitConfig, peak: float) -> float:
    """The rate of a step (counted from 0): up to ``peak`` in a straight line, then down to 0 along a cosine.

    Source of the cosine: Loshchilov & Hutter 2017, "SGDR", without restarts.
    """
    warmup = round(fit.warmup * steps_total)
    if step < warmup:
        return peak * (step + 1) / warmup
    if fit.schedule == "constant":
        return peak
    return peak * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps_total - warmup)))


def pixels(images: Tensor) -> Tensor:
    """Images as the network takes them: float32 in [0, 1]; uint8 counts in 255ths."""
    return images.float().div_(255) if images.dtype == torch.uint8 else images


def objective(model: Autoencoder, variant: Variant, x: Tensor, noise: Noise, weights: Mapping[str, float]) -> Terms:
    """The terms of a batch, each a mean over its images. x: (batch, C, H, W) float32 in [0, 1]."""
    heads = model.encode(variant.corrupt(x, noise))
    z = variant.code(heads, noise)
    reconstruction = variant.reconstruction(model.decode(z), x).mean()
    penalties = variant.penalty(Code(z=z, heads=heads, encode=model.encode), x)
    loss = reconstruction
    for name, term in penalties.items():
        loss = loss + weights.get(name, 1.0) * term
    return {"loss": loss, "reconstruction": reconstruction, **penalties}


class Stepper:
    """Holds a model, its optimiser and the training images on one device, and advances them step by step.

    images: uint8 or float32 [n, C, H, W]. What a step does depends on (seed, step) and the weights alone.
    """

    def __init__(
        self, model: Autoencoder, variant: Variant, fit: FitConfig, resolved: Resolved, images: npt.NDArray[np.generic]
    ) -> None:
        self.device = torch.device(resolved.device)
        self.model = model.to(self.device)
        self.variant = variant
        self.fit = fit
        self.resolved = resolved
        self.images = torch.from_numpy(images).to(self.device)
        self.peak_lr = fit.lr
        self.optimizer = Adam(self.model.named_parameters())
        self._objective: Callable[..., Terms] = torch.compile(objective) if resolved.compiled else objective
        self._order: tuple[int, Tensor] = (-1, torch.empty(0))

    def batch(self, step: int) -> Tensor:
        """The images of a step: (batch, C, H, W) float32 in [0, 1]; every epoch has its own order."""
        epoch, position = divmod(step, self.resolved.steps_per_epoch)
        if self._order[0] != epoch:
            order = torch.randperm(len(self.images), generator=generator(self.fit.seed, epoch, "order"))
            self._order = (epoch, order.to(self.device))
        size = self.resolved.batch_size
        return pixels(self.images[self._order[1][position * size : (position + 1) * size]])

    def terms(self, x: Tensor, noise: Noise, step: int) -> Terms:
        """The objective's terms for a batch, with the weights that hold at a step."""
        with arithmetic(self.fit.precision, self.device):
            weights = self.variant.weights(step, self.resolved.steps_total)
            return self._objective(self.model, self.variant, x, noise, weights)

    def advance(self, step: int) -> Terms:
        """Do step ``step``; returns its terms, detached, still on the device.

        Where the loss or a gradient is not finite the optimiser leaves weights and moments as they are, without the
        host having to look: whoever reads the terms finds out.
        """
        terms = self.terms(self.batch(step), Noise(self.fit.seed, step), step)
        self.optimizer.forget_gradients()
        terms["loss"].backward()
        norm = torch.nn.utils.get_total_norm(self.optimizer.gradients())
        finite = torch.isfinite(norm + terms["loss"].detach())
        rate = learning_rate(step, self.resolved.steps_total, self.fit, self.peak_lr)
        self.optimizer.step(rate, not_finite=(~finite).float())
        loss = torch.where(finite, terms["loss"].detach(), torch.nan)
        return {name: term.detach() for name, term in terms.items()} | {"loss": loss}

    @torch.no_grad()
    def validate(self, images: Tensor, step: int) -> dict[str, float]:
        """The terms on other images (uint8 or float32 [n, C, H, W]), their noise the same at every call."""
        sums: dict[str, Tensor] = {}
        self.model.eval()
        for number, part in enumerate(images.split(_VALIDATION_BATCH)):
            x = pixels(part.to(self.device))
            for name, term in self.terms(x, Noise(self.fit.seed, -1 - number), step).items():
                sums[name] = sums.get(name, torch.zeros((), device=self.device)) + term.detach() * len(part)
        self.model.train()
        return {name: float(total) / len(images) for name, total in sums.items()}

    def checkpoint(self, step: int, sums: Terms, state: dict[str, object]) -> Checkpoint:
        """All that the next step depends on, after ``step`` steps. sums: terms not logged yet."""
        return Checkpoint(
            step=step,
            model=dict(self.model.state_dict()),
            optimizer=self.optimizer.state() | {f"sum.{name}": tensor for name, tensor in sums.items()},
            state={**state, "peak_lr": self.peak_lr, "device": str(self.device)},
        )

    def restore(self, checkpoint: Checkpoint) -> Terms:
        """Take up ``checkpoint``; returns the terms that were not logged yet."""
        self.model.load_state_dict(checkpoint.model)
        self.peak_lr = float(checkpoint.state["peak_lr"])
        self.optimizer.restore(checkpoint.optimizer)
        return {
            name.removeprefix("sum."): tensor.to(self.device)
            for name, tensor in checkpoint.optimizer.items()
            if name.startswith("sum.")
        }
