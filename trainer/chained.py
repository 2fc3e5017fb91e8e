"""An autoencoder of dense layers with its halves as chains; anything else stays plain autograd."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from export.layers import Affine, Centre, Heads
from trainer.adam import Adam
from trainer.chain import ACTIVATIONS, Chain, Dense, Inward
from trainer.nets import Autoencoder
from trainer.scored import Scored
from trainer.variants import Output


@dataclass(frozen=True)
class Chained:
    """An autoencoder of dense layers whose two halves are chains; computes what the model computes."""

    model: Autoencoder
    encoder: Chain
    tails: dict[str, nn.Module | None]
    """What follows a head in plain autograd, by the head's name."""
    body: Chain
    scored: Scored | None
    """The decoder with a loss behind it, where its pixels are sigmoids of its last layer."""
    image_shape: tuple[int, ...]

    def encode(self, x: Tensor) -> dict[str, Tensor]:
        outputs = zip(self.tails.items(), self.encoder(x.flatten(1)), strict=True)
        return {name: y if tail is None else tail(y) for (name, tail), y in outputs}

    def decode(self, z: Tensor) -> Output:
        scored = self.scored
        return self.model.output(
            lambda: self.body(z)[0].view(-1, *self.image_shape),
            None if scored is None else lambda name, x: scored(z, name, x),
        )

    def forget_gradients(self) -> None:
        """Before the step: the next backward pass writes where the others add."""
        for layer in (*self.encoder.layers, *self.body.layers):
            layer.forget()

    def settle_gradients(self) -> None:
        """After the backward pass: every gradient is that of this step."""
        for layer in (*self.encoder.layers, *self.body.layers):
            layer.settle()


def chained(model: Autoencoder, optimizer: Adam) -> Chained | None:
    """``model`` with its halves as chains that note its gradients in ``optimizer``; None where it has other layers."""
    *layers, heads = model.encoder
    flatten = next((place for place, layer in enumerate(layers) if isinstance(layer, nn.Flatten)), None)
    *body, unflatten = model.body
    if flatten is None or not isinstance(heads, Heads) or not isinstance(unflatten, nn.Unflatten):
        return None
    parameters = dict(model.named_parameters())
    gradients: Gradients = {parameters[name]: view for name, view in optimizer.named(optimizer.gradients)}
    inward, trunk, mirror = _inward(layers[:flatten]), _dense(layers[flatten + 1 :], gradients), _dense(body, gradients)
    if inward is None or trunk is None or not mirror:
        return None
    anchor = torch.zeros((), requires_grad=True)
    ends = {name: _head(head, gradients) for name, head in heads.items()}
    encoder = Chain(trunk, [dense for dense, _ in ends.values()], anchor, inward)
    tails = {name: tail for name, (_, tail) in ends.items()}
    decoder = Chain(mirror[:-1], mirror[-1:], anchor)
    scored = Scored(decoder, model.logit_scale) if model.is_sigmoid else None
    shape = tuple(int(size) for size in unflatten.unflattened_size if isinstance(size, int))
    return Chained(model, encoder, tails, decoder, scored, shape)


def _inward(layers: list[nn.Module]) -> Inward | None:
    """Normalisation before the first layer, of flat images into a buffer; None where it is of another kind."""
    steps: list[Inward] = []
    for layer in layers:
        if isinstance(layer, Affine):
            steps.append(_affine(layer))
        elif isinstance(layer, Centre):
            steps.append(functools.partial(_less, layer.mean))
        else:
            return None

    def inward(x: Tensor, into: Tensor) -> Tensor:
        for step in steps:
            x = step(x, into)
        return x

    return inward


def _affine(layer: Affine) -> Inward:
    scale, shift = torch.as_tensor(layer.scale), torch.as_tensor(layer.shift)
    if scale.dim() == 0 and shift.dim() == 0:
        factor = float(scale)
        return lambda x, into: torch.add(shift, x, alpha=factor, out=into)
    return lambda x, into: torch.mul(x, scale, out=into).add_(shift)


def _less(mean: Tensor, x: Tensor, into: Tensor) -> Tensor:
    return torch.sub(x, mean.flatten(), out=into)


Gradients = Mapping[Tensor, Tensor]


def _dense(layers: list[nn.Module], gradients: Gradients) -> list[Dense] | None:
    """Pairs of Linear and activation, or None where there is anything else."""
    found: list[Dense] = []
    for place, layer in enumerate(layers):
        behind = layers[place + 1] if place + 1 < len(layers) else None
        if isinstance(layer, nn.Linear):
            found.append(Dense(layer, ACTIVATIONS.get(type(behind)) if behind else None, gradients))
        elif type(layer) not in ACTIVATIONS or place == 0 or not isinstance(layers[place - 1], nn.Linear):
            return None
    return found


def _head(head: nn.Module, gradients: Gradients) -> tuple[Dense, nn.Module | None]:
    """A head's linear layer with its activation, and what else follows it."""
    if isinstance(head, nn.Linear):
        return Dense(head, None, gradients), None
    assert isinstance(head, nn.Sequential)
    linear, after = head
    assert isinstance(linear, nn.Linear)
    known = ACTIVATIONS.get(type(after))
    return Dense(linear, known, gradients), None if known else after
