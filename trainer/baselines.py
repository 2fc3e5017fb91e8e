"""What a run's numbers are held against: the mean image, PCA, and a linear classifier."""

from __future__ import annotations

import functools
import math
import warnings

import numpy as np
import numpy.typing as npt

from trainer.data.dataset import DataSet

PROBE_IMAGES = 20_000
"""Training images behind the linear probe."""
PROBE_ITERATIONS = 300
"""Of L-BFGS. On 20,000 images of Fashion-MNIST about 10 s for 784 numbers per image, 1 s for 16."""

WIDE = 3072
"""Values of an image (32×32 in RGB) beyond which matrices of their products are not made: they grow with the square."""
_PROBED_PIXELS = 1024

Floats = npt.NDArray[np.float32]


def mean_image_mse(data: DataSet) -> float:
    """The error per pixel of answering every test image with the mean of the training images."""
    return float(np.square(data.test.pixels() - data.train.mean_image()).mean(dtype=np.float64))


class Baselines:
    """Of one data set, which is in memory. What takes long is computed when it is first asked for, and kept."""

    def __init__(self, data: DataSet) -> None:
        self._data = data
        self.values = math.prod(data.image_shape)

    def pca_mse(self, components: int) -> float:
        """The error per pixel of PCA with so many components, fitted to the training images, on the test images.

        0 where there are as many components as pixels. The linear optimum, which a nonlinear autoencoder must beat.
        """
        if components >= self.values:
            return 0.0
        if self.values <= WIDE:
            return float(self._pca_errors[min(components, len(self._pca_errors) - 1)])
        return float(self._pca("randomized", components)[-1])

    @functools.cached_property
    def _pca_errors(self) -> npt.NDArray[np.float64]:
        return self._pca("covariance_eigh", None)

    def _pca(self, solver: str, components: int | None) -> npt.NDArray[np.float64]:
        """Errors per pixel with 0, 1, … components."""
        from sklearn.decomposition import PCA

        train = self._train()
        components = components and min(components, *train.shape)
        pca = PCA(n_components=components, svd_solver=solver, random_state=0).fit(train)
        centred = self._test() - pca.mean_
        total = np.square(centred).mean(axis=0, dtype=np.float64).sum()
        explained = np.square(centred @ pca.components_.T).mean(axis=0, dtype=np.float64)
        left: npt.NDArray[np.float64] = (total - np.cumsum([0.0, *explained])).clip(min=0) / self.values
        return left

    @functools.cached_property
    def probe_accuracy(self) -> float | None:
        """``probe_accuracy`` of the pixels themselves; None also where they are so many that it would take minutes."""
        if self.values > _PROBED_PIXELS:
            return None
        return probe_accuracy(self._train(), self._data.train.labels, self._test(), self._data.test.labels)

    def _train(self) -> Floats:
        return self._data.train.pixels().reshape(len(self._data.train), -1)

    def _test(self) -> Floats:
        return self._data.test.pixels().reshape(len(self._data.test), -1)


Labels = npt.NDArray[np.int64]


def probe_accuracy(codes: Floats, labels: Labels, test_codes: Floats, test_labels: Labels) -> float | None:
    """The share of test images whose class a linear classifier reads off their codes; None without (two) classes.

    codes: float32 [n, d], labels: int64 [n], −1 for none. It learns from the first ``PROBE_IMAGES``, raw: scaling codes
    moves the result by some hundredths. The classifier is scikit-learn's LogisticRegression as it comes (multinomial,
    L2 with C = 1, L-BFGS), but for ``PROBE_ITERATIONS``.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    codes, labels = codes[:PROBE_IMAGES], labels[:PROBE_IMAGES]
    known, test_known = labels >= 0, test_labels >= 0
    if len(np.unique(labels[known])) < 2 or not test_known.any():
        return None
    probe = LogisticRegression(max_iter=PROBE_ITERATIONS)
    # One thread, so that every machine gives the same figure; products this small gain little from more of them, which
    # cost much where something else runs.
    with warnings.catch_warnings(), threadpool_limits(1):
        # Where the iterations run out, more of them move the accuracy by less than another seed of the run does.
        warnings.simplefilter("ignore", ConvergenceWarning)
        probe.fit(codes[known], labels[known])
    return float(probe.score(test_codes[test_known], test_labels[test_known]))
