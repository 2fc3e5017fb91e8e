from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.paint.curves import dots, envelope

Values = npt.NDArray[np.float64]


@st.composite
def polylines(draw: st.DrawFn) -> tuple[Values, Values]:
    count = draw(st.integers(1, 40))
    steps = draw(st.lists(st.integers(0, 100), min_size=count, max_size=count))
    heights = draw(st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=count, max_size=count))
    return np.array(sorted(steps), np.float64), np.array(heights, np.float64)


@given(line=polylines(), columns=st.integers(1, 50), low=st.integers(-20, 60), width=st.integers(1, 120))
def test_every_point_lies_within_the_envelope_of_its_column(
    line: tuple[Values, Values], columns: int, low: int, width: int
) -> None:
    xs, ys = line
    lowest, highest = envelope(xs, ys, (low, low + width), columns)
    assert lowest.shape == highest.shape == (columns,)
    centre = (xs - low) / width * (columns - 1)
    for x, y, at in zip(xs, ys, centre, strict=True):
        near_an_edge = abs(at + 0.5 - round(at + 0.5)) < 1e-6
        if low <= x <= low + width and np.isfinite(y) and not near_an_edge:
            column = round(float(at))
            assert lowest[column] <= y <= highest[column]


@given(line=polylines(), columns=st.integers(2, 50), low=st.integers(-20, 60), width=st.integers(1, 120))
def test_the_envelope_is_that_of_every_segment_cut_by_hand(
    line: tuple[Values, Values], columns: int, low: int, width: int
) -> None:
    xs, ys = line
    lowest, highest = envelope(xs, ys, (low, low + width), columns)
    step = width / (columns - 1)
    for column in range(columns):
        left, right = low + (column - 0.5) * step, low + (column + 0.5) * step
        if np.abs(np.subtract.outer(xs, [left, right])).min() < 1e-6:
            continue  # a point on an edge: either column may have it
        inside = [y for x, y in zip(xs, ys, strict=True) if left < x < right]
        for (x0, y0), (x1, y1) in itertools.pairwise(zip(xs, ys, strict=True)):
            inside += [y0 + (y1 - y0) * (edge - x0) / (x1 - x0) for edge in (left, right) if x0 < edge < x1]
        known = [y for y in inside if np.isfinite(y)]
        if not known:
            assert np.isnan(lowest[column])
            assert np.isnan(highest[column])
        else:
            assert lowest[column] == pytest.approx(min(known), rel=1e-9, abs=1e-6)
            assert highest[column] == pytest.approx(max(known), rel=1e-9, abs=1e-6)


@given(line=polylines(), columns=st.integers(2, 50))
def test_the_envelope_never_goes_beyond_the_data(line: tuple[Values, Values], columns: int) -> None:
    xs, ys = line
    lowest, highest = envelope(xs, ys, (0, 100), columns)
    drawn = np.isfinite(lowest)
    assert (drawn == np.isfinite(highest)).all()
    if drawn.any():
        slack = 1e-9 * (1 + np.nanmax(np.abs(ys)))
        assert lowest[drawn].min() >= np.nanmin(ys) - slack
        assert highest[drawn].max() <= np.nanmax(ys) + slack


def test_a_straight_line_is_its_own_envelope() -> None:
    lowest, highest = envelope(np.array([0.0, 10.0]), np.array([0.0, 100.0]), (0, 10), 11)
    np.testing.assert_allclose(lowest, [0, *(10 * np.arange(1, 11) - 5)], atol=1e-9)
    np.testing.assert_allclose(highest, [*(10 * np.arange(10) + 5), 100], atol=1e-9)


def test_a_single_spike_among_a_million_points_is_seen() -> None:
    ys = np.zeros(1_000_000)
    ys[654_321] = 1.0
    _, highest = envelope(np.arange(1_000_000, dtype=np.float64), ys, (0, 999_999), 200)
    assert highest.max() == 1.0


def test_a_gap_is_not_bridged_and_a_lonely_point_is_drawn() -> None:
    xs, ys = np.arange(11, dtype=np.float64), np.full(11, np.nan)
    ys[[0, 1, 5, 9, 10]] = 1.0
    lowest, _ = envelope(xs, ys, (0, 10), 11)
    assert np.flatnonzero(np.isfinite(lowest)).tolist() == [0, 1, 5, 9, 10]


def test_neighbouring_columns_of_a_line_touch() -> None:
    xs = np.linspace(0, 1, 500)
    lowest, highest = envelope(xs, np.sin(20 * xs), (0, 1), 80)
    drawn = dots(lowest, highest, (-1, 1), 60)
    rows = [np.flatnonzero(column) for column in drawn.T]
    for left, right in itertools.pairwise(rows):
        assert max(left[0], right[0]) <= min(left[-1], right[-1]) + 1


def test_what_lies_outside_the_range_is_cut_off() -> None:
    lowest, highest = np.array([-5.0, 2.0, 0.2, np.nan]), np.array([5.0, 3.0, 0.2, np.nan])
    drawn = dots(lowest, highest, (0, 1), 6)
    assert drawn.sum(axis=0).tolist() == [6, 0, 1, 0]
    assert drawn[:, 2].nonzero()[0].tolist() == [4]
