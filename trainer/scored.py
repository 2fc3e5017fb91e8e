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
    """A loss of pixels y = sigmoid(a) by its parts; tensors are (batch, pixels).

    value: (a, which may be overwritten, x, two buffers) → (the loss of each image, (batch,); y), with y − x left in the
    first buffer. gradient: (y, y − x, the gradient by each value as (batch, 1)) → by a, in the place of y − x.
    """

    value: Callable[[Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
    gradient: Callable[[Tensor, Tensor, Tensor], Tensor]


# The fewer large tensors a step touches, the more of them stay in a core's cache.


def _squared_error(a: Tensor, x: Tensor, difference: Tensor, spare: Tensor) -> tuple[Tensor, Tensor]:
    y = a.sigmoid_()
    torch.sub(y, x, out=difference)
    return torch.linalg.vector_norm(difference, dim=1).square_(), y


def _squared_error_gradient(y: Tensor, difference: Tensor, per_image: Tensor) -> Tensor:
    difference.mul_(2 * per_image)
    gradient: Tensor = torch.ops.aten.sigmoid_backward.grad_input(difference, y, grad_input=difference)
    return gradient


def _bernoulli_nll(a: Tensor, x: Tensor, difference: Tensor, spare: Tensor) -> tuple[Tensor, Tensor]:
    """softplus(a) − x·a, with softplus(a) = max(a, 0) − log max(y, 1 − y): no logarithm of a small number."""
    y, scratch = torch.sigmoid(a, out=spare), difference
    torch.mul(a, x, out=scratch)
    a.clamp_(min=0).sub_(scratch)
    torch.sub(1, y, out=scratch)
    nll = a.sub_(torch.maximum(scratch, y, out=scratch).log_()).sum(dim=1)
    torch.sub(y, x, out=difference)
    return nll, y


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
        difference, spare = scored.take(x)
        scored.body.forward(z, chain, scored.scale)
        (a,) = chain.heads
        value, y = score.value(a, x, difference, spare)
        ctx.scored, ctx.score, ctx.chain, ctx.pixels, ctx.y = scored, score, chain, (difference, spare), y
        return value

    @staticmethod
    def backward(ctx: Any, per_image: Tensor) -> tuple[Tensor | None, ...]:
        if torch.is_grad_enabled():
            raise RuntimeError("a chain is differentiated once; Code.encode can be differentiated again")
        scored: Scored = ctx.scored
        gradient = ctx.score.gradient(ctx.y, ctx.pixels[0], scored.scale * per_image[:, None])
        wanted = scored.body.backward(ctx.chain, (gradient,), to_input=ctx.needs_input_grad[1])
        scored.body.give_back(ctx.chain)
        scored.give_back(ctx.pixels)
        return None, wanted, None, None, None
