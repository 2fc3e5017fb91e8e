"""One step of training: a batch, the variant's objective, the update. Everything stays on the device."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from trainer.adam import ADAMW_DECAY, Adam
from trainer.batches import Batches, pixels
from trainer.chained import chained
from trainer.checkpoint import Checkpoint
from trainer.config import FitConfig, Resolved
from trainer.data.dataset import Split
from trainer.devices import arithmetic
from trainer.nets import Autoencoder
from trainer.noise import Noise
from trainer.variants import Code, Output, Variant

Terms = dict[str, Tensor]
"""Scalars by name: ``loss``, ``reconstruction``, then the variant's penalties."""


class Losses(NamedTuple):
    """The objective of a batch: terms["loss"] = mean of per_image + penalty.

    per_image: (batch,), the reconstruction's share. penalty: scalar, what else is charged, weighted; None: nothing.
    """

    terms: Terms
    per_image: Tensor
    penalty: Tensor | None


Weights = Mapping[str, float | Tensor]
"""Factors of a penalty's terms by name: numbers, or scalars on the device."""

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


class Network(Protocol):
    """What an objective needs of a network: an ``Autoencoder``, or the same computed in another way."""

    def encode(self, x: Tensor) -> dict[str, Tensor]: ...

    def decode(self, z: Tensor) -> Output: ...


def objective(
    network: Network,
    model: Autoencoder,
    variant: Variant,
    x: Tensor,
    target: Tensor,
    noise: Noise,
    weights: Weights,
) -> Losses:
    """What a batch is charged; each term is a mean over its images.

    network: computes what ``model`` computes. x: (batch, C, H, W) float32; target: the same shape, what the
    reconstruction is held against.
    """
    heads = network.encode(variant.corrupt(x, noise))
    z = variant.code(heads, noise)
    per_image = variant.reconstruction(network.decode(z), variant.target_of(target, noise))
    reconstruction = per_image.mean()
    terms = variant.penalty(Code(z=z, heads=heads, encode=model.encode), x)
    penalty: Tensor | None = None
    for name, term in terms.items():
        weight = weights.get(name, 1.0)
        charged = term if isinstance(weight, float) and weight == 1 else weight * term
        penalty = charged if penalty is None else penalty + charged
    loss = reconstruction if penalty is None else reconstruction + penalty
    return Losses({"loss": loss, "reconstruction": reconstruction, **terms}, per_image, penalty)


class Stepper:
    """Holds a model, its optimiser and the training images on one device, and advances them step by step.

    train: the images, on the device where they fit in memory, else gathered from their file for each batch. What a step
    does depends on (seed, step) and the weights alone.
    """

    def __init__(self, model: Autoencoder, variant: Variant, fit: FitConfig, resolved: Resolved, train: Split) -> None:
        self.device = torch.device(resolved.device)
        self.model = model.to(self.device)
        self.variant = variant
        self.fit = fit
        self.resolved = resolved
        self.peak_lr = resolved.lr
        decay = ADAMW_DECAY if fit.weight_decay is None else fit.weight_decay
        decoupled = fit.optimizer == "adamw"
        self.optimizer = Adam(self.model, weight_decay=decay if decoupled else 0.0, decoupled=decoupled)
        self.batches = Batches(train, fit.seed, resolved, self.device, paired=variant.wants_targets)
        self._objective: Callable[..., Losses] = torch.compile(objective) if resolved.compiled else objective
        self._constrained = type(variant).constrain is not Variant.constrain
        plain = resolved.compiled or self.device.type != "cpu" or fit.precision != "fp32"
        self.chained = None if plain else chained(self.model, self.optimizer, resolved.image_shape)

    def losses(self, x: Tensor, target: Tensor, noise: Noise, weights: Weights) -> Losses:
        """The objective for a batch. weights: of the penalty's terms."""
        if self.chained is not None:
            self.chained.forget_passes()
        with arithmetic(self.fit.precision, self.device):
            return self._objective(self.chained or self.model, self.model, self.variant, x, target, noise, weights)

    def weights(self, step: int) -> dict[str, float]:
        """What the terms of a step's penalty are weighted with, where that is not 1."""
        return self.variant.weights(step, self.resolved.steps_total)

    def learning_rate(self, step: int) -> float:
        return learning_rate(step, self.resolved.steps_total, self.fit, self.peak_lr)

    def memory(self) -> list[Tensor]:
        """Every tensor that a step changes: weights, moments, and what layers keep for themselves."""
        return [self.optimizer.weights, *self.optimizer.moments(), *self.model.buffers()]

    def advance(self, step: int) -> Terms:
        """Do step ``step``; returns its terms, detached, still on the device.

        Where the loss or a gradient is not finite the optimiser leaves weights and moments as they are, without the
        host having to look: whoever reads the terms finds out.
        """
        x, target = self.batches(step)
        return self.update(x, target, Noise(self.fit.seed, step), self.learning_rate(step), self.weights(step))

    def update(self, x: Tensor, target: Tensor, noise: Noise, rate: float | Tensor, weights: Weights) -> Terms:
        """One step on a batch, given its noise, its learning rate and the weights of its terms."""
        losses = self.losses(x, target, noise, weights)
        self.fill_gradients(losses)
        terms = losses.terms
        loss = terms["loss"].detach()
        squares = torch.dot(self.optimizer.gradients, self.optimizer.gradients)
        total = squares + loss
        wrong = total - total  # 0, or NaN
        shrink = None if self.fit.clip is None else (squares.sqrt() / self.fit.clip).clamp(min=1.0)
        self.optimizer.step(rate, torch.nan_to_num(wrong, nan=1.0), shrink)
        if self._constrained:
            with torch.no_grad():
                self.variant.constrain(self.model)
        done = {name: term.detach() for name, term in terms.items()}
        done["loss"] = loss + wrong
        return done

    def fill_gradients(self, losses: Losses) -> None:
        """Fill the optimiser's gradients with those of the loss."""
        loss = losses.terms["loss"]
        if self.chained is None:
            self.optimizer.expect_gradients()
            loss.backward()
            return
        if self.chained.backward(loss, losses.per_image, losses.penalty):
            self.optimizer.add_stray_gradients()

    @torch.no_grad()
    def validate(self, images: Tensor, step: int, targets: Tensor | None = None) -> Terms:
        """The terms on other images, means over all of them, on the device; their noise is the same at every call.

        images: uint8 or float32 [n, C, H, W], n > 0. targets: what they are held against, where that is not themselves.
        """
        sums: Terms = {}
        weights = self.weights(step)
        with self.model.evaluating(), arithmetic(self.fit.precision, self.device):
            for number, part in enumerate(images.split(_VALIDATION_BATCH)):
                x = target = pixels(part.to(self.device))
                if targets is not None:
                    target = pixels(targets[number * _VALIDATION_BATCH :][: len(part)].to(self.device))
                noise = Noise(self.fit.seed, -1 - number)
                terms = objective(self.model, self.model, self.variant, x, target, noise, weights).terms
                for name, term in terms.items():
                    sums[name] = sums.get(name, 0.0) + term * len(part)
        return {name: total / len(images) for name, total in sums.items()}

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
