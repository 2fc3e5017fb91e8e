"""What a variant is: a few questions, answered by pure functions. Torch is imported inside functions only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from export.errors import ToolError
from trainer.ranges import check_ranges

if TYPE_CHECKING:
    from torch import Tensor, nn

    from trainer.evaluate import HeldOutImages
    from trainer.noise import Noise

VARIANTS: dict[str, type[Variant]] = {}
"""Every variant by name, in the order in which their modules are imported."""


@dataclass(frozen=True, kw_only=True)
class Code:
    """What the encoder made of a batch.

    z: (batch, latent_dim), what the decoder gets. heads: the encoder's outputs by name. encode: the encoder, for a
    penalty that needs it again (a Jacobian); it maps (batch, C, H, W) in [0, 1] to heads.
    """

    z: Tensor
    heads: dict[str, Tensor]
    encode: Callable[[Tensor], dict[str, Tensor]]

    @property
    def activations(self) -> Tensor:
        return self.z


@dataclass(frozen=True, kw_only=True)
class Output:
    """What the decoder made of a code: x_hat (batch, C, H, W) in [0, 1], and logits, its log-odds."""

    x_hat: Tensor
    logits: Tensor


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A plain autoencoder; each variant changes one answer or two. Registered under its class name in lower case."""

    name: ClassVar[str]
    hidden: ClassVar[tuple[int, ...]] = (256, 128)
    """Widths of the encoder's hidden layers under ``--arch mlp``, where ``--hidden`` does not say."""
    takes_latent_dim: ClassVar[bool] = True
    """False where the width of the code follows the data alone."""
    starts_at_mean: ClassVar[bool] = True
    """True where an untrained decoder should answer with the mean image, so that the code has only to say the rest."""

    def __init_subclass__(cls) -> None:
        cls.name = cls.__name__.lower()
        VARIANTS[cls.name] = cls

    def check(self) -> None:
        """Hold the options against their ranges. Raises ToolError (exit 2)."""
        check_ranges(self, f"--{self.name}.")

    def code_width(self, latent_dim: int, pixels: int) -> int:
        """How wide the code is. pixels: values of one image. Raises ToolError (exit 2) where that is no autoencoder."""
        if latent_dim >= pixels:
            raise ToolError(
                f"--latent-dim {latent_dim} is no bottleneck",
                why=f"an image of this data set has {pixels} values, and {self.name} needs a code that is narrower",
                do=f"give --latent-dim a value from 1 to {pixels - 1}",
            )
        return latent_dim

    def heads(self, width: int) -> dict[str, int]:
        """Names and widths of the encoder's linear heads: the outputs of ``encoder.onnx``, the code first."""
        return {"latent": width}

    def head_layer(self, name: str, width: int) -> nn.Module | None:
        """What follows the linear layer of the head ``name``; width: of the code. None: nothing, the head is linear."""
        return None

    def corrupt(self, x: Tensor, noise: Noise) -> Tensor:
        """What the network sees instead of ``x`` in training: (batch, C, H, W) in [0, 1]."""
        return x

    def code(self, heads: dict[str, Tensor], noise: Noise) -> Tensor:
        """The code that the decoder gets in training: (batch, latent_dim)."""
        return next(iter(heads.values()))

    def reconstruction(self, output: Output, x: Tensor) -> Tensor:
        """How far the reconstruction is from the clean ``x``, one value per image: (batch,)."""
        from trainer.losses import squared_error

        return squared_error(output.x_hat, x)

    def penalty(self, code: Code, x: Tensor) -> dict[str, Tensor]:
        """What else is charged: scalars by name, each a mean over the batch."""
        return {}

    def weights(self, step: int, steps_total: int) -> dict[str, float]:
        """Factors of the penalty's terms at a step, where they are not 1: loss = reconstruction + Σ weight · term."""
        return {}

    def metrics(self, view: HeldOutImages) -> dict[str, float | int | None]:
        """What is worth reporting of this variant on a test set."""
        return {}

    def advice(self, steps_total: int) -> list[str]:
        """What the user should know about these options before the first step, a sentence each."""
        return []
