"""Filters and orders of the probe images."""

from __future__ import annotations

import numpy as np

from aetui.reconstructions.picking import classes_of, next_class, picked

LABELS = np.array([3, 1, 3, -1, 0, 1])
BADNESS = np.array([0.2, 0.5, 0.9, 0.1, 0.5, np.inf])


def test_as_stored_all_images_keep_their_places() -> None:
    assert picked(LABELS, None, "stored", BADNESS).tolist() == [0, 1, 2, 3, 4, 5]


def test_worst_first_and_best_first_are_sorted_and_equals_keep_their_order() -> None:
    assert picked(LABELS, None, "worst", BADNESS).tolist() == [5, 2, 1, 4, 0, 3]
    assert picked(LABELS, None, "best", BADNESS).tolist() == [3, 0, 1, 4, 2, 5]


def test_a_class_is_filtered_before_it_is_sorted() -> None:
    assert picked(LABELS, 3, "worst", BADNESS).tolist() == [2, 0]
    assert picked(LABELS, 1, "stored", None).tolist() == [1, 5]


def test_a_class_that_does_not_occur_shows_all() -> None:
    assert picked(LABELS, 7, "stored", None).tolist() == [0, 1, 2, 3, 4, 5]


def test_errors_that_are_not_known_yet_leave_the_order_as_stored() -> None:
    assert picked(LABELS, None, "worst", None).tolist() == [0, 1, 2, 3, 4, 5]


def test_the_next_class_goes_through_those_that_occur_and_ends_with_all() -> None:
    assert classes_of(LABELS) == [0, 1, 3]
    seen = [None]
    for _ in range(4):
        seen.append(next_class(LABELS, seen[-1]))
    assert seen == [None, 0, 1, 3, None]
    assert next_class(np.array([-1, -1]), None) is None
