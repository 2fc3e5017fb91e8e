"""How unusual an image is to a model: raw scores, and where each stands among those of the training images.

No one score finds every stranger. The *error* of the reconstruction is the usual one, and fails on images that are easy
to draw: Fashion-MNIST autoencoders reconstruct a black image better than any garment, and images far from all training
data can be reconstructed perfectly (arXiv 2501.13864). The *relative error*, which holds the error against the
variance between the image's own pixels, finds those: an image without structure explains its error by nothing (that an
image's complexity has to be taken into account: Serrà et al. 2020, arXiv 1909.11480). The *distance* of the code from
the training codes finds what is drawn well and still lies outside (Mahalanobis distance in the latent space: Denouden
et al. 2018, arXiv 1812.02765), but not what collapses to the middle of the code. There is no threshold in here: which
percentile is too high is for the one who knows what a miss costs.

numpy only; nothing is unpickled.
"""

from __future__ import annotations

import io
import tokenize
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from export.gaussian import Gaussian, fit_gaussian

Array = npt.NDArray[np.float32]

QUANTILES = 1024
"""As many values of each score are kept: a percentile is then known to a tenth."""

ROUNDING_VARIANCE = 1 / (12 * 255**2)
"""What rounding to 8 bits adds to a pixel's variance: no picture has less, and a flat one is not divided by zero."""

FILE_BYTES = 64 << 20
"""More is no file of ours: 64 components of a code of 100,000 units have 26 MB."""

_MEMBERS = {
    "error_quantiles": 1,
    "relative_error_quantiles": 1,
    "distance_quantiles": 1,
    "code_mean": 1,
    "code_components": 2,
    "code_variances": 1,
    "code_residual_variance": 0,
}
"""The arrays of a file, all float32, and how many axes each has."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Scores:
    """What the training images scored. Every array of quantiles is float32 [≤ 1024], ascending, ≥ 0.

    relative_error_quantiles: None where images have no structure of their own (points).
    """

    error_quantiles: Array
    relative_error_quantiles: Array | None
    distance_quantiles: Array
    codes: Gaussian

    def error_percentile(self, errors: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Mean squared errors per pixel [n] → float64 [n] in [0, 100]: which share of training images has less."""
        return percentile(self.error_quantiles, errors)

    def relative_error_percentile(self, relative: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """``relative_errors`` [n] → float64 [n] in [0, 100]. Raises ValueError where the training's are not known."""
        if self.relative_error_quantiles is None:
            raise ValueError("the relative errors of the training images are not known")
        return percentile(self.relative_error_quantiles, relative)

    def distance(self, codes: Array) -> npt.NDArray[np.float64]:
        """Codes float32 [n, d] → their Mahalanobis distances from the training codes' mean, float64 [n], ≥ 0.

        Raises ValueError for codes of another width.
        """
        return self.codes.distance(codes)

    def distance_percentile(self, distances: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Distances [n] → float64 [n] in [0, 100]: which share of training images lies nearer."""
        return percentile(self.distance_quantiles, distances)

    def to_npz(self) -> bytes:
        """``scores.npz``: the same scores give the same bytes."""
        relative = self.relative_error_quantiles
        arrays: dict[str, Any] = {
            "error_quantiles": self.error_quantiles,
            "relative_error_quantiles": np.empty(0, np.float32) if relative is None else relative,
            "distance_quantiles": self.distance_quantiles,
            "code_mean": self.codes.mean,
            "code_components": self.codes.components,
            "code_variances": self.codes.variances,
            "code_residual_variance": np.float32(self.codes.residual_variance),
        }
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
        return buffer.getvalue()


def fit_scores(
    errors: npt.NDArray[np.floating], codes: npt.NDArray[np.floating], variances: npt.NDArray[np.floating] | None = None
) -> Scores:
    """The scores of training images, to hold others against.

    errors: [n], mean squared error per pixel of each image's reconstruction. codes: [n, d], the first head. variances:
    [n], the images' ``pixel_variance``; None leaves relative errors out (points have no pixels). The same arrays give
    the same scores in any process, however many threads it has. Raises ValueError where n is 0, the lengths differ, or
    a value is not finite.
    """
    exact = np.asarray(errors, np.float64)
    codes = np.asarray(codes)
    if errors.ndim != 1 or codes.ndim != 2 or len(errors) != len(codes) or not codes.size:
        raise ValueError(f"errors are {list(errors.shape)} and codes {list(codes.shape)}, not [n] and [n, d]")
    if not np.isfinite(exact).all():
        raise ValueError("an error is not a number")
    gaussian = fit_gaussian(codes)
    relative = None if variances is None else _quantiles(relative_errors(exact, variances))
    return Scores(
        error_quantiles=_quantiles(exact),
        relative_error_quantiles=relative,
        distance_quantiles=_quantiles(gaussian.distance(codes)),
        codes=gaussian,
    )


def squared_errors(x: Array, x_hat: Array) -> npt.NDArray[np.float64]:
    """Mean squared error per pixel of each image: [n, C, H, W] twice → float64 [n]."""
    return np.asarray(((x - x_hat) ** 2).reshape(len(x), -1).mean(axis=1, dtype=np.float64))


def pixel_variance(images: Array) -> npt.NDArray[np.float64]:
    """Variance between the pixels of each image, mean over its channels: [n, C, H, W] in [0, 1] → float64 [n]."""
    flat = np.asarray(images, np.float64).reshape(*images.shape[:2], -1)
    return np.asarray(flat.var(axis=2).mean(axis=1))


def relative_errors(errors: npt.ArrayLike, variances: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Errors as a share of the images' variances: the fraction of variance unexplained, float64 [n], ≥ 0.

    1 is what an image's own mean would do; a flat image has a large one unless it is drawn to within 8 bits.
    """
    return np.asarray(errors, np.float64) / (np.asarray(variances, np.float64) + ROUNDING_VARIANCE)


def percentile(quantiles: Array, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Where ``values`` [n] stand among evenly spaced, ascending ``quantiles`` [m]: float64 [n] in [0, 100].

    Below all of them 0, above all 100, linear between two, and the middle of those that are equal to it.
    """
    known = np.asarray(quantiles, np.float64)
    asked = np.asarray(values, np.float64)
    low, high = np.searchsorted(known, asked, "left"), np.searchsorted(known, asked, "right")
    before, after = known[np.clip(low - 1, 0, None)], known[np.clip(low, None, len(known) - 1)]
    gap = after - before
    between = low - 1 + np.divide(asked - before, gap, out=np.zeros_like(asked), where=gap > 0)
    place = np.where(high > low, (low + high - 1) / 2, between)
    last = len(known) - 1
    inside = 100 * place / last if last else np.full_like(asked, 50.0)
    return np.where(asked < known[0], 0.0, np.where(asked > known[-1], 100.0, inside))


def scores_from_npz(data: bytes) -> Scores:
    """The scores in the bytes of a ``scores.npz``. Raises ValueError, with the reason, where they are not one."""
    if len(data) > FILE_BYTES:
        raise ValueError(f"it has {len(data)} bytes; more than {FILE_BYTES} are not read")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = {name: _member(archive, name, axes) for name, axes in _MEMBERS.items()}
    # RuntimeError: encrypted, or an exotic compression; the last four: a mad header.
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,
        MemoryError,
        SyntaxError,
        TypeError,
        tokenize.TokenError,
    ) as error:
        raise ValueError(str(error) or type(error).__name__) from error
    return _checked(found)


def _quantiles(values: npt.NDArray[np.float64]) -> Array:
    if len(values) > QUANTILES:
        return np.quantile(values, np.linspace(0, 1, QUANTILES)).astype(np.float32)
    return np.sort(values).astype(np.float32)


def _member(archive: zipfile.ZipFile, name: str, axes: int) -> Array:
    """One array, float32. Its header is held against its size before anything is made of it. Raises ValueError."""
    try:
        info = archive.getinfo(f"{name}.npy")
    except KeyError:
        raise ValueError(f"{name} is missing") from None
    if info.file_size > FILE_BYTES:
        raise ValueError(f"{name} has {info.file_size} bytes; more than {FILE_BYTES} are not read")
    with archive.open(info) as file:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError(f"{name} is not a plain array")
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
        content = file.read(FILE_BYTES + 1)
    if dtype != np.float32 or len(shape) != axes or min(shape, default=1) < 0:
        raise ValueError(f"{name} is {dtype} {list(shape)}, not float32 with {axes} axes")
    count = 1
    for size in shape:
        count *= size
    if count * dtype.itemsize != len(content):
        raise ValueError(f"{name} has {len(content)} bytes, its header says {list(shape)}")
    array = np.frombuffer(content, np.float32).reshape(shape, order="F" if fortran else "C")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds a value that is not a number")
    return array


def _checked(found: dict[str, Array]) -> Scores:
    """Raises ValueError where the arrays do not go together."""
    for name in ("error_quantiles", "relative_error_quantiles", "distance_quantiles"):
        quantiles = found[name]
        if len(quantiles) > QUANTILES or (not len(quantiles) and name != "relative_error_quantiles"):
            raise ValueError(f"{name} has {len(quantiles)} values, not 1 to {QUANTILES}")
        if (np.diff(quantiles) < 0).any() or (quantiles < 0).any():
            raise ValueError(f"{name} is not ascending from 0")
    relative = found["relative_error_quantiles"]
    return Scores(
        error_quantiles=found["error_quantiles"],
        relative_error_quantiles=relative if len(relative) else None,
        distance_quantiles=found["distance_quantiles"],
        codes=Gaussian(
            mean=found["code_mean"],
            components=found["code_components"],
            variances=found["code_variances"],
            residual_variance=float(found["code_residual_variance"]),
        ),
    )
