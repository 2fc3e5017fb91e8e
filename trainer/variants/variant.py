"""What a variant is: a few questions, answered by pure functions. Torch is imported inside functions only."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from export.errors import ToolError
from trainer.ranges import check_ranges

if TYPE_CHECKING:
    from torch import Tensor, nn

    from trainer.evaluate import HeldOutImages
    from trainer.nets import Autoencoder
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


class Output:
    """What the decoder made of a code; every view of it is computed when it is asked for.

    pre_activation: (batch, C, H, W), before anything makes pixels of it, or what gives it. squash: makes pixels of it.
    logit_scale: the log-odds of a pixel are this times its pre-activation. score: (name of a loss, x) → (batch,), where
    the decoder and a loss can be had together in one go.
    """

    def __init__(
        self,
        *,
        pre_activation: Tensor | Callable[[], Tensor],
        squash: Callable[[Tensor], Tensor],
        logit_scale: float = 1.0,
        score: Callable[[str, Tensor], Tensor] | None = None,
    ) -> None:
        self._given = pre_activation
        self._squash = squash
        self._logit_scale = logit_scale
        self._score = score

    @functools.cached_property
    def pre_activation(self) -> Tensor:
        return self._given() if callable(self._given) else self._given

    @functools.cached_property
    def x_hat(self) -> Tensor:
        """The reconstruction: (batch, C, H, W), in [0, 1] for images."""
        return self._squash(self.pre_activation)

    @property
    def unclipped(self) -> Tensor:
        """x_hat, but for what a clip to [0, 1] cuts off: there it has no gradient, and a pixel would not come back."""
        from torch import nn

        clips = isinstance(self._squash, nn.Module) and any(isinstance(m, nn.Hardtanh) for m in self._squash.modules())
        return self.pre_activation if clips else self.x_hat

    @property
    def logits(self) -> Tensor:
        """The log-odds of x_hat, in its shape; without meaning where the pixels are clipped or points."""
        return self.pre_activation if self._logit_scale == 1 else self._logit_scale * self.pre_activation

    def squared_error(self, x: Tensor) -> Tensor:
        """‖x − x̂‖² per image, unclipped: (batch,)."""
        from trainer.losses import squared_error

        return self._score("squared_error", x) if self._score else squared_error(self.unclipped, x)

    def bernoulli_nll(self, x: Tensor) -> Tensor:
        """−log p(x) of Bernoulli pixels with these log-odds, in nats per image: (batch,)."""
        from trainer.losses import bernoulli_nll

        return self._score("bernoulli_nll", x) if self._score else bernoulli_nll(self.logits, x)


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A plain autoencoder; each variant changes one answer or two. Registered under its class name in lower case."""

    name: ClassVar[str]
    hidden: ClassVar[tuple[int, ...]] = (256, 128)
    """Widths of the encoder's hidden layers under ``--arch mlp``, where ``--hidden`` does not say."""
    takes_latent_dim: ClassVar[bool] = True
    """False where the width of the code follows the data alone."""
    narrow: ClassVar[bool] = True
    """True where the code has to be narrower than the image."""

    def __init_subclass__(cls) -> None:
        cls.name = cls.__name__.lower()
        VARIANTS[cls.name] = cls

    def check(self) -> None:
        """Hold the options against their ranges. Raises ToolError (exit 2)."""
        check_ranges(self, f"--{self.name}.")

    def settled(self, *, points: bool) -> Variant:
        """The variant with those options given a value that depend on the kind of data. points: not images."""
        return self

    def code_width(self, latent_dim: int, pixels: int) -> int:
        """How wide the code is. pixels: values of one image. Raises ToolError (exit 2) where that is no autoencoder."""
        if self.narrow and latent_dim >= pixels:
            raise ToolError(
                f"--latent-dim {latent_dim} is no bottleneck",
                why=f"an image of this data set has {pixels} values, and {self.name} needs a code that is narrower",
                do=f"give --latent-dim a value from 1 to {pixels - 1}",
            )
        return latent_dim

    def heads(self, width: int) -> dict[str, int]:
        """Names and widths of the encoder's linear heads: the outputs of ``encoder.onnx``, the code first."""
        return {"latent": width}

    @property
    def squash(self) -> Literal["sigmoid", "clip"]:
        """What makes pixels of the decoder's last layer under mlp and conv; clip cuts off what leaves [0, 1]."""
        return "sigmoid"

    def head_layer(self, name: str, width: int) -> nn.Module | None:
        """What follows the linear layer of the head ``name``; width: of the code. None: nothing, the head is linear."""
        return None

    def start(self, model: Autoencoder, mean: Tensor) -> None:
        """Set first weights of an untrained network that depend on the data. mean: (C, H, W), of the training images.

        Here the decoder learns to answer a code of zeros with the mean image, so that the code need only say the rest.
        """
        from trainer.nets import start_at_mean

        start_at_mean(model, mean)

    def constrain(self, model: Autoencoder) -> None:
        """Bring weights back to where they must stay, after each step of the optimiser; under ``no_grad``."""

    def corrupt(self, x: Tensor, noise: Noise) -> Tensor:
        """What the network sees instead of ``x`` in training: (batch, C, H, W) in [0, 1]."""
        return x

    @property
    def wants_targets(self) -> bool:
        """True where an image is held against its partner in the data set (``Split.targets``), not against itself."""
        return False

    def target_of(self, x: Tensor, noise: Noise) -> Tensor:
        """What a reconstruction is held against in training, given the clean ``x`` (or its partner)."""
        return x

    def code(self, heads: dict[str, Tensor], noise: Noise) -> Tensor:
        """The code that the decoder gets in training: (batch, latent_dim)."""
        return next(iter(heads.values()))

    def reconstruction(self, output: Output, x: Tensor) -> Tensor:
        """How far the reconstruction is from the clean ``x``, one value per image: (batch,)."""
        return output.squared_error(x)

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
