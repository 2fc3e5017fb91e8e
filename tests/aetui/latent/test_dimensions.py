from __future__ import annotations

import numpy as np
import pytest

from aetui.latent.dimensions import dimensions_of
from aetui.latent.posterior import posterior_of


def test_with_a_prior_what_carries_most_kl_comes_first_and_what_is_dead_last() -> None:
    # Dimension 0 follows the image, 1 more so, 2 never moves but has a KL all the same (a wide variance).
    mean = np.array([[-1, -2, 0], [1, 2, 0]], np.float32)
    log_variance = np.array([[0, 0, 4], [0, 0, 4]], np.float32)
    found = dimensions_of(mean, posterior_of({"mean": mean, "log_variance": log_variance}))
    assert found.order.tolist() == [1, 0, 2]
    assert found.dead.tolist() == [False, False, True]
    assert found.score == pytest.approx([0.5, 2, 0.5 * (np.exp(4) - 1 - 4)])
    assert (found.centre.tolist(), found.spread.tolist(), found.unit) == ([0] * 3, [1] * 3, "nats")


def test_dead_is_a_variance_of_the_mean_of_one_hundredth_or_less() -> None:
    mean = np.array([[0.0999, 0.1001], [-0.0999, -0.1001]], np.float64)
    zero = np.zeros((2, 2), np.float32)
    found = dimensions_of(mean, posterior_of({"mean": mean.astype(np.float32), "log_variance": zero}))
    assert found.dead.tolist() == [True, False]


def test_without_a_prior_what_varies_most_comes_first() -> None:
    codes = np.array([[1, 5, 0], [3, 5, 0], [5, 5, 0.3]], np.float32)
    found = dimensions_of(codes, None)
    assert found.order.tolist() == [0, 2, 1]
    assert found.dead.tolist() == [False, True, False]
    assert found.score == pytest.approx([8 / 3, 0, 0.02])
    assert found.centre == pytest.approx([3, 5, 0.1])
    # A dimension that never moved is given the reach of the others.
    assert found.spread == pytest.approx([(8 / 3) ** 0.5, ((8 / 3) ** 0.5 + 0.02**0.5) / 2, 0.02**0.5])
    assert found.unit == "variance"


def test_the_reach_of_a_code_that_is_never_negative_ends_at_zero() -> None:
    found = dimensions_of(np.array([[0, 4], [2, 6]], np.float32), None)
    assert found.reach(0, 3) == (0, 4)
    assert found.reach(1, 3) == (2, 8)
    assert dimensions_of(np.array([[0, 4], [2, -6]], np.float32), None).reach(0, 3) == (-2, 4)


def test_codes_that_never_move_or_are_no_numbers_or_are_none_have_an_order() -> None:
    assert dimensions_of(np.zeros((4, 3), np.float32), None).spread.tolist() == [1, 1, 1]
    assert dimensions_of(np.full((4, 3), np.nan, np.float32), None).order.tolist() == [0, 1, 2]
    assert dimensions_of(np.zeros((0, 2), np.float32), None).order.tolist() == [0, 1]
