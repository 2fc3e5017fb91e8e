"""A decoder and what its pixels are scored by, as one node of autograd: fewer passes over the largest tensors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from trainer.chain import Chain


@dataclass(frozen=True)
class Score:
    """A loss of pixels y = sigmoid(a) by its parts; tensors are (batch, pixels), a and scratch may be overwritten.

    value: (a, y, x, scratch) → (batch,); it leaves y − x in scratch. gradient: (y, that, the gradient by each value as
    (batch, 1)) → by a, in scratch.
    """

    value: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
    gradient: Callable[[Tensor, Tensor, Tensor], Tensor]


def _squared_error(a: Tensor, y: Tensor, x: Tensor, scratch: Tensor) -> Tensor:
    torch.sub(y, x, out=scratch)
    return torch.square(scratch, out=a).sum(dim=1)


def _squared_error_gradient(y: Tensor, difference: Tensor, per_image: Tensor) -> Tensor:
    difference.mul_(2 * per_image)
    gradient: Tensor = torch.ops.aten.sigmoid_backward.grad_input(difference, y, grad_input=difference)
    return gradient


def _bernoulli_nll(a: Tensor, y: Tensor, x: Tensor, scratch: Tensor) -> Tensor:
    """softplus(a) − x·a, with softplus(a) = max(a, 0) − log max(y, 1 − y): no logarithm of a small number."""
    torch.mul(a, x, out=scratch)
    a.clamp_(min=0).sub_(scratch)
    torch.sub(1, y, out=scratch)
    nll = a.sub_(torch.maximum(scratch, y, out=scratch).log_()).sum(dim=1)
    torch.sub(y, x, out=scratch)
    return nll


def _bernoulli_nll_gradient(y: Tensor, difference: Tensor, per_image: Tensor) -> Tensor:
    return difference.mul_(per_image)


SCORES = {
    "squared_error": Score(_squared_error, _squared_error_gradient),
    "bernoulli_nll": Score(_bernoulli_nll, _bernoulli_nll_gradient),
}
"""What ``Output`` can ask for, by the name of the method that asks."""


class Scored:
    """A chain with one linear head whose results, times ``scale``, are the log-odds of pixels."""

    def __init__(self, body: Chain, scale: float) -> None:
        self.body = body
        self.scale = scale
        self._free: dict[int, list[tuple[Tensor, Tensor]]] = {}

    def __call__(self, z: Tensor, name: str, x: Tensor) -> Tensor:
        """The loss ``name`` of decoding z, (batch, latent_dim), held against x, (batch, …): (batch,)."""
        value: Tensor = _ScoredFunction.apply(self.body.anchor, z, x.flatten(1), self, SCORES[name])  # type: ignore[no-untyped-call]
        return value

    def take(self, x: Tensor) -> tuple[Tensor, Tensor]:
        free = self._free.setdefault(len(x), [])
        return free.pop() if free else (torch.empty_like(x), torch.empty_like(x))

    def give_back(self, buffers: tuple[Tensor, Tensor]) -> None:
        self._free[len(buffers[0])].append(buffers)


class _ScoredFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, anchor: Tensor, z: Tensor, x: Tensor, scored: Scored, score: Score) -> Tensor:
        chain = scored.body.take(z)
        y, scratch = scored.take(x)
        scored.body.forward(z, chain)
        (a,) = chain.heads
        if scored.scale != 1:
            a.mul_(scored.scale)
        torch.sigmoid(a, out=y)
        ctx.scored, ctx.score, ctx.chain, ctx.pixels = scored, score, chain, (y, scratch)
        return score.value(a, y, x, scratch)

    @staticmethod
    def backward(ctx: Any, per_image: Tensor) -> tuple[Tensor | None, ...]:
        if torch.is_grad_enabled():
            raise RuntimeError("a chain is differentiated once; Code.encode can be differentiated again")
        body: Chain = ctx.scored.body
        gradient = ctx.score.gradient(*ctx.pixels, per_image[:, None])
        if ctx.scored.scale != 1:
            gradient.mul_(ctx.scored.scale)
        wanted = body.backward(ctx.chain, (gradient,), to_input=ctx.needs_input_grad[1])
        body.give_back(ctx.chain)
        ctx.scored.give_back(ctx.pixels)
        return None, wanted, None, None, None
