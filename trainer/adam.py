"""Adam as one fused call on one flat tensor: ``torch.optim`` without its imports and its loop over parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

BETAS = (0.9, 0.999)
EPSILON = 1e-8
ADAMW_DECAY = 0.01
"""What AdamW takes off a weight per step, times the learning rate, where nothing else was asked."""

_MOMENTS = ("exp_avg", "exp_avg_sq")


class Adam:
    """The parameters of ``model`` with their gradients and moments, each kind one flat float32 tensor.

    The model's own tensors become views into ``weights``. Computes what ``torch.optim.Adam(fused=True)`` does, or
    ``AdamW`` where decoupled, up to the rounding of what does not fill a vector register.
    weights, gradients: (p,) float32, on the model's device, p the number of parameters and of zeros between them.
    Source: Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019 (AdamW).
    """

    def __init__(self, model: nn.Module, *, weight_decay: float = 0.0, decoupled: bool = False) -> None:
        parameters = dict(model.named_parameters())
        self._layout = [(name, weight.shape) for name, weight in parameters.items()]
        device = next(iter(parameters.values())).device
        count = sum(_padded(weight.numel()) for weight in parameters.values())
        self.weights, self.gradients = torch.zeros(count, device=device), torch.zeros(count, device=device)
        self._moments = {kind: torch.zeros(count, device=device) for kind in _MOMENTS}
        self._step = torch.zeros((), device=device)
        self._weight_decay = weight_decay
        # What torch.optim calls in the end; a test holds the two against each other.
        self._fused = torch._fused_adamw_ if decoupled else torch._fused_adam_
        self._parameters = list(parameters.values())
        self._views = [view for _, view in self.named(self.gradients)]
        for name, view in self.named(self.weights):
            view.copy_(parameters[name].detach())
            parameters[name].data = view

    def named(self, flat: Tensor) -> Iterator[tuple[str, Tensor]]:
        """(name, view of its part of ``flat``) of every parameter."""
        start = 0
        for name, shape in self._layout:
            yield name, flat[start : start + shape.numel()].view(shape)
            start += _padded(shape.numel())

    def expect_gradients(self) -> None:
        """Before a backward pass of plain autograd: it adds to ``gradients``, which start at zero."""
        self.gradients.zero_()
        for parameter, view in zip(self._parameters, self._views, strict=True):
            parameter.grad = view

    def add_stray_gradients(self) -> None:
        """After a backward pass that wrote ``gradients`` itself: add what autograd has found besides."""
        for parameter, view in zip(self._parameters, self._views, strict=True):
            if parameter.grad is not None:
                view.add_(parameter.grad)
                parameter.grad = None

    @torch.no_grad()
    def step(self, learning_rate: float | Tensor, not_finite: Tensor, shrink: Tensor | None = None) -> None:
        """Move the parameters along their gradients.

        learning_rate: a number, or a float scalar on the device. not_finite: float scalar; at 1 everything stays as it
        is. shrink: float scalar ≥ 1 by which the gradients are divided first.
        """
        self._step += 1
        self._fused(
            [self.weights],
            [self.gradients],
            [self._moments["exp_avg"]],
            [self._moments["exp_avg_sq"]],
            [],
            [self._step],
            lr=learning_rate,
            beta1=BETAS[0],
            beta2=BETAS[1],
            weight_decay=self._weight_decay,
            eps=EPSILON,
            amsgrad=False,
            maximize=False,
            grad_scale=shrink,
            found_inf=not_finite,
        )
        self._step -= not_finite

    def moments(self) -> list[Tensor]:
        """What a step changes besides the weights: both moments, (p,) float32 each, and the count of steps."""
        return [*self._moments.values(), self._step]

    def state(self) -> dict[str, Tensor]:
        """Both moments of every parameter as ``<kind>.<parameter>``, and ``step``."""
        moments = {f"{kind}.{name}": view for kind in _MOMENTS for name, view in self.named(self._moments[kind])}
        return {**moments, "step": self._step}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take up what ``state`` gave; other names are passed over. Raises KeyError where a moment is missing."""
        for name, moment in self.state().items():
            moment.copy_(state[name])


_ALIGNMENT = 16
"""Numbers in 64 bytes, where matrix products and convolutions like their weights to begin."""


def _padded(count: int) -> int:
    return -(-count // _ALIGNMENT) * _ALIGNMENT
