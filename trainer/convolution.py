"""Convolutions as calls on given buffers, beside the dense layers of ``trainer.chain``; images lie channels last.

Channels last, with the gradients by weights, by images and of the biases asked for one by one, a convolution of a few
channels takes half of what it takes as PyTorch's layers call it on a CPU.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from math import prod

import torch
from torch import Tensor, nn

from trainer.chain import Activation, Call, Slot, Weighted

FEW_CHANNELS = 4
"""A transposed convolution to as many channels or fewer is faster as one product whose results are added up."""

_ops = torch.ops.aten


class Convolution(Weighted):
    """A convolution, or a transposed one, and the activation behind it.

    x: (batch, C, H, W), y: (batch, C', H', W'), both channels last.
    """

    def __init__(
        self,
        layer: nn.Conv2d | nn.ConvTranspose2d,
        activation: Activation | None,
        gradients: Mapping[Tensor, Tensor],
    ) -> None:
        super().__init__(layer, activation, gradients)
        self._how = (
            list(layer.stride),
            [int(padding) for padding in layer.padding],
            list(layer.dilation),
            isinstance(layer, nn.ConvTranspose2d),
            list(layer.output_padding),
            layer.groups,
        )
        few = isinstance(layer, nn.ConvTranspose2d) and layer.out_channels <= FEW_CHANNELS
        self._scatters = few and layer.groups == 1 and set(layer.dilation) == {1}

    def output(self, x: Tensor) -> Slot:
        return Slot(self._product(x))  # whatever is in x: only the shape counts

    def _product(self, x: Tensor) -> Tensor:
        y: Tensor = self._scattered(x) if self._scatters else torch.convolution(x, self.weight, self.bias, *self._how)
        return y.contiguous(memory_format=torch.channels_last)

    def _scattered(self, x: Tensor) -> Tensor:
        """The transposed convolution to few channels: a product gives every tap, and each is added where it belongs."""
        (stride, padding, _, _, output_padding, _), (_, channels, *kernel) = self._how, self.weight.shape
        count, size = len(x), x.shape[2:]
        weight = self.weight.permute(1, 2, 3, 0).flatten(0, 2)
        taps = torch.mm(weight, x.permute(0, 2, 3, 1).flatten(0, 2).t()).view(channels, *kernel, count, *size)
        reach = [s * (n - 1) + 1 for s, n in zip(stride, size, strict=True)]
        full = [r + k - 1 + o for r, k, o in zip(reach, kernel, output_padding, strict=True)]
        sheet = x.new_zeros(channels, count, *full)
        for i in range(kernel[0]):
            for j in range(kernel[1]):
                sheet[:, :, i : i + reach[0] : stride[0], j : j + reach[1] : stride[1]].add_(taps[:, i, j])
        (top, left), (bottom, right) = padding, [f - p for f, p in zip(full, padding, strict=True)]
        return sheet[:, :, top:bottom, left:right].transpose(0, 1) + self.bias[:, None, None]

    def forward(self, x: Slot, y: Slot) -> list[Call]:
        """y = activation(x * W + b)."""
        activation = self.activation

        def call() -> None:
            y.tensor = self._product(x.tensor)
            if activation is not None:
                activation.forward(y.tensor)

        return [call]

    def backward(self, x: Slot, y: Slot, gradient: Slot, *, add: bool) -> list[Call]:
        activation, weight, bias = self.activation, self.weight_gradient, self.bias_gradient

        def call() -> None:
            g = gradient.tensor
            if activation is not None:
                activation.backward(g, y.tensor)()
            found = self._differentiate(g, x.tensor, by_weight=True)
            rows = g.permute(0, 2, 3, 1).flatten(0, 2)  # (batch · H' · W', C'), a view
            if add:
                weight.add_(found)
                bias.add_(rows.sum(0))
            else:
                weight.copy_(found)
                torch.sum(rows, 0, out=bias)

        return [call]

    def through(self, gradient: Slot, into: Slot) -> Call:
        shape = into.tensor

        def call() -> None:
            into.tensor = self._differentiate(gradient.tensor, shape, by_weight=False)

        return call

    def _differentiate(self, gradient: Tensor, x: Tensor, *, by_weight: bool) -> Tensor:
        """The gradient by the weights, or by x, of which only the shape counts."""
        wanted = [not by_weight, by_weight, False]
        found: Tensor = _ops.convolution_backward(gradient, x, self.weight, None, *self._how, wanted)[by_weight]
        return found


class Reshape:
    """(batch, C, H, W), channels last, to (batch, C · H · W) in the order of ``nn.Flatten``.

    shape: (C, H, W); where it is given, the other way.
    """

    def __init__(self, shape: tuple[int, ...] | None = None) -> None:
        self._shape = shape

    def output(self, x: Tensor) -> Slot:
        if self._shape is None:
            return Slot(torch.empty(len(x), prod(x.shape[1:])))
        return Slot(torch.empty(len(x), *self._shape, memory_format=torch.channels_last))

    def forward(self, x: Slot, y: Slot, scale: float = 1.0) -> list[Call]:
        """y = scale · x."""
        copy = self._copy(x, y)
        return [copy] if scale == 1 else [copy, partial(y.tensor.mul_, scale)]

    def backward(self, x: Slot, y: Slot, gradient: Slot, *, add: bool) -> list[Call]:
        """There is nothing to learn."""
        return []

    def through(self, gradient: Slot, into: Slot, *, add: bool = False) -> Call:
        return self._copy(gradient, into, add=add)

    def _copy(self, source: Slot, into: Slot, *, add: bool = False) -> Call:
        """From flat images, whose memory is in the order C, H, W, to others, or back."""
        flat = source.tensor.dim() == 2
        target = into.tensor if flat else into.tensor.view(source.tensor.shape)
        write = target.add_ if add else target.copy_
        return lambda: write(source.tensor.view(target.shape) if flat else source.tensor)

    def no_gradient(self) -> None:
        pass
