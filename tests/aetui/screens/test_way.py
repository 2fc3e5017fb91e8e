"""Which pair is shown first, and the slider between them."""

from __future__ import annotations

import numpy as np

from aetui.screens.latent import first_pair, frames_in_strip, slider


def test_the_first_pair_is_of_two_classes_where_there_are_two() -> None:
    assert first_pair(np.array([3, 3, 7, 1])) == (0, 2)
    assert first_pair(np.array([-1, -1])) == (0, 1)
    assert first_pair(np.array([5])) == (0, 0)
    assert first_pair(np.array([], np.int64)) == (0, 0)


def test_the_slider_moves_from_a_to_b() -> None:
    assert slider(0, 10, unicode=False) == "AO-------B"
    assert slider(1, 10, unicode=False) == "A-------OB"
    assert all(len(slider(t / 20, 20, unicode=True)) == 20 for t in range(21))
    assert [frames_in_strip(width) for width in (20, 80, 200)] == [5, 7, 9]
