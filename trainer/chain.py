"""Linear layers and activations as one node of autograd, with buffers that are made once.

Autograd pays some microseconds for every operation and new memory for every result, which is half the time of a
small network's step. Here a whole encoder (or decoder) is one ``torch.autograd.Function``: its forward pass fills
buffers, its backward pass writes the gradients where the optimiser reads them. What stands before, between and behind
is plain autograd, so that any objective composes with it. Plain autograd of the same layers is the oracle of the tests,
and the way for everything that is not made of these layers or is differentiated twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

_ops = torch.ops.aten


@dataclass(frozen=True)
class Activation:
    """forward: y into the buffer of the pre-activations. backward: (gradient by y, y, into) → by those."""

    forward: Callable[[Tensor], Any]
    backward: Callable[[Tensor, Tensor, Tensor], Any]


ACTIVATIONS: dict[type[nn.Module], Activation] = {
    nn.ReLU: Activation(torch.relu_, lambda g, y, into: _ops.threshold_backward.grad_input(g, y, 0.0, grad_input=into)),
    nn.Tanh: Activation(torch.tanh_, lambda g, y, into: _ops.tanh_backward.grad_input(g, y, grad_input=into)),
    nn.Sigmoid: Activation(torch.sigmoid_, lambda g, y, into: _ops.sigmoid_backward.grad_input(g, y, grad_input=into)),
}


class Dense:
    """A linear layer and the activation behind it, if there is one.

    weight_gradient, bias_gradient: views into the optimiser's gradients, written by the first backward pass since
    ``forget``, added to by the others.
    """

    def __init__(self, linear: nn.Linear, activation: Activation | None, gradients: Mapping[Tensor, Tensor]) -> None:
        self.weight, self.bias = linear.weight.detach(), linear.bias.detach()
        self.weight_gradient, self.bias_gradient = gradients[linear.weight], gradients[linear.bias]
        self.activation = activation
        self.written = False
        self._transposed = self.weight.t()

    def forward(self, x: Tensor, y: Tensor, scale: float = 1.0) -> None:
        """y = activation(scale · (x · Wᵀ + b)). x: (batch, in), y: (batch, out), filled."""
        torch.addmm(self.bias, x, self._transposed, beta=scale, alpha=scale, out=y)
        if self.activation is not None:
            self.activation.forward(y)

    def backward(self, x: Tensor, y: Tensor, gradient: Tensor, into: Tensor) -> Tensor:
        """Note the gradients of weight and bias; returns that by the pre-activations (in ``into``, or as it came)."""
        if self.activation is not None:
            gradient = self.activation.backward(gradient, y, into)
        if self.written:
            self.weight_gradient.addmm_(gradient.t(), x)
            self.bias_gradient.add_(gradient.sum(0))
        else:
            torch.mm(gradient.t(), x, out=self.weight_gradient)
            torch.sum(gradient, 0, out=self.bias_gradient)
            self.written = True
        return gradient

    def through(self, gradient: Tensor, into: Tensor, *, add: bool = False) -> Tensor:
        """The gradient by what the layer takes, given that by its pre-activations."""
        return into.addmm_(gradient, self.weight) if add else torch.mm(gradient, self.weight, out=into)

    def forget(self) -> None:
        """A new step: what was noted no longer counts."""
        self.written = False

    def settle(self) -> None:
        """The backward passes are over: who took no part has no gradient."""
        if not self.written:
            self.weight_gradient.zero_()
            self.bias_gradient.zero_()


@dataclass
class _Buffers:
    """The memory of one forward and backward pass over a batch of one size."""

    x: Tensor
    trunk: list[Tensor]
    heads: list[Tensor]
    gradients: list[Tensor]
    """By what each trunk layer gives, and by x in front."""
    head_gradients: list[Tensor]


Inward = Callable[[Tensor, Tensor], Tensor]


class Chain:
    """A trunk of dense layers and one or more heads behind it; called with (batch, in), gives a tensor per head.

    inward: (x, buffer) → what the first layer sees, in the buffer; the input then gets no gradient. A result lives in a
    buffer: it is good until the next call after its backward pass. anchor: a tensor that requires a gradient, so that
    autograd comes by.
    """

    def __init__(self, trunk: list[Dense], heads: list[Dense], anchor: Tensor, inward: Inward | None = None) -> None:
        self.trunk, self.heads = trunk, heads
        self.layers = [*trunk, *heads]
        self._inward = inward
        self.anchor = anchor
        self._free: dict[int, list[_Buffers]] = {}

    def __call__(self, x: Tensor) -> tuple[Tensor, ...]:
        results: tuple[Tensor, ...] = _Function.apply(self.anchor, x, self)  # type: ignore[no-untyped-call]
        return results

    def take(self, x: Tensor) -> _Buffers:
        """Buffers that nobody uses: an encoder may be called again before its backward pass."""
        free = self._free.setdefault(len(x), [])
        return free.pop() if free else self._allocate(x)

    def give_back(self, buffers: _Buffers) -> None:
        self._free[len(buffers.x)].append(buffers)

    def _allocate(self, x: Tensor) -> _Buffers:
        def rows(layers: Iterable[Dense]) -> list[Tensor]:
            return [x.new_empty(len(x), len(layer.bias)) for layer in layers]

        gradients = [torch.empty_like(x), *rows(self.trunk)]
        return _Buffers(torch.empty_like(x), rows(self.trunk), rows(self.heads), gradients, rows(self.heads))

    def forward(self, x: Tensor, buffers: _Buffers, scale: float = 1.0) -> None:
        """Fill the buffers. scale: factor of what the heads give; ``backward`` is told the gradients without it."""
        below = buffers.x = x if self._inward is None else self._inward(x, buffers.x)
        for layer, y in zip(self.trunk, buffers.trunk, strict=True):
            layer.forward(below, y)
            below = y
        for layer, y in zip(self.heads, buffers.heads, strict=True):
            layer.forward(below, y, scale)

    def backward(self, buffers: _Buffers, given: tuple[Tensor | None, ...], *, to_input: bool) -> Tensor | None:
        """Note the gradients of every layer; returns that by the input, where it is wanted."""
        below = [buffers.x, *buffers.trunk]
        wanted = None
        for layer, y, gradient, buffer in zip(self.heads, buffers.heads, given, buffers.head_gradients, strict=True):
            if gradient is None:
                continue
            before = layer.backward(below[-1], y, gradient, buffer)
            if self.trunk or to_input:
                wanted = layer.through(before, buffers.gradients[-1], add=wanted is not None)
        if wanted is None:
            return None
        for place in reversed(range(len(self.trunk))):
            layer = self.trunk[place]
            wanted = layer.backward(below[place], below[place + 1], wanted, wanted)
            if place or to_input:
                wanted = layer.through(wanted, buffers.gradients[place])
        return wanted if to_input else None


class _Function(torch.autograd.Function):
    """A chain as autograd sees it. The gradients of its weights do not pass through it: they are noted in place."""

    @staticmethod
    def forward(ctx: Any, anchor: Tensor, x: Tensor, chain: Chain) -> tuple[Tensor, ...]:
        buffers = chain.take(x)
        chain.forward(x, buffers)
        ctx.chain, ctx.buffers = chain, buffers
        ctx.set_materialize_grads(False)
        return tuple(y.detach() for y in buffers.heads)

    @staticmethod
    def backward(ctx: Any, *given: Tensor | None) -> tuple[Tensor | None, ...]:
        if torch.is_grad_enabled():
            raise RuntimeError("a chain is differentiated once; Code.encode can be differentiated again")
        gradient = ctx.chain.backward(ctx.buffers, given, to_input=ctx.needs_input_grad[1])
        ctx.chain.give_back(ctx.buffers)
        return None, gradient, None
