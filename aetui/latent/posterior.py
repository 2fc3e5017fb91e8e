"""q(z|x) as a variational encoder gives it, and how far it is from the prior N(0, I) along each dimension."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Exact = npt.NDArray[np.float64]

_LARGEST_LOG = 80.0
"""Beyond it exp() of a float32 is no number any more."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Posterior:
    """A Gaussian for each of n images.

    mean: float32 [n, d]. variance: float32 [n, d], > 0, along each dimension by itself. scale_tril: float32 [n, d, d],
    the Cholesky factor of the covariance; None where it is diagonal.
    """

    mean: Array
    variance: Array
    scale_tril: Array | None = None

    def draw(self, image: int, noise: Array) -> Array:
        """k draws of z for one image, float32 [k, d], from ``noise`` [k, d], which is standard normal.

        Source: Kingma & Welling 2014, section 2.4 (the reparameterisation).
        """
        tril = self.scale_tril
        moved = noise * np.sqrt(self.variance[image]) if tril is None else noise @ tril[image].T
        return np.asarray(self.mean[image] + moved, np.float32)


def posterior_of(heads: Mapping[str, Array]) -> Posterior | None:
    """The posterior from an encoder's outputs: ``mean`` with ``log_variance`` [n, d] or ``scale_tril`` [n, d, d].

    None where the encoder gives a code and no distribution.
    """
    mean = heads.get("mean")
    if mean is None or mean.ndim != 2:
        return None
    log_variance, tril = heads.get("log_variance"), heads.get("scale_tril")
    if log_variance is not None and log_variance.shape == mean.shape:
        return Posterior(mean=mean, variance=np.exp(log_variance.clip(-_LARGEST_LOG, _LARGEST_LOG)))
    if tril is not None and tril.shape == (*mean.shape, mean.shape[1]):
        return Posterior(mean=mean, variance=np.asarray((tril**2).sum(axis=2), np.float32), scale_tril=tril)
    return None


def kl_per_dimension(posterior: Posterior) -> Exact:
    """KL(q(zᵢ|x) ‖ N(0, 1)) of each image and dimension, in nats: float64 [n, d], ≥ 0.

    ½(μ² + σ² − 1 − log σ²) with the variance of the dimension by itself; of a diagonal covariance the sum over the
    dimensions is the KL of the whole, of a full one it is at most that.
    Source: Kingma & Welling 2014, appendix B.
    """
    mean, variance = posterior.mean.astype(np.float64), posterior.variance.astype(np.float64)
    variance = np.maximum(variance, np.finfo(np.float32).tiny)
    return np.asarray((0.5 * (mean**2 + variance - 1 - np.log(variance))).clip(min=0))
