"""The data sets that have a name: how large they are, and the files, checksums, mirrors and classes of IDX files."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
"""The four files of a set: images and labels of the training part, then of the test part."""


@dataclass(frozen=True, kw_only=True)
class IdxSet:
    """A data set of four IDX files.

    sha256: of each of ``FILES`` *unpacked*, so that every way of zipping it (publisher, Debian) passes.
    train, test: how many images; image_shape: (C, H, W). package: the Debian package that has it, if one does.
    """

    name: str
    classes: tuple[str, ...]
    sha256: tuple[str, str, str, str]
    mirrors: tuple[str, ...]
    train: int = 60_000
    test: int = 10_000
    image_shape: tuple[int, int, int] = (1, 28, 28)
    package: str | None = None


@dataclass(frozen=True, kw_only=True)
class EmbeddedSet:
    """A data set that needs no file of its own.

    images: how many; image_shape: (C, H, W). package: the Python package that has it; None: it is computed.
    """

    name: str
    images: int
    image_shape: tuple[int, int, int]
    package: str | None = None


_FASHION = IdxSet(
    name="fashion-mnist",
    classes=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    sha256=(
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
    mirrors=(
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
        "https://fashion-mnist.s3.eu-central-1.amazonaws.com",
    ),
    package="dataset-fashion-mnist",
)

_MNIST = IdxSet(
    name="mnist",
    classes=tuple(str(digit) for digit in range(10)),
    sha256=(
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist",
        "https://storage.googleapis.com/cvdf-datasets/mnist",
    ),
)

IDX_SETS = MappingProxyType({found.name: found for found in (_FASHION, _MNIST)})
"""Name → set."""

_POINTS, _PLANE = 10_000, (1, 1, 2)

EMBEDDED_SETS = MappingProxyType(
    {
        found.name: found
        for found in (
            EmbeddedSet(name="digits", images=1797, image_shape=(1, 8, 8), package="scikit-learn"),
            EmbeddedSet(name="faces", images=12_000, image_shape=(3, 32, 32)),
            EmbeddedSet(name="moons", images=_POINTS, image_shape=_PLANE),
            EmbeddedSet(name="circles", images=_POINTS, image_shape=_PLANE),
            EmbeddedSet(name="swiss-roll", images=_POINTS, image_shape=_PLANE),
        )
    }
)
"""Name → set."""

NAMES = (*EMBEDDED_SETS, *IDX_SETS)
"""Every data set that has a name."""
