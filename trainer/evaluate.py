"""Numbers that mean something: a run's metrics on its test set."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from trainer import disentanglement
from trainer.baselines import PROBE_IMAGES, Baselines, mean_image_mse, probe_accuracy
from trainer.batches import pixels
from trainer.data.dataset import DataSet, Split
from trainer.nets import Autoencoder
from trainer.noise import Noise
from trainer.noise_sweep import Ridge, noise_sweep, spoilings
from trainer.restore import Trained
from trainer.variants import Output, Variant

TEST_IMAGES = 10_000
TRAINING_IMAGES = 60_000
NLL_IMAGES = 1000
"""Test images whose likelihood is estimated, which costs a hundred times their reconstruction."""

_BATCH = 1000
_MOST_VALUES = 1 << 27
"""Pixels of one split that are held at once: 512 MiB where they are float32."""
_MANY = 2_000_000
"""Numbers from which on what is done with them takes long enough to say so."""
_SEED = 0
"""Of all noise here, so that every run of a data set is tried on the same corrupted images."""


class HeldOutImages:
    """A test set as a variant's ``metrics`` sees it, its noise fixed by ``seed``.

    n: images; values: numbers in all of them together; codes: the encoder's first output for every clean image, (n, …),
    heads: all its outputs. training: images of the training set in the same way, for what must not be fitted to a test
    set. nll_images: how many of the first images are enough for an estimate that is expensive.
    """

    def __init__(
        self,
        model: Autoencoder,
        images: npt.NDArray[np.generic],
        seed: int,
        *,
        training: HeldOutImages | None = None,
        nll_images: int = NLL_IMAGES,
    ) -> None:
        self._model = model
        self._device = next(model.parameters()).device
        self._images = torch.from_numpy(images)
        self._seed = seed
        self.n = len(images)
        self.values = images.size
        self.training = training
        self.nll_images = nll_images

    def batches(self, size: int = _BATCH, images: int | None = None) -> Iterator[tuple[Tensor, Noise]]:
        """The first ``images`` (or all) in parts: (≤ size, C, H, W) float32 on the device, with noise of their own."""
        for number, part in enumerate(self._images[:images].split(size)):
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

    @functools.cached_property
    def codes(self) -> Tensor:
        return torch.cat([next(iter(self.encode(x).values())) for x, _ in self.batches()])

    def sampled_codes(self, variant: Variant) -> Tensor | None:
        """The codes that a decoder gets in training, (n, latent_dim); None where they are ``codes`` again."""
        parts = []
        for x, noise in self.batches():
            heads = self.encode(x)
            parts.append(variant.code(heads, noise))
            if parts[-1] is next(iter(heads.values())):
                return None
        return torch.cat(parts)


class Surroundings:
    """A data set, whole and as far as evaluation reads it, and what depends on it alone: made once for all its runs."""

    def __init__(self, data: DataSet) -> None:
        self.whole = data
        self.data = dataclasses.replace(
            data,
            train=_front(data.train, TRAINING_IMAGES, mixed=PROBE_IMAGES),
            test=_front(data.test, TEST_IMAGES, mixed=NLL_IMAGES),
        )
        self.baselines = Baselines(self.data)
        self.ridge = Ridge(self.data)


@torch.no_grad()
def mse_on_test(model: Autoencoder, data: DataSet) -> float:
    """Mean squared error of the reconstruction per pixel, [0, 1] units, over the test images (10,000 at most).

    The model is asked as outside of training, whichever mode it is in.
    """
    with model.evaluating():
        return _mse(HeldOutImages(model, _front(data.test, TEST_IMAGES, mixed=NLL_IMAGES).images, _SEED))


@torch.no_grad()
def evaluate(
    trained: Trained,
    surroundings: Surroundings | None = None,
    *,
    nll_images: int = NLL_IMAGES,
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """One flat object of test metrics: what every run has, then what its variant adds (see each ``metrics``).

    mse: per pixel in [0, 1] units; psnr_db = −10 log10(mse), null for points; pca_mse: of PCA at the same code width,
    fitted to the training images; mean_image_mse: of answering with the training images' mean; probe_accuracy: of a
    linear classifier on the codes, probe_accuracy_pixels on the pixels; mig_…, dci_… where attributes are known, from
    the codes (``mean``) and from what is drawn around them (``sampled``); noise_sweep: see there, the only list.
    At most 10,000 test and 60,000 training images are read. surroundings: of the run's data set, where they are made
    already; nll_images: test images behind nll_nats; say: is told what takes long.
    """
    around = surroundings or Surroundings(trained.data)
    data, baselines, model, variant = around.data, around.baselines, trained.model, trained.config.variant
    variant = variant.settled(points=data.points)
    training = HeldOutImages(model, data.train.images[:PROBE_IMAGES], _SEED)
    view = HeldOutImages(model, data.test.images, _SEED, training=training, nll_images=nll_images)
    mse = _mse(view)
    result = {
        "run": trained.run.name,
        "variant": variant.name,
        "data": trained.config.fit.data,
        "split": "test",
        "n": view.n,
        "step": trained.step,
        "latent_dim": trained.resolved.latent_dim,
        "mse": mse,
        "psnr_db": -10 * math.log10(mse) if mse > 0 and not data.points else None,
        "pca_mse": baselines.pca_mse(trained.resolved.latent_dim),
        "mean_image_mse": mean_image_mse(data),
    }
    if training.codes.numel() > _MANY and data.classes:
        say(f"a linear classifier on {training.codes.shape[1]} numbers per image")
    result["probe_accuracy"] = probe_accuracy(
        _array(training.codes), data.train.labels, _array(view.codes), data.test.labels
    )
    result["probe_accuracy_pixels"] = baselines.probe_accuracy
    result |= variant.metrics(view)
    if data.test.attributes is not None:
        say("disentanglement: predicting the attributes from the codes")
        result |= _disentanglement(training, view, variant, data)
    tried = spoilings(variant, points=data.points)
    if data.train.images.size > _MANY and any(spoiling not in around.ridge for spoiling in tried):
        say("fitting linear denoisers to compare with")
    result["noise_kind"] = tried[0].kind if tried else None
    result["noise_sweep"] = noise_sweep(view, tried, around.ridge)
    return result


def _mse(view: HeldOutImages) -> float:
    return sum(float((view.reconstruct(x) - x).double().square().sum()) for x, _ in view.batches()) / view.values


def _disentanglement(training: HeldOutImages, view: HeldOutImages, variant: Variant, data: DataSet) -> dict[str, float]:
    codes = {"mean": (training.codes, view.codes)}
    drawn, drawn_on_test = training.sampled_codes(variant), view.sampled_codes(variant)
    if drawn is not None and drawn_on_test is not None:
        codes["sampled"] = (drawn, drawn_on_test)
    assert data.train.attributes is not None
    assert data.test.attributes is not None
    found: dict[str, float] = {}
    for kind, (some, test) in codes.items():
        attributes = data.train.attributes[: training.n]
        scores = disentanglement.scores(_array(some), attributes, _array(test), data.test.attributes)
        found |= {f"{name}_{kind}": score for name, score in scores.items()}
    return found


def _front(split: Split, count: int, *, mixed: int) -> Split:
    """Up to ``count`` images of ``split``, in memory: the first ones, or in another order where the source is sorted by
    class and its first ``mixed`` images are not of every class.
    """
    count = min(count, max(1, _MOST_VALUES // math.prod(split.images.shape[1:])))
    if not split.resident:
        rows = split.sample(count)
    elif len(split) > mixed and len(np.unique(split.labels[:mixed])) < len(np.unique(split.labels)):
        rows = np.random.default_rng(_SEED).permutation(len(split))[:count]
    elif len(split) > count:
        rows = np.arange(count)
    else:
        return split
    return Split(
        images=split.rows(rows),
        labels=split.labels[rows],
        index=split.index[rows],
        attributes=None if split.attributes is None else split.attributes[rows],
    )


def _array(codes: Tensor) -> npt.NDArray[np.float32]:
    array: npt.NDArray[np.float32] = codes.cpu().numpy()
    return array
