"""Probe images, corrupted the same way each time."""

from __future__ import annotations

import numpy as np

from aetui.probes import corrupted


def test_an_image_is_corrupted_the_same_way_wherever_it_stands() -> None:
    x = np.full((4, 1, 3, 3), 0.5, np.float32)
    index = np.array([7, 3, 9, 1])
    whole = corrupted(x, index, "gaussian", 0.3)
    assert np.array_equal(corrupted(x[1:3], index[1:3], "gaussian", 0.3), whole[1:3])
    assert not np.array_equal(whole[0], whole[1])
    assert whole.dtype == np.float32
    assert corrupted(x[:0], index[:0], "masking", 0.3).shape == (0, 1, 3, 3)
