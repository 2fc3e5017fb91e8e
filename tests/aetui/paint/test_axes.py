from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.paint.axes import labels, log_ticks, number, ticks

SUFFIXES = {"k": 1e3, "M": 1e6, "G": 1e9}


def value_of(label: str) -> float:
    return float(label[:-1]) * SUFFIXES[label[-1]] if label[-1] in SUFFIXES else float(label)


@given(low=st.floats(-1e12, 1e12), width=st.floats(1e-9, 1e12), count=st.integers(2, 12))
def test_ticks_are_round_inside_and_not_too_many(low: float, width: float, count: int) -> None:
    high = low + width
    if high - low <= max(abs(low), abs(high)) * 1e-9:
        return
    found = ticks(low, high, count)
    assert 1 <= len(found) <= count
    assert found[0] >= low - 1e-6 * width
    assert found[-1] <= high + 1e-6 * width
    if len(found) > 1:
        step = float(np.diff(found).mean())
        mantissa = step / 10.0 ** math.floor(math.log10(step) + 1e-9)
        assert min(abs(mantissa - nice) for nice in (1, 2, 5, 10)) < 1e-3


@given(low=st.floats(-1e6, 1e6), width=st.floats(1e-5, 1e7), count=st.integers(2, 10))
def test_labels_tell_every_tick_apart_and_say_its_value(low: float, width: float, count: int) -> None:
    high = low + width
    if high - low <= max(abs(low), abs(high)) * 1e-9:
        return
    found = ticks(low, high, count)
    texts = labels(found)
    assert len(set(texts)) == len(texts)
    if len(found) > 1:
        step = float(np.diff(found).min())
        for value, text in zip(found.tolist(), texts, strict=True):
            assert abs(value_of(text) - value) <= 0.01 * step


@pytest.mark.parametrize(
    ("low", "high", "count", "expected"),
    [
        (0, 1, 5, ["0", "0.5", "1.0"]),
        (0, 10_000, 6, ["0", "2k", "4k", "6k", "8k", "10k"]),
        (0, 9_999, 6, ["0", "2000", "4000", "6000", "8000"]),
        (0, 50_000, 6, ["0", "10k", "20k", "30k", "40k", "50k"]),
        (-1, 1, 5, ["-1.0", "-0.5", "0", "0.5", "1.0"]),
        (0, 3e-7, 4, ["0", "1e-7", "2e-7", "3e-7"]),
        (100_000, 100_004, 3, ["100.000k", "100.002k", "100.004k"]),
    ],
)
def test_labels_are_the_ones_a_person_would_write(low: float, high: float, count: int, expected: list[str]) -> None:
    assert labels(ticks(low, high, count)) == expected


@given(low=st.floats(1e-9, 1e6), factor=st.floats(1.01, 1e12), count=st.integers(2, 9))
def test_log_ticks_lie_inside(low: float, factor: float, count: int) -> None:
    found = log_ticks(low, low * factor, count)
    assert 1 <= len(found) <= count
    assert found[0] >= low * (1 - 1e-6)
    assert found[-1] <= low * factor * (1 + 1e-6)
    assert (np.diff(found) > 0).all()


def test_log_ticks_are_powers_of_ten_over_many_decades() -> None:
    assert labels(log_ticks(1e-4, 1e2, 7)) == ["0.0001", "0.001", "0.01", "0.1", "1", "10", "100"]
    assert labels(log_ticks(0.1, 10, 8)) == ["0.1", "0.2", "0.5", "1", "2", "5", "10"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.012343, "0.01234"),
        (1234.5, "1234"),
        (12345.0, "12.35k"),
        (3e-7, "3e-7"),
        (-2.5, "-2.5"),
        (float("nan"), "nan"),
        (1.5e20, "1.5e20"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text
