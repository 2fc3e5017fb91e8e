from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.paint.cells import lines
from aetui.paint.chart import paint_chart
from aetui.paint.frame import frame
from aetui.paint.look import Look
from aetui.paint.series import Series, View, prepare
from aetui.paint.stacked import FILLS, area_colour
from aetui.paint.sums import accumulate, means
from aetui.paint.text import width_of

LOOKS = [Look(), Look(depth="16", dark=False), Look(depth="mono"), Look(depth="mono", unicode=False)]
XS = np.arange(101.0)
CONSTANT = [Series(XS, XS * 0 + 1, "kl"), Series(XS, XS * 0 + 3, "reconstruction")]
STACKED = View(stacked=True)


def test_the_edges_are_the_sums_and_the_values_stay_those_of_each_term() -> None:
    curves = accumulate(prepare(CONSTANT, Look(), log_y=False))
    assert [curve.ys[0] for curve in curves] == [1, 4]
    assert [curve.values[0] for curve in curves] == [1, 3]


def test_terms_with_other_steps_are_read_between_them_and_a_gap_stays_one() -> None:
    ys = np.array([0.0, np.nan, 4.0])
    one, two = Series([0, 1, 2], [1.0, 1.0, 1.0]), Series([0, 2], [2.0, 4.0])
    curves = accumulate(prepare([one, two, Series([0, 1, 2], ys)], Look(), log_y=False))
    np.testing.assert_array_equal(curves[1].ys, [3, 4, 5])
    np.testing.assert_array_equal(curves[2].ys, [3, np.nan, 9])


@given(
    xs=st.lists(st.integers(-10, 110), min_size=1, max_size=60, unique=True),
    seed=st.integers(0, 9),
    columns=st.integers(2, 40),
)
def test_a_column_has_the_mean_of_its_points(xs: list[int], seed: int, columns: int) -> None:
    at = np.array(sorted(xs), np.float64)
    ys = np.random.default_rng(seed).standard_normal(len(at))
    found = means(at, ys, (0, 100), columns)
    place = at / 100 * (columns - 1)
    near_an_edge = np.abs(place + 0.5 - np.round(place + 0.5)) < 1e-6
    for column in range(columns):
        inside = np.round(place) == column
        if inside.any() and not near_an_edge[inside].any() and not near_an_edge.any():
            assert found[column] == pytest.approx(ys[inside].mean())
        elif not inside.any() and not near_an_edge.any():
            x = 100 * column / (columns - 1)
            expected = np.interp(x, at, ys) if at[0] <= x <= at[-1] else np.nan
            np.testing.assert_allclose(found[column], expected, equal_nan=True)


@pytest.mark.parametrize("look", LOOKS)
def test_the_areas_have_the_heights_of_their_terms(look: Look) -> None:
    cells = paint_chart(CONSTANT, 80, 33, look, STACKED)
    plot = frame(CONSTANT, 80, 33, look, STACKED)
    curves = prepare(CONSTANT, look, log_y=False)
    column = plot.left + plot.columns // 2
    drawn = cells.characters[plot.top : plot.top + plot.rows, column]
    low, high = plot.y_range
    assert low == 0
    per_unit = plot.rows / high
    if look.depth == "mono" and not look.unicode:
        assert (drawn == FILLS[0]).sum() == pytest.approx(per_unit, abs=1)
        assert (drawn == FILLS[1]).sum() == pytest.approx(3 * per_unit, abs=1)
    elif look.depth == "mono":
        assert (drawn == "⣿").sum() == pytest.approx(per_unit, abs=1)
        assert (drawn != " ").sum() == pytest.approx(4 * per_unit, abs=1)
    else:
        colours = cells.foreground[plot.top : plot.top + plot.rows, column]
        for place, height in ((0, 1.0), (1, 3.0)):
            colour = area_colour(curves[place], place, look)
            assert (colours == colour).sum() == pytest.approx(height * per_unit, abs=1)


def test_an_eighth_of_a_cell_is_seen() -> None:
    for eighths in range(1, 8):
        series = [Series(XS, XS * 0 + 5 + eighths / 8, "kl"), Series(XS, XS * 0 + 10 - eighths / 8, "rest")]
        view = View(stacked=True, y_range=(0.0, 20.0))
        curves = prepare(series, Look(), log_y=False)
        cells = paint_chart(series, 60, 23, Look(), view)
        plot = frame(series, 60, 23, Look(), view)
        assert plot.rows == 20
        row, column = plot.top + plot.rows - 6, plot.left + 10
        assert cells.characters[row, column] == " ▁▂▃▄▅▆▇█"[eighths]
        assert cells.foreground[row, column] == area_colour(curves[0], 0, Look())
        assert cells.background[row, column] == area_colour(curves[1], 1, Look())


def test_a_gap_is_left_open() -> None:
    ys = np.where((XS > 40) & (XS < 60), np.nan, 1.0)
    for look in LOOKS:
        cells = paint_chart([Series(XS, ys, "kl")], 90, 20, look, STACKED)
        plot = frame([Series(XS, ys, "kl")], 90, 20, look, STACKED)
        at = plot.column_of(50)
        assert at is not None
        assert (cells.characters[plot.top : plot.top + plot.rows, at] == " ").all()


@given(
    points=st.lists(st.lists(st.floats(width=64), min_size=1, max_size=12), max_size=3),
    columns=st.integers(0, 60),
    rows=st.integers(0, 24),
    look=st.sampled_from(LOOKS),
)
def test_any_terms_on_any_size_give_a_chart_of_that_size(
    points: list[list[float]], columns: int, rows: int, look: Look
) -> None:
    series = [Series(np.arange(len(ys)), ys, f"term {place}") for place, ys in enumerate(points)]
    cells = paint_chart(series, columns, rows, look, View(stacked=True, cursor=3.0, log_y=True))
    assert (cells.rows, cells.columns) == (rows, columns)
    assert all(width_of(line) == columns for line in lines(cells))
    if not look.unicode:
        assert all(line.isascii() for line in lines(cells))
    if look.depth == "mono":
        assert (cells.foreground == -1).all()
        assert (cells.background == -1).all()
