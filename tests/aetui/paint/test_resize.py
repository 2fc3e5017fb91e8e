"""Images enlarged smoothly."""

from __future__ import annotations

import numpy as np
import pytest

from aetui.paint.resize import enlarge, resize


def test_a_ramp_stays_a_ramp() -> None:
    ramp = np.arange(8, dtype=np.float32)[None]
    made = enlarge(ramp, 1, 20)[0]
    centres = ((np.arange(20) + 0.5) * 8 / 20 - 0.5).clip(0, 7)
    assert made == pytest.approx(centres, abs=1e-5)


def test_a_constant_stays_and_values_stay_within_their_range() -> None:
    image = np.random.default_rng(0).random((3, 5, 7)).astype(np.float32)
    made = enlarge(image, 13, 9)
    assert made.shape == (3, 13, 9)
    assert image.min() <= made.min()
    assert made.max() <= image.max()
    assert enlarge(np.full((4, 4), 0.3, np.float32), 11, 6) == pytest.approx(np.full((11, 6), 0.3))


def test_where_nothing_grows_it_is_the_usual_resizing() -> None:
    image = np.random.default_rng(1).random((9, 9)).astype(np.float32)
    assert np.array_equal(enlarge(image, 4, 9), resize(image, 4, 9))
