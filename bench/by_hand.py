"""The lecture's network without autograd: by hand, its bare products, and four of them in one product.

The two bounds between which a trainer can be: nothing but the arithmetic (the floor), and the arithmetic with all that
belongs to a step, written for this network alone.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.optim.adam import adam

from bench.loops import LEARNING_RATE, Bytes, Loop, batches_of_rows
from bench.models import LECTURE, Lecture

WIDTHS = (*LECTURE, *LECTURE[-2::-1])
"""784-128-64-12-3-12-64-128-784."""
_ops = torch.ops.aten


class FlatAdam:
    """Weights, gradients and moments, each one tensor, and one fused call on them."""

    def __init__(self, count: int) -> None:
        self.weights, self.gradients = torch.zeros(count), torch.zeros(count)
        self._moments = torch.zeros(count), torch.zeros(count)
        self._step = torch.zeros(())

    def step(self) -> None:
        adam(
            [self.weights], [self.gradients], [self._moments[0]], [self._moments[1]], [], [self._step],
            fused=True, amsgrad=False, beta1=0.9, beta2=0.999, lr=LEARNING_RATE, weight_decay=0.0, eps=1e-8,
            maximize=False,
        )  # fmt: skip


class Layers:
    """Linear layers of given widths as views into one flat tensor of weights and one of gradients."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        self.adam = FlatAdam(sum(a * b + b for a, b in pairwise(widths)))
        self.weights, self.biases, self.weight_gradients, self.bias_gradients = (
            self._views(widths, flat, bias) for flat in (self.adam.weights, self.adam.gradients) for bias in (0, 1)
        )

    @staticmethod
    def _views(widths: tuple[int, ...], flat: Tensor, bias: int) -> list[Tensor]:
        views, start = [], 0
        for a, b in pairwise(widths):
            views.append(flat[start + a * b :][:b] if bias else flat[start:][: a * b].view(b, a))
            start += a * b + b
        return views

    def copy_from(self, model: nn.Module) -> None:
        """Take the weights of ``model``'s linear layers, in their order."""
        linear = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
        for weight, bias, layer in zip(self.weights, self.biases, linear, strict=True):
            weight.copy_(layer.weight.detach())
            bias.copy_(layer.bias.detach())


class _Batches:
    """Batches of uint8 images as rows of float32 in [-1, 1], in buffers that are made once."""

    def __init__(self, images: Bytes, batch: int) -> None:
        self._data = torch.from_numpy(images).flatten(1)
        self._rows = batches_of_rows(len(images), batch)
        self._gathered = torch.empty((batch, self._data.shape[1]), dtype=torch.uint8)
        self._x = torch.empty(self._gathered.shape)

    def next(self) -> Tensor:
        torch.index_select(self._data, 0, next(self._rows), out=self._gathered)
        return torch.div(self._gathered, 127.5, out=self._x).sub_(1)


class HandWritten:
    """Forward and backward pass written out for this one network; every result lands in a buffer that exists."""

    def __init__(self, model: Lecture, batch: int) -> None:
        self.layers = Layers(WIDTHS)
        self.layers.copy_from(model)
        self._outputs = [torch.empty(batch, width) for width in WIDTHS[1:]]
        self._gradients = [torch.empty(batch, width) for width in WIDTHS[1:]]
        self._code = len(LECTURE) - 2

    def step(self, x: Tensor) -> Tensor:
        """One step on (batch, 784) in [-1, 1]; returns the loss: sum over pixels, mean over images, [0, 1] units."""
        layers, outputs = self.layers, self._outputs
        below = x
        for place, y in enumerate(outputs):
            torch.addmm(layers.biases[place], below, layers.weights[place].t(), out=y)
            if place == len(outputs) - 1:
                y.tanh_()
            elif place != self._code:
                y.relu_()
            below = y
        gradient = torch.sub(outputs[-1], x, out=self._gradients[-1])
        loss = torch.dot(gradient.view(-1), gradient.view(-1)) / (4 * len(x))
        gradient.mul_(0.5 / len(x))
        for place in range(len(outputs) - 1, -1, -1):
            y = outputs[place]
            if place == len(outputs) - 1:
                _ops.tanh_backward.grad_input(gradient, y, grad_input=gradient)
            elif place != self._code:
                _ops.threshold_backward.grad_input(gradient, y, 0.0, grad_input=gradient)
            torch.mm(gradient.t(), outputs[place - 1] if place else x, out=layers.weight_gradients[place])
            torch.sum(gradient, 0, out=layers.bias_gradients[place])
            if place:
                gradient = torch.mm(gradient, layers.weights[place], out=self._gradients[place - 1])
        layers.adam.step()
        return loss


def hand_written(model: Lecture, images: Bytes, batch: int) -> Loop:
    by_hand, batches = HandWritten(model, batch), _Batches(images, batch)
    losses = torch.zeros(())

    @torch.inference_mode()
    def loop(steps: int) -> None:
        for _ in range(steps):
            losses.add_(by_hand.step(batches.next()))

    return loop


def floor(model: Lecture, images: Bytes, batch: int) -> Loop:
    """What no step can do without: the products forward, by weights and by inputs; Adam; gathering the images."""
    layers, batches = Layers(WIDTHS), _Batches(images, batch)
    layers.copy_from(model)
    outputs = [torch.zeros(batch, width) for width in WIDTHS[1:]]

    @torch.inference_mode()
    def loop(steps: int) -> None:
        for _ in range(steps):
            x = batches.next()
            for below, weight, y in zip([x, *outputs], layers.weights, outputs, strict=False):
                torch.mm(below, weight.t(), out=y)
            for place in range(len(outputs) - 1, -1, -1):
                below = outputs[place - 1] if place else x
                torch.mm(outputs[place].t(), below, out=layers.weight_gradients[place])
                if place:
                    torch.mm(outputs[place], layers.weights[place], out=below)
            layers.adam.step()

    return loop


class Stacked(nn.Module):
    """Four lecture networks whose layers are one batched product each."""

    MODELS = 4

    def __init__(self) -> None:
        super().__init__()
        models = [[layer for layer in Lecture().modules() if isinstance(layer, nn.Linear)] for _ in range(self.MODELS)]
        together = list(zip(*models, strict=True))
        self.weights = nn.ParameterList(torch.stack([one.weight.detach().t() for one in layers]) for layers in together)
        self.biases = nn.ParameterList(torch.stack([one.bias.detach()[None] for one in layers]) for layers in together)

    def loss(self, x: Tensor) -> Tensor:
        """The sum of the losses of the networks, each as ``Lecture.loss``. x: (batch, 784) in [-1, 1]."""
        y = x.expand(self.MODELS, *x.shape)
        for place, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            y = torch.baddbmm(bias, y, weight)
            if place not in (len(LECTURE) - 2, len(WIDTHS) - 2):
                y = y.relu()
        return (y.tanh() - x).square().sum() / (4 * len(x))


def four_stacked(model: Lecture, images: Bytes, batch: int) -> Loop:
    """Four models on the same batches, by autograd and fused Adam. A step counts for one model."""
    stacked, batches = Stacked(), _Batches(images, batch)
    optimizer = torch.optim.Adam(stacked.parameters(), lr=LEARNING_RATE, fused=True)

    def loop(steps: int) -> None:
        for _ in range(steps):
            optimizer.zero_grad()
            stacked.loss(batches.next()).backward()
            optimizer.step()

    return loop
