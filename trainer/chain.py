"""Linear layers and activations as one pass forward and one back, with buffers that are made once.

Autograd pays some microseconds for every operation and new memory for every result, which is half the time of a
small network's step. Here a whole encoder (or decoder) fills buffers on its way forward and writes the gradients where
the optimiser reads them on its way back: a list of calls that is made once, and of which autograd sees nothing but the
results, as leaves. Plain autograd of the same layers is the oracle of the tests, and the way for everything that is not
made of these layers or is differentiated twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

_ops = torch.ops.aten

Call = Callable[[], Any]
"""An operation with everything that it works on."""


class Activation:
    """forward: y into the buffer of the pre-activations. backward: (gradient by y, y) → the call that makes of it, in
    place, the gradient by those.
    """

    def __init__(self, forward: Callable[[Tensor], Any], backward: Callable[[Tensor, Tensor], Call]) -> None:
        self.forward, self.backward = forward, backward


ACTIVATIONS: dict[type[nn.Module], Activation] = {
    nn.ReLU: Activation(torch.relu_, lambda g, y: partial(_ops.threshold_backward.grad_input, g, y, 0.0, grad_input=g)),
    nn.Tanh: Activation(torch.tanh_, lambda g, y: partial(_ops.tanh_backward.grad_input, g, y, grad_input=g)),
    nn.Sigmoid: Activation(torch.sigmoid_, lambda g, y: partial(_ops.sigmoid_backward.grad_input, g, y, grad_input=g)),
}


class Dense:
    """A linear layer and the activation behind it, if there is one, as calls on given buffers.

    gradients: by parameter, the view that its gradient is written to.
    """

    def __init__(self, linear: nn.Linear, activation: Activation | None, gradients: Mapping[Tensor, Tensor]) -> None:
        self.weight, self.bias = linear.weight.detach(), linear.bias.detach()
        self._weight_gradient, self._bias_gradient = gradients[linear.weight], gradients[linear.bias]
        self._activation = activation
        self._transposed = self.weight.t()

    def forward(self, x: Tensor, y: Tensor, scale: float = 1.0) -> list[Call]:
        """y = activation(scale · (x · Wᵀ + b)). x: (batch, in), y: (batch, out), filled."""
        product = partial(torch.addmm, self.bias, x, self._transposed, beta=scale, alpha=scale, out=y)
        return [product] if self._activation is None else [product, partial(self._activation.forward, y)]

    def backward(self, x: Tensor, y: Tensor, gradient: Tensor, *, add: bool) -> list[Call]:
        """Write the gradients of weight and bias, or add to them. gradient: by y; in the end by the pre-activations."""
        calls = [] if self._activation is None else [self._activation.backward(gradient, y)]
        if add:
            calls.append(partial(self._weight_gradient.addmm_, gradient.t(), x))
            calls.append(lambda: self._bias_gradient.add_(gradient.sum(0)))
        else:
            calls.append(partial(torch.mm, gradient.t(), x, out=self._weight_gradient))
            calls.append(partial(torch.sum, gradient, 0, out=self._bias_gradient))
        return calls

    def through(self, gradient: Tensor, into: Tensor, *, add: bool = False) -> Call:
        """The gradient by x, given that by the pre-activations."""
        if add:
            return partial(into.addmm_, gradient, self.weight)
        return partial(torch.mm, gradient, self.weight, out=into)

    def no_gradient(self) -> None:
        self._weight_gradient.zero_()
        self._bias_gradient.zero_()


Inward = Callable[[Tensor, Tensor], Any]
"""(x, buffer): fill the buffer with what the first layer sees of x."""


def as_it_is(x: Tensor, into: Tensor) -> None:
    into.copy_(x)


class Chain:
    """A trunk of dense layers and one or more heads behind it. inward: what stands before the first layer."""

    def __init__(self, trunk: Sequence[Dense], heads: Sequence[Dense], inward: Inward = as_it_is) -> None:
        self.trunk, self.heads = trunk, heads
        self.inward = inward
        self.written = False
        """Whether a pass of this step has written its gradients; the next ones add to them."""
        self._free: dict[tuple[int, float], list[Pass]] = {}

    def forward(self, x: Tensor, scale: float = 1.0) -> Pass:
        """Send x, (batch, in), through; the pass is the caller's until it is released.

        scale: factor of what the heads give. The pass's gradients are those by what they would give without it.
        """
        free = self._free.setdefault((len(x), scale), [])
        passing = free.pop() if free else Pass(self, x, scale, free)
        passing.forward(x)
        return passing

    def end_step(self) -> None:
        """All passes of a step are done: without one there is no gradient."""
        if not self.written:
            for layer in (*self.trunk, *self.heads):
                layer.no_gradient()
        self.written = False


class Pass:
    """One way forward through a chain and back, with the memory for it.

    heads: what each head gives, (batch, out). gradients: by each of them, to be filled before ``backward``. spare: of
    the first head's shape, for whoever needs it. All are overwritten by the next pass that takes over this memory.
    """

    def __init__(self, chain: Chain, x: Tensor, scale: float, free: list[Pass]) -> None:
        def rows(layers: Iterable[Dense]) -> list[Tensor]:
            return [torch.empty(len(x), len(layer.bias)) for layer in layers]

        self.chain = chain
        self.scale = scale
        self._free = free
        self.x = torch.empty_like(x)
        self.heads, self.gradients = rows(chain.heads), rows(chain.heads)
        self.spare = torch.empty_like(self.heads[0])
        self._between = [self.x, *rows(chain.trunk)]
        self._by_between = [torch.empty_like(y) for y in self._between]
        self._forward = self._calls_forward()
        self._backward: dict[tuple[bool, bool], list[Call]] = {}

    def _calls_forward(self) -> list[Call]:
        calls: list[Call] = []
        for layer, x, y in zip(self.chain.trunk, self._between, self._between[1:], strict=False):
            calls += layer.forward(x, y)
        for layer, y in zip(self.chain.heads, self.heads, strict=True):
            calls += layer.forward(self._between[-1], y, self.scale)
        return calls

    def _calls_backward(self, add: bool, to_input: bool) -> list[Call]:
        calls: list[Call] = []
        inner = bool(self.chain.trunk) or to_input
        for place, (layer, y, gradient) in enumerate(zip(self.chain.heads, self.heads, self.gradients, strict=True)):
            calls += layer.backward(self._between[-1], y, gradient, add=add)
            if inner:
                calls.append(layer.through(gradient, self._by_between[-1], add=place > 0))
        for place in reversed(range(len(self.chain.trunk))):
            layer, gradient = self.chain.trunk[place], self._by_between[place + 1]
            calls += layer.backward(self._between[place], self._between[place + 1], gradient, add=add)
            if place or to_input:
                calls.append(layer.through(gradient, self._by_between[place]))
        return calls

    def forward(self, x: Tensor) -> None:
        self.chain.inward(x, self.x)
        for call in self._forward:
            call()

    def backward(self, *, to_input: bool) -> Tensor:
        """Write the gradients of every layer; returns that by the input, which is filled where it is wanted."""
        kind = (self.chain.written, to_input)
        if kind not in self._backward:
            self._backward[kind] = self._calls_backward(*kind)
        for call in self._backward[kind]:
            call()
        self.chain.written = True
        return self._by_between[0]

    def release(self) -> None:
        """Nobody needs what it holds any more."""
        self._free.append(self)
