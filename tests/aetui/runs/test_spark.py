"""Numbers as short texts."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aetui.runs.spark import BLOCKS, duration, rate, short_number, sparkline


def test_a_sparkline_falls_with_the_loss() -> None:
    assert sparkline(np.exp(-np.arange(8.0)), 8) == BLOCKS[::-1]
    assert sparkline(np.array([np.nan, 1.0, np.nan, 1.0]), 10) == BLOCKS[0] * 2
    assert sparkline(np.array([1.0]), 10) == sparkline(np.array([]), 10) == ""
    assert sparkline(np.linspace(1, 0.1, 999), 10, unicode=False).isascii()


@given(arrays(np.float64, st.integers(0, 60)), st.integers(-1, 30))
def test_a_sparkline_never_exceeds_its_width(values: np.ndarray, width: int) -> None:
    with np.errstate(all="ignore"):
        assert len(sparkline(values, width)) <= max(0, width)


def test_numbers_are_short() -> None:
    assert [short_number(x) for x in (None, 0.0, 0.012346, 26.3812, 1e-9, 1234567.0, -0.5)] == [
        "",
        "0",
        "0.01235",
        "26.38",
        "1.0e-09",
        "1.2e+06",
        "-0.5",
    ]
    assert [rate(x) for x in (None, 0.0, 850.0, 12_345.0, 1_200_000.0)] == ["", "0", "850", "12.3k", "1.2M"]
    assert [duration(x) for x in (None, -1.0, 0.4, 42.0, 192.0, 3900.0, 183_600.0)] == [
        "",
        "",
        "0s",
        "42s",
        "3m12s",
        "1h05m",
        "2d03h",
    ]
