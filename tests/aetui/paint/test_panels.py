from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.paint.cells import lines
from aetui.paint.frame import ready
from aetui.paint.look import Look
from aetui.paint.panels import SMALLEST, Grid, frame_in, grid, pages, paint_panels
from aetui.paint.series import Series, View


@given(count=st.integers(0, 60), columns=st.integers(0, 300), rows=st.integers(0, 100))
def test_the_boxes_are_apart_inside_and_as_many_as_fit(count: int, columns: int, rows: int) -> None:
    shape = grid(count, columns, rows)
    assert shape.capacity >= 1
    taken = np.zeros((rows, columns), int)
    for place in range(shape.capacity):
        left, top, width, height = shape.box(place)
        taken[top : top + height, left : left + width] += 1
        if shape.capacity > 1:
            assert width >= SMALLEST[0] - 1 or shape.across == 1
            assert height >= SMALLEST[1] or shape.down == 1
    assert taken.size == 0 or taken.max() <= 1
    most = max(1, (columns + 2) // (SMALLEST[0] + 2)) * max(1, rows // SMALLEST[1])
    assert shape.capacity >= min(count, most)
    assert pages(count, shape) * shape.capacity >= count


def test_one_chart_has_it_all() -> None:
    assert grid(1, 80, 24) == Grid(1, 1, 80, 24)
    assert grid(1, 80, 24).box(0) == (0, 0, 80, 24)


@pytest.mark.parametrize(("count", "columns", "rows", "expected"), [(3, 200, 50, (2, 2)), (4, 80, 17, (2, 2))])
def test_charts_are_neither_towers_nor_ribbons(count: int, columns: int, rows: int, expected: tuple[int, int]) -> None:
    shape = grid(count, columns, rows)
    assert (shape.across, shape.down) == expected


def test_a_cell_is_found_in_its_box_and_between_them_in_none() -> None:
    shape = grid(4, 82, 20)
    assert (shape.across, shape.down) == (2, 2)
    assert [shape.at(0, 0), shape.at(81, 0), shape.at(0, 19), shape.at(81, 19), shape.at(40, 5)] == [0, 1, 2, 3, None]


def test_each_chart_is_drawn_where_its_frame_says() -> None:
    view = View(legend="none")
    charts = [(ready([Series([0, 10], [place, place], "x", colour=place)], Look(), view), view) for place in range(4)]
    shape = grid(4, 100, 24)
    cells = paint_panels(charts, shape, Look(unicode=False))
    for place, (curves, _) in enumerate(charts):
        plot = frame_in(shape, place, curves, view)
        middle = plot.top + (plot.rows - 1) // 2
        drawn = cells.characters[middle - 1 : middle + 2, plot.left : plot.left + plot.columns]
        assert np.equal(drawn, "*+ox"[place]).any(axis=0).all()
    assert len(lines(cells)) == 24
