"""What a data set is once it is loaded: three splits of images with labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Images = npt.NDArray[np.uint8] | npt.NDArray[np.float32]
"""[n, C, H, W]: uint8, or float32 where the source was float."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """One part of a data set.

    images: uint8 [n, C, H, W], or float32 in [0, 1] where the source was float.
    labels: int64 [n], an index into the data set's ``classes``; −1: none.
    index: int64 [n], ascending: where each image stands in the source. A source with its own test part counts its
    training part (train and validation) and its test part separately, each from 0.
    """

    images: Images
    labels: npt.NDArray[np.int64]
    index: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.images.ndim != 4 or self.images.dtype not in (np.uint8, np.float32):
            raise ValueError(
                f"images are {self.images.dtype} {list(self.images.shape)}, not uint8 or float32 [n,C,H,W]"
            )
        for name, array in (("labels", self.labels), ("index", self.index)):
            if array.shape != (len(self.images),) or array.dtype != np.int64:
                raise ValueError(f"{name} are {array.dtype} {list(array.shape)}, not int64 [{len(self.images)}]")

    def __len__(self) -> int:
        return len(self.images)

    def pixels(self, rows: slice | npt.NDArray[np.integer] = slice(None)) -> npt.NDArray[np.float32]:
        """The images (or some ``rows`` of them) as the networks see them: float32 [n, C, H, W] in [0, 1], a copy."""
        images = self.images[rows]
        if images.dtype == np.uint8:
            return np.divide(images, np.float32(255), dtype=np.float32)
        return images.astype(np.float32)

    def mean_image(self) -> npt.NDArray[np.float32]:
        """The mean of the images: float32 [C, H, W] in [0, 1]; taken without a float copy of them all."""
        scale = 255.0 if self.images.dtype == np.uint8 else 1.0
        mean: npt.NDArray[np.float32] = (self.images.mean(axis=0, dtype=np.float64) / scale).astype(np.float32)
        return mean


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """A loaded data set.

    name: the set's name, or what the folder or file is called. validation may be empty, train and test never are.
    classes: the name that each label stands for; () without labels. source: where the images came from, for people.
    """

    name: str
    train: Split
    validation: Split
    test: Split
    classes: tuple[str, ...]
    source: str

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(C, H, W)."""
        channels, height, width = self.train.images.shape[1:]
        return int(channels), int(height), int(width)
