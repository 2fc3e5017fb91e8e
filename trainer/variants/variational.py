"""A code that is a distribution, so that the latent space can be walked through and sampled from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from trainer.ranges import NaturalInt, NonNegative, Positive
from trainer.variants.variant import Code, Output, Variant

if TYPE_CHECKING:
    from torch import Tensor, nn

    from trainer.evaluate import HeldOutImages
    from trainer.noise import Noise

ACTIVE_VARIANCE = 0.01
"""A dimension is active whose mean varies more than this over the data (Burda et al. 2016, section 5.2)."""


@dataclass(frozen=True, kw_only=True)
class Variational(Variant):
    """q(z|x) = N(mean, exp(log_variance)), or N(mean, LLᵀ); trained on z = mean + σ·ε, the loss is minus the ELBO.

    ``reconstruction`` = −log p(x|z) and ``kl`` = KL(q(z|x) ‖ N(0, I)), both in nats per image.
    Source: Kingma & Welling 2014; Higgins et al. 2017 (β); Kingma et al. 2016 (free bits).
    """

    likelihood: Literal["bernoulli", "gaussian", "continuous-bernoulli"] = "bernoulli"
    """p(x|z) of a pixel; gaussian takes the variance that is optimal for the batch unless one is given."""
    variance: Positive | None = None
    """Fixed variance σ² of the gaussian likelihood, > 0; without it the optimal one, in closed form."""
    covariance: Literal["diagonal", "full"] = "diagonal"
    """Shape of q(z|x): a variance per dimension, or a full covariance (a second head gives its Cholesky factor)."""
    beta: NonNegative = 1.0
    """Weight β of kl; 1 is the ELBO, 0 no VAE any more."""
    kl_warmup: NaturalInt = 0
    """Steps over which the weight of kl grows from 0 to β."""
    free_bits: NonNegative = 0.0
    """Nats per dimension below which kl is charged as if it were so much: that much information is free."""

    def check(self) -> None:
        from export.errors import ToolError

        super().check()
        if self.variance is not None and self.likelihood != "gaussian":
            raise ToolError(
                "--variational.variance has no effect",
                why=f"the likelihood is {self.likelihood}, which has no variance",
                do="leave it out, or add --variational.likelihood gaussian",
            )
        if self.free_bits and self.covariance == "full":
            raise ToolError(
                "--variational.free-bits has no effect",
                why="a full covariance has no KL per dimension that could be free",
                do="leave it out, or take --variational.covariance diagonal",
            )

    def heads(self, width: int) -> dict[str, int]:
        if self.covariance == "full":
            return {"mean": width, "scale_tril": width * (width + 1) // 2}
        return {"mean": width, "log_variance": width}

    def head_layer(self, name: str, width: int) -> nn.Module | None:
        from export.layers import LowerTriangular

        return LowerTriangular(width) if name == "scale_tril" else None

    def code(self, heads: dict[str, Tensor], noise: Noise) -> Tensor:
        return self._sample(heads, noise, "code")

    def _sample(self, heads: dict[str, Tensor], noise: Noise, stream: str) -> Tensor:
        mean = heads["mean"]
        epsilon = noise.normal_like(mean, stream)
        if self.covariance == "full":
            return mean + (heads["scale_tril"] @ epsilon[:, :, None])[:, :, 0]
        return mean + (0.5 * heads["log_variance"]).exp() * epsilon

    def _kl(self, heads: dict[str, Tensor]) -> Tensor:
        """KL(q(z|x) ‖ N(0, I)) per image: (batch,)."""
        from trainer import losses

        if self.covariance == "full":
            return losses.kl_of_full_covariance(heads["mean"], heads["scale_tril"])
        return losses.kl_to_standard_normal(heads["mean"], heads["log_variance"]).sum(dim=1)

    def reconstruction(self, output: Output, x: Tensor) -> Tensor:
        from trainer import losses

        if self.likelihood == "gaussian":
            return losses.gaussian_nll(output.x_hat, x, self.variance)
        if self.likelihood == "continuous-bernoulli":
            return losses.continuous_bernoulli_nll(output.logits, x)
        return losses.bernoulli_nll(output.logits, x)

    def penalty(self, code: Code, x: Tensor) -> dict[str, Tensor]:
        if not self.free_bits:
            return {"kl": self._kl(code.heads).mean()}
        from trainer.losses import kl_to_standard_normal

        per_dimension = kl_to_standard_normal(code.heads["mean"], code.heads["log_variance"]).mean(dim=0)
        return {"kl": per_dimension.clamp(min=self.free_bits).sum()}

    def weights(self, step: int, steps_total: int) -> dict[str, float]:
        ramp = min(1.0, (step + 1) / self.kl_warmup) if self.kl_warmup else 1.0
        return {"kl": self.beta * ramp}

    def metrics(self, view: HeldOutImages) -> dict[str, float | int | None]:
        """ELBO terms in nats per image (one sample of z per image), and the number of active dimensions."""
        reconstruction = kl = 0.0
        for x, noise in view.batches():
            heads = view.encode(x)
            output = view.decode(self._sample(heads, noise, "evaluation"))
            reconstruction += float(self.reconstruction(output, x).sum())
            kl += float(self._kl(heads).sum())
        return {
            "elbo_nats": -(reconstruction + kl) / view.n,
            "reconstruction_nats": reconstruction / view.n,
            "kl_nats": kl / view.n,
            "active_units": int((view.heads["mean"].var(dim=0) > ACTIVE_VARIANCE).sum()),
        }

    def advice(self, steps_total: int) -> list[str]:
        if self.kl_warmup < steps_total:
            return [f"KL warm-up: {self.kl_warmup} of {steps_total} steps"] if self.kl_warmup else []
        return [
            f"the run ends inside the KL warm-up ({self.kl_warmup} steps, the run has {steps_total}): "
            "its last loss is not an ELBO; train longer or lower --variational.kl-warmup"
        ]
