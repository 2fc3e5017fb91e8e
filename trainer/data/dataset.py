"""What a data set is once it is loaded: three splits of images, and what is known about them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trainer.data.stored import StoredImages
from trainer.data.values import Images

_SAMPLE_IMAGES = 10_000
_SAMPLE_BYTES = 256 << 20


@dataclass(frozen=True, kw_only=True)
class Split:
    """One part of a data set.

    images: uint8 [n, C, H, W], or float32 where the source was float: in [0, 1], or the coordinates of points.
    labels: int64 [n], an index into the data set's ``classes``; −1: none.
    index: int64 [n], ascending: where each image stands in the source. A source with its own test part counts its
    training part (train and validation) and its test part separately, each from 0.
    attributes: float32 [n, A], what is known about each image; None where nothing is.
    targets: another noisy picture of what each image shows, in the images' shape and type; None where there is none.
    file: None, or where the images are if memory has no room for them. Then ``images`` is [0, C, H, W], ``rows`` gives
    them batch by batch, and there are no targets. Only the training split of a large ``.npy`` is so.
    """

    images: Images
    labels: npt.NDArray[np.int64]
    index: npt.NDArray[np.int64]
    attributes: npt.NDArray[np.float32] | None = None
    targets: Images | None = None
    file: StoredImages | None = None

    def __post_init__(self) -> None:
        count = len(self.images) if self.file is None else len(self.index)
        if self.images.ndim != 4 or self.images.dtype not in (np.uint8, np.float32):
            raise ValueError(
                f"images are {self.images.dtype} {list(self.images.shape)}, not uint8 or float32 [n,C,H,W]"
            )
        for name, array in (("labels", self.labels), ("index", self.index)):
            if array.shape != (count,) or array.dtype != np.int64:
                raise ValueError(f"{name} are {array.dtype} {list(array.shape)}, not int64 [{count}]")
        known = self.attributes
        if known is not None and (known.ndim != 2 or len(known) != count or known.dtype != np.float32):
            raise ValueError(f"attributes are {known.dtype} {list(known.shape)}, not float32 [{count}, A]")
        other = self.targets
        if other is not None and (other.shape != self.images.shape or other.dtype != self.images.dtype):
            raise ValueError(f"targets are {other.dtype} {list(other.shape)}, not as the images")
        if self.file is not None and (len(self.images) or other is not None):
            raise ValueError("images are in a file or in memory, not in both")

    def __len__(self) -> int:
        return len(self.index)

    @property
    def resident(self) -> bool:
        """True where ``images`` has them all; else only ``rows`` gives some of them."""
        return self.file is None

    def rows(self, numbers: npt.NDArray[np.integer]) -> Images:
        """The images ``numbers`` [k] of this split (from 0), in that order: uint8 or float32 [k, C, H, W], a copy.

        Raises ToolError (exit 2, 3) where images in a file turn out to be none.
        """
        if self.file is None:
            images: Images = self.images[numbers]
            return images
        return self.file.gather(self.index[numbers])

    def pixels(self, rows: slice | npt.NDArray[np.integer] = slice(None)) -> npt.NDArray[np.float32]:
        """The images (or some ``rows`` of them) as the networks see them: float32 [n, C, H, W], a copy.

        In [0, 1], unless they are points. All of those that memory has no room for are refused: ValueError.
        """
        if self.file is None:
            images = self.images[rows]
        elif isinstance(rows, slice) and rows == slice(None):
            raise ValueError("the images do not fit into memory: ask for some of them")
        else:
            images = self.rows(np.arange(len(self))[rows])
        if images.dtype == np.uint8:
            return np.divide(images, np.float32(255), dtype=np.float32)
        return images.astype(np.float32)

    def sample(self, count: int) -> npt.NDArray[np.int64]:
        """The numbers of ``count`` images (or of all, if they are fewer), evenly spread and ascending: int64 [≤ count].

        Where they are in a file: fewer, if so many would take more than 256 MB.
        """
        wanted = min(len(self), count)
        if not self.resident:
            wanted = min(wanted, max(1, _SAMPLE_BYTES // (self.images.itemsize * math.prod(self.images.shape[1:]))))
        return np.linspace(0, len(self) - 1, wanted).astype(np.int64)

    def mean_image(self) -> npt.NDArray[np.float32]:
        """The mean of the images: float32 [C, H, W]; taken without a float copy of them all.

        Of up to 10,000 evenly spread ones where memory has no room for all: reading them all would take minutes.
        """
        images = self.images if self.file is None else self.rows(self.sample(_SAMPLE_IMAGES))
        scale = 255.0 if images.dtype == np.uint8 else 1.0
        mean: npt.NDArray[np.float32] = (images.mean(axis=0, dtype=np.float64) / scale).astype(np.float32)
        return mean


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """A loaded data set.

    name: the set's name, or what the folder or file is called. validation may be empty, train and test never are; both
    are always in memory. classes: the name that each label stands for; () without labels. source: where the images
    came from, for people. attribute_names: of the columns of the splits' attributes; () without any. points: True
    where the values are coordinates: any finite float32, images [n, 1, 1, d].
    """

    name: str
    train: Split
    validation: Split
    test: Split
    classes: tuple[str, ...]
    source: str
    attribute_names: tuple[str, ...] = ()
    points: bool = False

    def __post_init__(self) -> None:
        for split in (self.train, self.validation, self.test):
            width = 0 if split.attributes is None else split.attributes.shape[1]
            if width != len(self.attribute_names):
                raise ValueError(f"{width} attributes have the names {self.attribute_names}")
            if self.points and (split.images.dtype != np.float32 or split.images.shape[1:3] != (1, 1)):
                raise ValueError(f"points are {split.images.dtype} {list(split.images.shape)}, not float32 [n,1,1,d]")

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(C, H, W)."""
        channels, height, width = self.train.images.shape[1:]
        return int(channels), int(height), int(width)
