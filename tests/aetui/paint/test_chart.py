from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.paint.cells import lines
from aetui.paint.chart import paint_chart
from aetui.paint.colours import series_colour
from aetui.paint.frame import frame
from aetui.paint.look import Look
from aetui.paint.series import MARKERS, Series, View
from aetui.paint.text import width_of

LOOKS = [Look(), Look(depth="16"), Look(depth="mono"), Look(depth="mono", unicode=False), Look(unicode=False)]
ASCII = Look(depth="mono", unicode=False)

anything = st.floats(width=64) | st.floats(-10, 10)


@given(
    points=st.lists(st.lists(st.tuples(anything, anything), max_size=20), max_size=3),
    columns=st.integers(0, 60),
    rows=st.integers(0, 24),
    look=st.sampled_from(LOOKS),
    log_y=st.booleans(),
    cursor=st.none() | st.floats(-20, 20),
)
def test_any_series_on_any_size_give_a_chart_of_that_size(
    points: list[list[tuple[float, float]]], columns: int, rows: int, look: Look, log_y: bool, cursor: float | None
) -> None:
    series = [
        Series([x for x, _ in one], [y for _, y in one], f"run {place}", faint=place == 1)
        for place, one in enumerate(points)
    ]
    cells = paint_chart(series, columns, rows, look, View(title="loss", log_y=log_y, cursor=cursor))
    assert (cells.rows, cells.columns) == (rows, columns)
    assert all(width_of(line) == columns for line in lines(cells))
    if not look.unicode:
        assert all(line.isascii() for line in lines(cells))
    if look.depth == "mono":
        assert (cells.foreground == -1).all()


def test_numbers_at_the_end_of_the_scale_do_not_overflow() -> None:
    paint_chart([Series([0.0, 1.7e308, -1.7e308], [1.7e308, -1.7e308, 0.0])], 40, 10, Look())


def test_ticks_stand_beside_their_values() -> None:
    series = [Series(np.arange(11), np.arange(11.0), "loss")]
    cells = paint_chart(series, 60, 24, ASCII)
    plot = frame(series, 60, 24, ASCII)
    drawn = lines(cells)
    low, high = plot.y_range
    assert [text for _, text in plot.y_ticks] == ["0", "2", "4", "6", "8", "10"]
    for value, text in plot.y_ticks:
        row = plot.top + round((high - value) / (high - low) * (plot.rows - 1))
        assert drawn[row][: plot.left].strip("+ ") == text
        column = plot.column_of(value)
        assert column is not None
        assert drawn[row][column] == "*"
    assert drawn[-1].split() == ["0", "2", "4", "6", "8", "step"]


def test_the_frame_goes_from_columns_to_x_and_back() -> None:
    plot = frame([Series([0, 1000], [0, 1])], 80, 24, Look())
    for column in range(plot.left, plot.left + plot.columns):
        assert plot.column_of(plot.x_at(column)) == column
    assert plot.column_of(-100) is None
    assert plot.x_at(plot.left) == 0
    assert plot.x_at(plot.left + plot.columns - 1) == 1000


def test_each_series_has_its_colour_in_the_legend_and_in_the_plot() -> None:
    xs = np.arange(100)
    cells = paint_chart([Series(xs, xs * 0 + 1, "one"), Series(xs, xs * 0 + 2, "two")], 60, 20, Look())
    legend = lines(cells)[0]
    for place, name in enumerate(("one", "two")):
        colour = series_colour(place, Look())
        assert cells.foreground[0, legend.index(name)] == colour
        assert (cells.foreground[1:] == colour).sum() >= 40


def test_a_colour_that_was_asked_for_is_kept() -> None:
    cells = paint_chart([Series([0, 1], [0, 1], "one", colour=5)], 40, 12, Look())
    assert (cells.foreground == series_colour(5, Look())).any()
    assert not (cells.foreground == series_colour(0, Look())).any()


def test_without_colours_each_series_has_a_marker() -> None:
    xs = np.arange(100)
    series = [Series(xs, xs * 0 + place, f"run {place}") for place in range(3)]
    for look in (ASCII, Look(depth="mono")):
        drawn = lines(paint_chart(series, 60, 20, look))
        for place in range(3):
            assert f"{MARKERS[place]} run {place}" in drawn[0]
            assert any(MARKERS[place] in line[5:] for line in drawn[1:-2])


def test_the_raw_curve_lies_behind_the_smoothed_one() -> None:
    xs = np.arange(1000)
    raw = Series(xs, np.where(xs % 2, 1.0, -1.0), colour=0, faint=True)
    cells = paint_chart([Series(xs, xs * 0.0, "smooth", colour=0), raw], 60, 20, Look())
    bright, faint = series_colour(0, Look()), series_colour(0, Look(), faint=True)
    rows = np.flatnonzero((cells.foreground[1:-2, 5:] == bright).any(axis=1))
    assert len(rows) == 1
    assert (cells.foreground[1:-2, 5:] == faint).sum() > 10 * 50


def test_a_baseline_has_gaps_and_a_twin_more_of_them() -> None:
    xs = np.arange(1000)
    shares = []
    for one in (Series(xs, xs), Series(xs, xs, dashed=True), Series(xs, xs, twin=1), Series(xs, xs, twin=2)):
        cells = paint_chart([one], 65, 20, Look(), View(legend="none"))
        plot = frame([one], 65, 20, Look(), View(legend="none"))
        assert plot.columns == 60
        area = cells.characters[plot.top : plot.top + plot.rows, plot.left :]
        shares.append((area != " ").any(axis=0).mean())
    assert shares == pytest.approx([1, 3 / 5, 1 / 2, 1 / 3])


def test_a_gap_is_left_open() -> None:
    ys = np.ones(100)
    ys[40:60] = np.nan
    drawn = lines(paint_chart([Series(np.arange(100), ys)], 104, 10, ASCII))
    line = next(line for line in drawn if "*" in line).partition("+")[2]
    assert "*" in line[:38]
    assert "*" not in line[42:58]
    assert "*" in line[62:]


def test_log_y_draws_a_power_as_a_straight_line_and_leaves_out_what_has_no_logarithm() -> None:
    xs = np.arange(50)
    series = [Series(xs, np.where(xs == 25, -1.0, 10.0 ** (-xs / 10)), "loss")]
    cells = paint_chart(series, 60, 24, ASCII, View(log_y=True))
    plot = frame(series, 60, 24, ASCII, View(log_y=True))
    for x in (0, 10, 24, 26, 49):
        column = plot.column_of(x)
        assert column is not None
        low, high = plot.y_range
        row = plot.top + round((high + x / 10) / (high - low) * (plot.rows - 1))
        assert "*" in "".join(cells.characters[row - 1 : row + 2, column])
    gap = plot.column_of(25)
    assert gap is not None
    assert "*" not in cells.characters[plot.top : plot.top + plot.rows, gap]
    assert {"1", "0.1"} <= {text for _, text in plot.y_ticks}


def test_the_cursor_reads_out_every_series() -> None:
    xs = np.arange(0, 1000, 10)
    series = [Series(xs, xs / 100, "loss"), Series([0, 100], [1.0, np.nan], "kl")]
    drawn = lines(paint_chart(series, 80, 20, Look(), View(cursor=502.0)))
    assert "step 502" in drawn[0]
    assert "loss 5" in drawn[0]
    assert "kl -" in drawn[0]
    assert sum("┊" in line for line in drawn) >= 10
    assert "kl nan" in lines(paint_chart(series, 80, 20, Look(), View(cursor=99.0)))[0]


def test_a_legend_too_long_says_how_many_are_missing() -> None:
    series = [Series([0, 1], [0, 1], f"a long name of a run {place}") for place in range(9)]
    legend = lines(paint_chart(series, 60, 12, Look()))[0]
    assert legend.rstrip().endswith("+7")


def test_the_visible_part_alone_sets_the_height() -> None:
    xs = np.arange(1000.0)
    series = [Series(xs, np.where(xs < 10, 1000.0, 1 + xs / 1000))]
    low, high = frame(series, 80, 24, Look(), View(x_range=(500, 900))).y_range
    assert 1.4 < low < 1.5
    assert 1.9 < high < 2


def test_nothing_yet_is_said() -> None:
    assert any("nothing to draw yet" in line for line in lines(paint_chart([], 60, 12, Look())))


@pytest.mark.parametrize("look", LOOKS)
def test_unsorted_steps_are_drawn_as_if_sorted(look: Look) -> None:
    order = np.random.default_rng(0).permutation(50)
    xs, ys = np.arange(50.0), np.sin(np.arange(50) / 5)
    assert paint_chart([Series(xs[order], ys[order])], 60, 20, look).same(paint_chart([Series(xs, ys)], 60, 20, look))


def test_three_times_ten_thousand_points_are_drawn_within_a_frame() -> None:
    rng = np.random.default_rng(0)
    series = [Series(np.arange(10_000), rng.standard_normal(10_000), f"run {place}") for place in range(3)]
    times_s = []
    for _ in range(10):
        started = time.process_time()
        paint_chart(series, 100, 30, Look())
        times_s.append(time.process_time() - started)
    assert min(times_s) < 0.010
