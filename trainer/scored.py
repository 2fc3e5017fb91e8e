"""A decoder and what its pixels are scored by, in one go: fewer passes over the largest tensors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from trainer.chain import Pass


@dataclass(frozen=True)
class Score:
    """A loss of pixels y = sigmoid(a) by its parts; tensors are (batch, pixels).

    value: (a, which may be overwritten, x, two buffers) → (the loss of each image, (batch,); y), with y − x left in the
    first buffer. gradient: (y, y − x, the gradient by each value: (batch, 1), or one number for all) → by a, in the
    place of y − x.
    """

    value: Callable[[Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
    gradient: Callable[[Tensor, Tensor, Tensor | float], Tensor]


# The fewer large tensors a step touches, the more of them stay in a core's cache.


def _squared_error(a: Tensor, x: Tensor, difference: Tensor, spare: Tensor) -> tuple[Tensor, Tensor]:
    y = a.sigmoid_()
    torch.sub(y, x, out=difference)
    return torch.linalg.vector_norm(difference, dim=1).square_(), y


def _squared_error_gradient(y: Tensor, difference: Tensor, per_image: Tensor | float) -> Tensor:
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


def _bernoulli_nll_gradient(y: Tensor, difference: Tensor, per_image: Tensor | float) -> Tensor:
    return difference.mul_(per_image)


SCORES = {
    "squared_error": Score(_squared_error, _squared_error_gradient),
    "bernoulli_nll": Score(_bernoulli_nll, _bernoulli_nll_gradient),
}
"""What ``Output`` can ask for, by the name of the method that asks."""


class Scored:
    """A pass through a chain whose one head gives, times its scale, the log-odds of pixels; and a loss of them.

    value: (batch,), the loss of each image.
    """

    def __init__(self, passing: Pass, score: Score, x: Tensor) -> None:
        (a,), (self._difference,) = passing.heads, passing.gradients
        self._scale = passing.scale
        self._gradient = score.gradient
        self.value, self._y = score.value(a, x, self._difference, passing.spare)

    def fill(self, per_image: Tensor | float) -> None:
        """Fill the pass's gradients, given that by the value of each image: (batch,), or one number for all."""
        by_image = per_image if isinstance(per_image, float) else per_image[:, None]
        self._gradient(self._y, self._difference, self._scale * by_image)
