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
    """A loss of pixels y = sigmoid(a) by its parts; tensors are (batch, pixels), a may be overwritten.

    value: (a, y, x, difference) → (batch,); it leaves y − x in difference. gradient: (y, that, the gradient by each
    value as (batch,), scratch) → by a, in difference.
    """

    value: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
    gradient: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]


def _squared_error(a: Tensor, y: Tensor, x: Tensor, difference: Tensor) -> Tensor:
    torch.sub(y, x, out=difference)
    return torch.square(difference, out=a).sum(dim=1)


def _squared_error_gradient(y: Tensor, difference: Tensor, per_image: Tensor, scratch: Tensor) -> Tensor:
    gradient = _times(difference, per_image, 2)
    # By way of y (1 − y), as sigmoid_backward has it, in the same order; that takes three times as long.
    return gradient.mul_(torch.sub(1, y, out=scratch)).mul_(y)


def _bernoulli_nll(a: Tensor, y: Tensor, x: Tensor, difference: Tensor) -> Tensor:
    """softplus(a) − x·a, with softplus(a) = max(a, 0) − log max(y, 1 − y): no logarithm of a small number."""
    scratch = difference
    torch.mul(a, x, out=scratch)
    a.clamp_(min=0).sub_(scratch)
    torch.sub(1, y, out=scratch)
    nll = a.sub_(torch.maximum(scratch, y, out=scratch).log_()).sum(dim=1)
    torch.sub(y, x, out=difference)
    return nll


def _bernoulli_nll_gradient(y: Tensor, difference: Tensor, per_image: Tensor, scratch: Tensor) -> Tensor:
    return _times(difference, per_image, 1)


def _times(rows: Tensor, factors: Tensor, more: int) -> Tensor:
    """``rows`` (batch, pixels) times a factor each, (batch,), and times ``more``, in place."""
    # The gradient by a mean is one number for all, and a scalar takes a tenth of the time of a column.
    one_for_all = factors.stride() == (0,)
    return rows.mul_((factors[0] if one_for_all else factors[:, None]) * more)


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
        y, difference = scored.take(x)
        scored.body.forward(z, chain)
        (a,) = chain.heads
        if scored.scale != 1:
            a.mul_(scored.scale)
        torch.sigmoid(a, out=y)
        ctx.scored, ctx.score, ctx.chain, ctx.pixels = scored, score, chain, (y, difference)
        return score.value(a, y, x, difference)

    @staticmethod
    def backward(ctx: Any, per_image: Tensor) -> tuple[Tensor | None, ...]:
        if torch.is_grad_enabled():
            raise RuntimeError("a chain is differentiated once; Code.encode can be differentiated again")
        body: Chain = ctx.scored.body
        (a,) = ctx.chain.heads
        gradient = ctx.score.gradient(*ctx.pixels, per_image, a)
        if ctx.scored.scale != 1:
            gradient.mul_(ctx.scored.scale)
        wanted = body.backward(ctx.chain, (gradient,), to_input=ctx.needs_input_grad[1])
        body.give_back(ctx.chain)
        ctx.scored.give_back(ctx.pixels)
        return None, wanted, None, None, None
