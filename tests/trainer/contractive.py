"""A fifth variant: one file, and the line that imports it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trainer.ranges import NonNegative
from trainer.variants import Code, Variant

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Contractive(Variant):
    """Charged for how far the code moves when the image gets brighter: weight · ‖J v‖², v of unit length.

    A Jacobian-vector product instead of the whole Jacobian of Rifai et al. 2011, "Contractive auto-encoders".
    """

    weight: NonNegative = 1.0
    """Weight of the penalty, ≥ 0."""

    def penalty(self, code: Code, x: Tensor) -> dict[str, Tensor]:
        import torch
        from torch.nn.functional import normalize

        direction = normalize(torch.ones_like(x).flatten(1)).reshape(x.shape)
        _, moved = torch.func.jvp(lambda image: code.encode(image)["latent"], (x,), (direction,))
        return {"contraction": self.weight * moved.square().sum(dim=1).mean()}
