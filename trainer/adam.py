"""Adam as one fused call on tensors that we hold: ``torch.optim.Adam`` without its 2 s of imports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn
from torch.optim.adam import adam

BETAS = (0.9, 0.999)
EPSILON = 1e-8


class Adam:
    """The moments of some named parameters, and the step that uses them. Same bits as ``torch.optim.Adam(fused=True)``.

    Source: Kingma & Ba 2015, algorithm 1.
    """

    def __init__(self, parameters: Iterable[tuple[str, nn.Parameter]]) -> None:
        self._parameters = dict(parameters)
        weights = self._parameters.items()
        self._moments = {
            "exp_avg": {name: torch.zeros_like(weight) for name, weight in weights},
            "exp_avg_sq": {name: torch.zeros_like(weight) for name, weight in weights},
            "step": {name: torch.zeros((), device=weight.device) for name, weight in weights},
        }

    def gradients(self) -> list[Tensor]:
        """What the last backward pass left, in the order of the parameters; a parameter without takes no part."""
        return [weight.grad for weight in self._parameters.values() if weight.grad is not None]

    def forget_gradients(self) -> None:
        for weight in self._parameters.values():
            weight.grad = None

    @torch.no_grad()
    def step(self, learning_rate: float, not_finite: Tensor) -> None:
        """Move the parameters along their gradients. not_finite: float scalar; at 1 everything stays as it is."""
        moved = [name for name, weight in self._parameters.items() if weight.grad is not None]
        columns = ([self._moments[kind][name] for name in moved] for kind in self._moments)
        exp_avg, exp_avg_sq, steps = columns
        adam(
            [self._parameters[name] for name in moved],
            self.gradients(),
            exp_avg,
            exp_avg_sq,
            [],
            steps,
            fused=True,
            found_inf=not_finite,
            amsgrad=False,
            beta1=BETAS[0],
            beta2=BETAS[1],
            lr=learning_rate,
            weight_decay=0.0,
            eps=EPSILON,
            maximize=False,
        )

    def state(self) -> dict[str, Tensor]:
        """Every moment as ``<kind>.<parameter>``."""
        return {f"{kind}.{name}": moment for kind, table in self._moments.items() for name, moment in table.items()}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take up what ``state`` gave; other names are passed over. Raises KeyError where a moment is missing."""
        for name, moment in self.state().items():
            moment.copy_(state[name])
