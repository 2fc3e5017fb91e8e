from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.paint.time_axis import duration, time_labels, time_ticks


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00:00"),
        (3723, "1:02:03"),
        (59.6, "0:01:00"),
        (0.25, "0.25s"),
        (86400 * 2 + 3600, "2d 1:00:00"),
        (-61, "-0:01:01"),
        (float("nan"), "nan"),
    ],
)
def test_seconds_are_read_like_a_clock(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@given(low=st.floats(0, 1e7), width=st.floats(1e-2, 1e8), count=st.integers(2, 12))
def test_ticks_are_inside_not_too_many_and_all_labels_differ(low: float, width: float, count: int) -> None:
    found = time_ticks(low, low + width, count)
    assert 1 <= len(found) <= count
    assert found[0] >= low - 1e-6 * width
    assert found[-1] <= low + width + 1e-6 * width
    written = time_labels(found)
    assert all(a != b for a, b in itertools.pairwise(written))


def test_ticks_are_round_times() -> None:
    assert time_labels(time_ticks(0, 3600, 5)) == ["0:00:00", "0:15:00", "0:30:00", "0:45:00", "1:00:00"]
    assert time_labels(time_ticks(0, 95, 5)) == ["0:00:00", "0:00:30", "0:01:00", "0:01:30"]
    assert time_labels(np.array([3600.0, 3600.5, 3601.0])) == ["1:00:00.0", "1:00:00.5", "1:00:01.0"]
    assert time_labels(np.array([0.0, 0.5, 1.0])) == ["0.0s", "0.5s", "1.0s"]
