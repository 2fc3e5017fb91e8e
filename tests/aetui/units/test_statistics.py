"""What is said of the units, against codes whose figures are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aetui.units.statistics import (
    amount_of,
    class_profile,
    density_histogram,
    firing,
    measure,
    order_of,
    scaled_units,
    strongest_images,
)

# Unit 0 fires for every image, unit 1 for one in four, unit 2 is below what counts, unit 3 is dead, unit 4 is negative.
CODES = np.array(
    [[1.0, 8.0, 1e-4, 0.0, -2.0], [2.0, 0.0, 0.0, 0.0, 0.0], [3.0, 0.0, 1e-3, 0.0, -1.0], [4.0, 0.0, 0.0, 0.0, 0.5]]
)


def test_density_is_the_share_of_images_on_which_a_unit_is_active() -> None:
    units = measure(CODES)
    assert units.density.tolist() == [1.0, 0.25, 0.0, 0.0, 0.75]
    assert units.dead.tolist() == [False, False, True, True, False]
    assert units.active_per_image == 2.0
    assert units.mean.tolist() == pytest.approx([2.5, 2.0, 1.1e-3 / 4, 0.0, -0.625])
    assert units.mean_active.tolist() == pytest.approx([2.5, 8.0, 0.0, 0.0, -2.5 / 3])
    assert units.strongest.tolist() == [4.0, 8.0, 1e-3, 0.0, -2.0]


def test_the_order_is_by_what_was_asked_and_by_number_among_equals() -> None:
    units = measure(CODES)
    assert order_of(units, "density").tolist() == [0, 4, 1, 2, 3]
    assert order_of(units, "strongest").tolist() == [1, 0, 4, 2, 3]
    assert order_of(units, "mean").tolist() == [0, 1, 4, 2, 3]
    assert order_of(units, "number").tolist() == [0, 1, 2, 3, 4]
    assert order_of(units, "number", backwards=True).tolist() == [4, 3, 2, 1, 0]
    assert order_of(units, "density", backwards=True).tolist() == [2, 3, 1, 4, 0]


@given(arrays(np.float32, st.tuples(st.integers(1, 30), st.integers(1, 20)), elements=st.floats(width=32)))
def test_the_histogram_counts_every_unit_once(codes: np.ndarray) -> None:
    units = measure(codes)
    histogram = density_histogram(units, 7)
    assert sum(histogram.counts) + histogram.dead == units.width
    assert len(histogram.counts) == 7
    assert len(histogram.edges) == 8
    assert np.isfinite(histogram.edges).all()


def test_units_that_fire_always_are_in_the_last_bin_and_rarest_ones_in_the_first() -> None:
    codes = np.zeros((1000, 3))
    codes[:, 0] = 1
    codes[0, 1] = 1
    histogram = density_histogram(measure(codes), 6)
    assert histogram.edges == pytest.approx((-3.5, -2.9166667, -2.3333333, -1.75, -1.1666667, -0.5833333, 0.0))
    assert histogram.counts == (1, 0, 0, 0, 0, 1)
    assert histogram.dead == 1


def test_the_class_profile_is_the_mean_over_each_class() -> None:
    labels = np.array([2, 0, 2, -1])
    assert class_profile(CODES[:, 1], labels) == [(0, 0.0), (2, 4.0)]
    assert class_profile(CODES[:, 1], np.full(4, -1)) == []


def test_images_and_units_come_strongest_first_and_only_active_ones() -> None:
    assert strongest_images(CODES[:, 4]) == [0, 2, 3]
    assert strongest_images(CODES[:, 0], 2) == [3, 2]
    assert strongest_images(CODES[:, 3]) == []
    assert firing(CODES[0]) == [1, 4, 0]


def test_codes_of_one_unit_each_stand_behind_the_zero_code() -> None:
    assert scaled_units([3, 1], [2.0, -1.0], 4).tolist() == [[0, 0, 0, 0], [0, 0, 0, 2], [0, -1, 0, 0]]
    assert scaled_units([], [], 2).tolist() == [[0, 0]]


def test_a_dead_unit_is_shown_at_what_the_others_typically_are() -> None:
    units = measure(CODES)
    assert amount_of(units, 4) == -2.0
    assert amount_of(units, 3) == 4.0
    assert amount_of(measure(np.zeros((2, 2))), 0) == 1.0
