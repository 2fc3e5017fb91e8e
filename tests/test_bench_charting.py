"""The benchmark of the charts: what it draws, never how long that takes."""

from __future__ import annotations

import numpy as np
import pytest

from bench import charting


def test_the_curves_are_three_losses_and_another_seed_gives_others() -> None:
    found = charting.curves(1000)
    assert len(found) == 3
    assert all(xs.shape == ys.shape == (1000,) for xs, ys in found)
    assert not np.array_equal(found[0][1], charting.curves(1000, seed=1)[0][1])


def test_a_round_draws_the_curves() -> None:
    assert len(charting.ours(500, 2)) == 2


@pytest.mark.peer
def test_textual_plot_draws_the_same_curves() -> None:
    assert len(charting.textual_plot(200, 1)) == 1
