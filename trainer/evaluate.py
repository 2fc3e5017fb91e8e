"""Numbers that mean something: a run's metrics on its test set."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from trainer.data.dataset import DataSet
from trainer.nets import Autoencoder
from trainer.noise import Noise
from trainer.restore import Trained
from trainer.step import pixels
from trainer.variants import Output

_BATCH = 1000


class HeldOutImages:
    """A test set as a variant's ``metrics`` sees it, its noise fixed by the run's seed.

    n: images; values: numbers in all of them together; heads: the encoder's outputs for every clean image, (n, …).
    """

    def __init__(self, model: Autoencoder, images: npt.NDArray[np.generic], seed: int) -> None:
        self._model = model
        self._device = next(model.parameters()).device
        self._images = torch.from_numpy(images)
        self._seed = seed
        self.n = len(images)
        self.values = images.size

    def batches(self) -> Iterator[tuple[Tensor, Noise]]:
        """The images in parts, (≤ 1000, C, H, W) float32 in [0, 1] on the device, each with noise of its own."""
        for number, part in enumerate(self._images.split(_BATCH)):
            yield pixels(part.to(self._device)), Noise(self._seed, number)

    def encode(self, x: Tensor) -> dict[str, Tensor]:
        return self._model.encode(x)

    def decode(self, z: Tensor) -> Output:
        return self._model.decode(z)

    def reconstruct(self, x: Tensor) -> Tensor:
        """x_hat of ``x`` by way of the first head, as the exported graphs do it: the mean, for a distribution."""
        return self.decode(next(iter(self.encode(x).values()))).x_hat

    @functools.cached_property
    def heads(self) -> dict[str, Tensor]:
        parts = [self.encode(x) for x, _ in self.batches()]
        return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}


@torch.no_grad()
def mse_on_test(model: Autoencoder, data: DataSet) -> float:
    """Mean squared error of the reconstruction per pixel, [0, 1] units, over the test images."""
    view = HeldOutImages(model, data.test.images, seed=0)
    total = sum(float((view.reconstruct(x) - x).double().square().sum()) for x, _ in view.batches())
    return total / view.values


@torch.no_grad()
def evaluate(trained: Trained) -> dict[str, Any]:
    """One flat object of test metrics: what every run has, then what its variant adds (see each ``metrics``).

    mse: per pixel in [0, 1] units; psnr_db = −10 log10(mse); pca_mse: of PCA at the same code width, fitted to the
    training images; mean_image_mse: of answering with the training images' mean.
    """
    data, model = trained.data, trained.model
    mse = mse_on_test(model, data)
    view = HeldOutImages(model, data.test.images, trained.config.fit.seed)
    return {
        "run": trained.run.name,
        "variant": trained.config.variant.name,
        "data": trained.config.fit.data,
        "split": "test",
        "n": view.n,
        "step": trained.step,
        "latent_dim": trained.resolved.latent_dim,
        "mse": mse,
        "psnr_db": -10 * math.log10(mse) if mse > 0 else None,
        "pca_mse": pca_mse(data, trained.resolved.latent_dim),
        "mean_image_mse": mean_image_mse(data),
        **trained.config.variant.metrics(view),
    }


def mean_image_mse(data: DataSet) -> float:
    """The error per pixel of predicting the training images' mean for every test image."""
    return float(np.square(data.test.pixels() - data.train.mean_image()).mean(dtype=np.float64))


def pca_mse(data: DataSet, components: int) -> float:
    """The error per pixel of PCA with so many components, fitted to the training images, on the test images.

    0 where there are as many components as pixels. The linear optimum, which a nonlinear autoencoder must beat.
    """
    train = data.train.pixels().reshape(len(data.train), -1)
    test = data.test.pixels().reshape(len(data.test), -1)
    if components >= min(train.shape):
        components = min(train.shape)
    if components == train.shape[1]:
        return 0.0
    from sklearn.decomposition import PCA

    pca = PCA(n_components=components, svd_solver="covariance_eigh").fit(train)
    centred = test - pca.mean_
    return float(np.square(centred - centred @ pca.components_.T @ pca.components_).mean(dtype=np.float64))
