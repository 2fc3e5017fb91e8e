"""A wide code of which only a few units may speak at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from export.errors import ToolError
from trainer.ranges import NonNegative, Positive, Range
from trainer.variants.variant import Code, Variant

if TYPE_CHECKING:
    from torch import Tensor, nn

    from trainer.evaluate import HeldOutImages
    from trainer.nets import Autoencoder

ACTIVE = 1e-3
"""A unit above this is said to be active."""

PRICE_WARMUP = 0.1
"""Share of all steps over which the price of activation grows to what it is."""

_TAKEN_BY = {"l1": "l1", "kl": "kl", "rate": "kl", "budget": "batchtopk"}
"""Which charge each option belongs to."""


@dataclass(frozen=True, kw_only=True)
class Sparse(Variant):
    """As wide as the input, but charged for every active unit.

    Adds the term ``l1`` = weight · Σ|a| (per image, mean over the batch), or ``kl`` = weight · Σ KL(ρ ‖ ρ̂) over the
    units' mean activations; or charges nothing and keeps to a budget of active units (``batchtopk``). Units stay alive
    because the encoder sees what is not the mean image, the decoder starts as the encoder's transpose, and a decoder
    column has unit length (which also keeps a price on activation from being evaded by small activations).
    Source: CSE 465 lecture 13, "How to keep neurons deactivated?"; Ng 2011; Bricken et al. 2023, "Towards
    monosemanticity"; Bussmann et al. 2024.
    """

    hidden: ClassVar[tuple[int, ...]] = ()
    takes_latent_dim: ClassVar[bool] = False

    charge: Literal["l1", "kl", "batchtopk"] = "l1"
    """What keeps units quiet: a price on activation (l1) or on a mean off the rate (kl), or a budget (batchtopk)."""
    l1: NonNegative = 0.4
    """Weight λ of the l1 penalty, ≥ 0; at 0 nothing keeps the units quiet."""
    kl: NonNegative = 0.1
    """Weight of the kl penalty, ≥ 0."""
    rate: Annotated[float, Range(1e-6, 1 - 1e-6)] = 0.05
    """Target rate ρ of the kl penalty: the mean activation that costs nothing, between 0 and 1."""
    budget: Positive | None = None
    """Mean number of active units per image under batchtopk; default a sixteenth of the units."""

    def check(self) -> None:
        super().check()
        for option, charge in _TAKEN_BY.items():
            if charge != self.charge and getattr(self, option) != getattr(Sparse, option):
                raise ToolError(
                    f"--sparse.{option} has no effect",
                    why=f"what keeps units quiet is {self.charge}",
                    do=f"leave it out, or add --sparse.charge {charge}",
                )

    def code_width(self, latent_dim: int, pixels: int) -> int:
        return pixels

    @property
    def squash(self) -> Literal["sigmoid", "clip"]:
        return "clip"

    def head_layer(self, name: str, width: int) -> nn.Module | None:
        from torch import nn

        from export.layers import BatchTopK

        return BatchTopK(self.budget or max(1, width / 16)) if self.charge == "batchtopk" else nn.ReLU()

    def start(self, model: Autoencoder, mean: Tensor) -> None:
        """Make the decoder's first layer the transpose of the layer that gives the code, and centre that, too.

        With columns of unit length, what a code is decoded to is then about the image that it came from.
        """
        import torch

        super().start(model, mean)
        before, into, out_of = _around_the_code(model)
        with torch.no_grad():
            out_of.weight.copy_(into.weight.t())
            self.constrain(model)
            into.weight.copy_(out_of.weight.t())
            into.bias.copy_(-(into.weight @ before(mean[None])[0]))
            if model.last is not out_of:
                _make_effects_of_unit_length(model)

    def constrain(self, model: Autoencoder) -> None:
        """Bring what each unit adds in the decoder back to unit length; else small activations would be cheap."""
        _, _, out_of = _around_the_code(model)
        out_of.weight.div_(out_of.weight.norm(dim=0).clamp(min=1e-12))

    def penalty(self, code: Code, x: Tensor) -> dict[str, Tensor]:
        from trainer.losses import kl_to_rate

        if self.charge == "batchtopk":
            return {}
        if self.charge == "kl":
            return {"kl": self.kl * kl_to_rate(code.activations, self.rate)}
        return {"l1": self.l1 * code.activations.abs().sum(dim=1).mean()}

    def weights(self, step: int, steps_total: int) -> dict[str, float]:
        """The price grows over the first steps: charged in full at once, units die that the decoder cannot read yet."""
        ramp = min(1.0, (step + 1) / (PRICE_WARMUP * steps_total))
        return {} if self.charge == "batchtopk" else {self.charge: ramp}

    def metrics(self, view: HeldOutImages) -> dict[str, float | int | None]:
        """l1: mean Σ|a| per image, unweighted; a unit is dead that is active for no test image."""
        activations = view.heads["latent"]
        active = activations > ACTIVE
        return {
            "l1": float(activations.abs().sum(dim=1).mean()),
            "active_per_image": float(active.sum(dim=1).float().mean()),
            "active_fraction": float(active.float().mean()),
            "dead_units": int((~active.any(dim=0)).sum()),
        }


def _make_effects_of_unit_length(model: Autoencoder) -> None:
    """Scale the last layer so that an activation of 1 moves the image by about 1, as in a decoder of one layer.

    Only then is a price on activation the same in a deeper decoder: behind layers that shrink what passes through them
    a unit that is worth having would cost more than it brings.
    """
    import torch

    _, _, out_of = _around_the_code(model)
    units = torch.eye(out_of.in_features)
    moved = (model.body(units) - model.body(torch.zeros_like(units[:1]))).flatten(1)
    model.last.weight.div_(moved.norm(dim=1).mean().clamp(min=1e-12))


def _around_the_code(model: Autoencoder) -> tuple[nn.Module, nn.Linear, nn.Linear]:
    """(the encoder up to its head, the head's linear layer, the decoder's first)."""
    from torch import nn

    from export.layers import Heads

    *before, heads = model.encoder
    assert isinstance(heads, Heads)
    into, out_of = next(heads["latent"].children()), model.body[0]
    assert isinstance(into, nn.Linear)
    assert isinstance(out_of, nn.Linear)
    return nn.Sequential(*before), into, out_of
