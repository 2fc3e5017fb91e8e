"""A series and its newest value."""

from __future__ import annotations

import numpy as np
import pytest

from aetui.follow.series import Series


@pytest.mark.parametrize(
    ("values", "last"), [([], None), ([1.0, 2.0], 2.0), ([1.0, np.nan], 1.0), ([np.nan] * 3, None)]
)
def test_the_last_value_is_the_newest_that_is_finite(values: list[float], last: float | None) -> None:
    assert Series(np.arange(len(values), dtype=float), np.array(values)).last == last


def test_the_last_value_may_lie_far_back() -> None:
    values = np.full(1000, np.nan)
    values[3] = 7.0
    assert Series(np.arange(1000.0), values).last == 7.0


def test_an_axis_that_was_not_logged_is_nan_throughout() -> None:
    series = Series(np.arange(3.0), np.ones(3))
    assert series.along("step").tolist() == [0, 1, 2]
    assert np.isnan(series.along("epoch")).tolist() == [True] * 3
    assert len(series.along("time")) == 3
