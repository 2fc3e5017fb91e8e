"""Arrays of a few images, and what tests ask of files that hold them."""

import numpy as np
import pytest

from export.errors import ToolError
from trainer.data.load import load

RNG = np.random.default_rng(5)
GRAY = RNG.integers(0, 256, (30, 7, 6), dtype=np.uint8)
RGB = RNG.integers(0, 256, (30, 3, 7, 6), dtype=np.uint8)


def all_of(data, name):
    """What every split of ``data`` has under ``name`` (images, labels, targets …), in the order of the source."""
    splits = [data.train, data.validation, data.test]
    order = np.argsort(np.concatenate([split.index for split in splits]))
    return np.concatenate([getattr(split, name) for split in splits])[order]


def save(path, array):
    """``array`` as .npy, or as ``images`` of an .npz, stored or compressed."""
    if path.suffix == ".npy":
        np.save(path, array)
    else:
        (np.savez if path.stem == "stored" else np.savez_compressed)(path, images=array)
    return str(path)


def refusal(path, code):
    with pytest.raises(ToolError) as caught:
        load(str(path))
    assert caught.value.exit_code == code
    assert str(path) in caught.value.what
    return caught.value
