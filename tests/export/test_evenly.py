"""Taking some of many."""

from __future__ import annotations

import numpy as np
import pytest

from export.evenly import evenly


@pytest.mark.parametrize(
    ("count", "wanted"), [(0, 0), (0, 5), (5, 0), (1, 8), (7, 7), (8, 3), (256, 8), (57_000, 4096)]
)
def test_as_many_as_are_wanted_or_there_each_once_in_order_from_end_to_end(count, wanted):
    found = evenly(count, wanted)
    assert len(found) == min(count, wanted)
    assert (np.diff(found) > 0).all()
    if len(found) > 1:
        assert (found[0], found[-1]) == (0, count - 1)
        assert np.diff(found).max() - np.diff(found).min() <= 1
