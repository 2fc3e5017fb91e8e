"""Layers and activations as one pass forward and one back, with buffers that are made once.

Autograd pays some microseconds for every operation and new memory for every result, which is half the time of a
small network's step. Here a whole encoder (or decoder) fills buffers on its way forward and writes the gradients where
the optimiser reads them on its way back: a list of calls that is made once, and of which autograd sees nothing but the
results, as leaves. Plain autograd of the same layers is the oracle of the tests, and the way for everything that is not
made of these layers or is differentiated twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import torch
from torch import Tensor, nn

_ops = torch.ops.aten

Call = Callable[[], Any]
"""An operation with everything that it works on."""


@dataclass(frozen=True)
class Activation:
    """forward: y in the place of the pre-activations.

    backward: (gradient by y, y) → the call that makes of it, in place, the gradient by the pre-activations.
    """

    forward: Callable[[Tensor], Any]
    backward: Callable[[Tensor, Tensor], Call]


ACTIVATIONS: dict[type[nn.Module], Activation] = {
    nn.ReLU: Activation(torch.relu_, lambda g, y: partial(_ops.threshold_backward.grad_input, g, y, 0.0, grad_input=g)),
    nn.Tanh: Activation(torch.tanh_, lambda g, y: partial(_ops.tanh_backward.grad_input, g, y, grad_input=g)),
    nn.Sigmoid: Activation(torch.sigmoid_, lambda g, y: partial(_ops.sigmoid_backward.grad_input, g, y, grad_input=g)),
}


@dataclass
class Slot:
    """Where a layer finds or leaves a tensor.

    Dense layers bind the memory that is there when a pass is made and keep to it; convolutions, which bring memory of
    their own, put what they made here.
    """

    tensor: Tensor

    def alike(self) -> Slot:
        """One with memory of the same shape and order."""
        images = self.tensor.dim() == 4  # of one channel are in both orders at once, and have to say which is meant
        return Slot(
            torch.empty(self.tensor.shape, memory_format=torch.channels_last if images else torch.contiguous_format)
        )


class Layer(Protocol):
    """A layer as calls on slots. x: what it sees of a batch; y: what it makes of it."""

    def output(self, x: Tensor) -> Slot:
        """A slot for y."""
        ...

    def forward(self, x: Slot, y: Slot) -> list[Call]:
        """Fill y."""
        ...

    def backward(self, x: Slot, y: Slot, gradient: Slot, *, add: bool) -> list[Call]:
        """Write the gradients of the weights, or add to them.

        gradient: by y; in the end by what the activation was given, if there is one.
        """
        ...

    def through(self, gradient: Slot, into: Slot) -> Call:
        """The gradient by x, given what ``backward`` left; into: of the shape of x."""
        ...

    def no_gradient(self) -> None:
        """The layer had no part in a step."""
        ...


class Head(Layer, Protocol):
    """A layer that keeps to its slots' memory.

    scale: factor of what its activation is given; gradients are those over it. add: to what other heads left there.
    """

    def forward(self, x: Slot, y: Slot, scale: float = 1.0) -> list[Call]: ...

    def through(self, gradient: Slot, into: Slot, *, add: bool = False) -> Call: ...


class Weighted:
    """What layers with weights share: those, where their gradients go, and the activation behind the layer, if any.

    gradients: by parameter, the view that its gradient is written to.
    """

    def __init__(
        self,
        layer: nn.Linear | nn.Conv2d | nn.ConvTranspose2d,
        activation: Activation | None,
        gradients: Mapping[Tensor, Tensor],
    ) -> None:
        assert layer.bias is not None
        self.weight, self.bias = layer.weight.detach(), layer.bias.detach()
        self.weight_gradient, self.bias_gradient = gradients[layer.weight], gradients[layer.bias]
        self.activation = activation

    def no_gradient(self) -> None:
        self.weight_gradient.zero_()
        self.bias_gradient.zero_()


class Dense(Weighted):
    """A linear layer and the activation behind it. x: (batch, in), y: (batch, out)."""

    def __init__(self, linear: nn.Linear, activation: Activation | None, gradients: Mapping[Tensor, Tensor]) -> None:
        super().__init__(linear, activation, gradients)
        self._transposed = self.weight.t()

    def output(self, x: Tensor) -> Slot:
        return Slot(torch.empty(len(x), len(self.bias)))

    def forward(self, x: Slot, y: Slot, scale: float = 1.0) -> list[Call]:
        """y = activation(scale · (x · Wᵀ + b))."""
        product = partial(torch.addmm, self.bias, x.tensor, self._transposed, beta=scale, alpha=scale, out=y.tensor)
        return [product] if self.activation is None else [product, partial(self.activation.forward, y.tensor)]

    def backward(self, x: Slot, y: Slot, gradient: Slot, *, add: bool) -> list[Call]:
        g = gradient.tensor
        calls = [] if self.activation is None else [self.activation.backward(g, y.tensor)]
        if add:
            calls.append(partial(self.weight_gradient.addmm_, g.t(), x.tensor))
            calls.append(lambda: self.bias_gradient.add_(g.sum(0)))
        else:
            calls.append(partial(torch.mm, g.t(), x.tensor, out=self.weight_gradient))
            calls.append(partial(torch.sum, g, 0, out=self.bias_gradient))
        return calls

    def through(self, gradient: Slot, into: Slot, *, add: bool = False) -> Call:
        if add:
            return partial(into.tensor.addmm_, gradient.tensor, self.weight)
        return partial(torch.mm, gradient.tensor, self.weight, out=into.tensor)


Inward = Callable[[Tensor, Tensor], Any]
"""(x, buffer): fill the buffer with what the first layer sees of x."""


def as_it_is(x: Tensor, into: Tensor) -> None:
    into.copy_(x)


class Chain:
    """A trunk of layers and one or more heads behind it. inward: what stands before the first layer."""

    def __init__(self, trunk: Sequence[Layer], heads: Sequence[Head], inward: Inward = as_it_is) -> None:
        self.trunk, self.heads = trunk, heads
        self.inward = inward
        self.written = False
        """Whether a pass of this step has written its gradients; the next ones add to them."""
        self._free: dict[tuple[int, float], list[Pass]] = {}

    def forward(self, x: Tensor, scale: float = 1.0) -> Pass:
        """Send x, (batch, in) or (batch, C, H, W), through; the pass is the caller's until it is released.

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
        self.chain = chain
        self.scale = scale
        self._free = free
        self.x = torch.empty_like(x, memory_format=torch.channels_last if x.dim() == 4 else torch.preserve_format)
        self._between = [Slot(self.x)]
        for layer in chain.trunk:
            self._between.append(layer.output(self._between[-1].tensor))
        self._heads = [head.output(self._between[-1].tensor) for head in chain.heads]
        self._by_between, self._by_heads = ([slot.alike() for slot in slots] for slots in (self._between, self._heads))
        self.heads, self.gradients = ([slot.tensor for slot in slots] for slots in (self._heads, self._by_heads))
        self.spare = torch.empty_like(self.heads[0])
        self._forward = self._calls_forward()
        self._backward: dict[tuple[bool, bool], list[Call]] = {}

    def _calls_forward(self) -> list[Call]:
        calls: list[Call] = []
        for layer, x, y in zip(self.chain.trunk, self._between, self._between[1:], strict=False):
            calls += layer.forward(x, y)
        for head, y in zip(self.chain.heads, self._heads, strict=True):
            calls += head.forward(self._between[-1], y, self.scale)
        return calls

    def _calls_backward(self, add: bool, to_input: bool) -> list[Call]:
        calls: list[Call] = []
        inner = bool(self.chain.trunk) or to_input
        for place, (head, y, gradient) in enumerate(zip(self.chain.heads, self._heads, self._by_heads, strict=True)):
            calls += head.backward(self._between[-1], y, gradient, add=add)
            if inner:
                calls.append(head.through(gradient, self._by_between[-1], add=place > 0))
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
        return self._by_between[0].tensor

    def release(self) -> None:
        """Nobody needs what it holds any more."""
        self._free.append(self)
