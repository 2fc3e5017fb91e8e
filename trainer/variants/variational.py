"""A code that is a distribution, so that the latent space can be walked through and sampled from."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from export.errors import ToolError
from trainer.ranges import NaturalInt, NonNegative, Positive
from trainer.variants.variant import Code, Output, Variant

if TYPE_CHECKING:
    from torch import Tensor, nn

    from trainer.evaluate import HeldOutImages
    from trainer.noise import Noise

ACTIVE_VARIANCE = 0.01
"""A dimension is active whose mean varies more than this over the data (Burda et al. 2016, section 5.2)."""

NLL_SAMPLES = 100
"""Draws of z per image behind ``nll_nats``."""

_MOST_VALUES = 1 << 23
"""Pixels of all the reconstructions that are held at once (32 MiB), whatever the number of draws."""


@dataclass(frozen=True, kw_only=True)
class Variational(Variant):
    """q(z|x) = N(mean, exp(log_variance)), or N(mean, LLᵀ); trained on z = mean + σ·ε, the loss is minus the ELBO.

    ``reconstruction`` = −log p(x|z) and ``kl`` = KL(q(z|x) ‖ N(0, I)), both in nats per image.
    Source: Kingma & Welling 2014; Higgins et al. 2017 (β); Kingma et al. 2016 (free bits).
    """

    likelihood: Literal["bernoulli", "gaussian", "continuous-bernoulli"] | None = None
    """p(x|z) of a pixel; default bernoulli, for points gaussian, whose variance is the batch's optimal one or given."""
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
        super().check()
        if self.variance is not None and self.likelihood != "gaussian":
            raise ToolError(
                "--variational.variance has no effect",
                why=f"a variance belongs to a gaussian likelihood, and this one is {self.likelihood or 'bernoulli'}",
                do="leave it out, or add --variational.likelihood gaussian",
            )
        if self.free_bits and self.covariance == "full":
            raise ToolError(
                "--variational.free-bits has no effect",
                why="a full covariance has no KL per dimension that could be free",
                do="leave it out, or take --variational.covariance diagonal",
            )

    def settled(self, *, points: bool) -> Variational:
        """With the likelihood said. Raises ToolError (exit 2) for one of [0, 1], where the data are points."""
        if self.likelihood is None:
            return dataclasses.replace(self, likelihood="gaussian" if points else "bernoulli")
        if points and self.likelihood != "gaussian":
            raise ToolError(
                f"--variational.likelihood {self.likelihood} does not fit these data",
                why="it is for pixels in [0, 1], and a coordinate of a point can be any number",
                do="leave it out, or take --variational.likelihood gaussian",
            )
        return self

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
        return output.bernoulli_nll(x)

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
        """ELBO terms (one sample of z per image) and the importance-weighted bound of −log p(x), in nats per image, and
        the number of active dimensions; with a gaussian likelihood also ``variance``, the σ² behind these numbers.
        """
        model = dataclasses.replace(self, variance=self._variance(view)) if self.likelihood == "gaussian" else self
        reconstruction = kl = 0.0
        for x, noise in view.batches():
            heads = view.encode(x)
            output = view.decode(self._sample(heads, noise, "evaluation"))
            reconstruction += float(model.reconstruction(output, x).double().sum())
            kl += float(self._kl(heads).double().sum())
        return {
            "elbo_nats": -(reconstruction + kl) / view.n,
            "reconstruction_nats": reconstruction / view.n,
            "kl_nats": kl / view.n,
            "active_units": int((view.codes.var(dim=0, correction=0) > ACTIVE_VARIANCE).sum()),
            "nll_nats": model.nll_nats(view, view.nll_images),
            **({"variance": model.variance} if self.likelihood == "gaussian" else {}),
        }

    def nll_nats(self, view: HeldOutImages, images: int, samples: int = NLL_SAMPLES) -> float:
        """−log (1/k) Σ p(x, zᵢ) / q(zᵢ|x) with k draws of z from q(z|x), in nats, the mean over the first ``images``.

        On average not below −log p(x), and closer with more ``samples``; with one it is minus the ELBO.
        Source: Burda, Grosse & Salakhutdinov 2016, "Importance weighted autoencoders", equation 8.
        """
        size = max(1, min(images, _MOST_VALUES // (samples * view.values // view.n)))
        total = 0.0
        for x, noise in view.batches(size, images):
            log_weights = self._log_weights(view, x, noise, samples).double()
            total += float((math.log(samples) - log_weights.logsumexp(dim=1)).sum())
        return total / min(images, view.n)

    def _log_weights(self, view: HeldOutImages, x: Tensor, noise: Noise, samples: int) -> Tensor:
        """log p(x, z) − log q(z|x) of each image's draws of z: (batch, samples)."""
        heads = view.encode(x)
        mean = heads["mean"][:, None]
        epsilon = noise.normal_like(mean.expand(-1, samples, -1), "code")
        if self.covariance == "full":
            z = mean + epsilon @ heads["scale_tril"].mT
            log_determinant = heads["scale_tril"].diagonal(dim1=1, dim2=2).log().sum(dim=1)
        else:
            z = mean + (0.5 * heads["log_variance"]).exp()[:, None] * epsilon
            log_determinant = 0.5 * heads["log_variance"].sum(dim=1)
        nll = self.reconstruction(view.decode(z.flatten(0, 1)), x.repeat_interleave(samples, dim=0))
        # Both densities are normal in z, so that their constants cancel.
        log_prior_over_q = 0.5 * (epsilon.square() - z.square()).sum(dim=2) + log_determinant[:, None]
        return log_prior_over_q - nll.reshape(-1, samples)

    def _variance(self, view: HeldOutImages) -> float:
        """The σ² given, or the one that is optimal for the training images: their mean squared error from samples of z.

        Training takes the optimum of each batch; one that is fitted to test images would flatter them.
        """
        if self.variance is not None:
            return self.variance
        view = view.training or view
        error = 0.0
        for x, noise in view.batches():
            output = view.decode(self._sample(view.encode(x), noise, "evaluation"))
            error += float((output.x_hat - x).double().square().sum())
        return max(error / view.values, 1e-6)  # the floor of training, too

    def advice(self, steps_total: int) -> list[str]:
        if self.kl_warmup < steps_total:
            return [f"KL warm-up: {self.kl_warmup} of {steps_total} steps"] if self.kl_warmup else []
        return [
            f"warning: the run ends inside the KL warm-up ({self.kl_warmup} steps, the run has {steps_total}): "
            "its last loss is not an ELBO; train longer or lower --variational.kl-warmup"
        ]
