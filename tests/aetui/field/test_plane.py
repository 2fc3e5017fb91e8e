"""Where points of the plane lie on cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.field.plane import Window, around, window_of

UNIT = Window(0.0, 1.0, 0.0, 1.0)


@given(columns=st.integers(1, 300), rows=st.integers(1, 100))
def test_a_fitted_window_holds_the_old_one_and_has_the_shape_of_the_cells(columns: int, rows: int) -> None:
    window = UNIT.fitted(columns, rows)
    assert window.width >= 1 - 1e-9
    assert window.height >= 1 - 1e-9
    assert window.width / columns == pytest.approx(window.height / (2 * rows))
    assert window.centre == pytest.approx((0.5, 0.5))


def test_a_cell_and_its_point_belong_together() -> None:
    window = Window(-2.0, 2.0, -1.0, 1.0)
    points = np.array([window.point_at(column, row, 8, 4) for row in range(4) for column in range(8)])
    column, row = window.places(points, 8, 4)
    assert column.tolist() == list(range(8)) * 4
    assert row.tolist() == [row for row in range(4) for _ in range(8)]
    assert points[0].tolist() == [-1.75, 0.75]


def test_what_lies_outside_has_no_cell() -> None:
    points = np.array([[1.5, 0.5], [0.5, -0.1], [np.nan, 0.5], [np.inf, 0.5], [0.5, 0.5]])
    column, row = UNIT.places(points, 10, 10)
    assert column.tolist() == [-1, -1, -1, -1, 5]
    assert row.tolist()[-1] == 5


def test_zooming_keeps_the_point_that_it_is_about() -> None:
    window = UNIT.zoomed(2.0, (0.25, 0.5))
    assert (window.left, window.right, window.bottom, window.top) == (0.125, 0.625, 0.25, 0.75)
    assert window.zoomed(0.5, (0.25, 0.5)) == UNIT
    smallest = UNIT
    for _ in range(100):
        smallest = smallest.zoomed(2.0)
    assert smallest.width > 0


def test_a_window_moves_just_so_far_that_it_holds_a_point() -> None:
    assert UNIT.holding((0.3, 0.9)) == UNIT
    assert UNIT.holding((1.5, -1.0)) == Window(0.5, 1.5, -1.0, 0.0)


def test_the_grid_lies_in_the_middles_of_cells_evenly_about_the_centre() -> None:
    window = around((0.0, 0.0), 9.0, 5.0)
    points = window.grid(9, 5, (4, 2))
    assert points.tolist() == [[x, y] for y in (2, 0, -2) for x in (-4, 0, 4)]


@pytest.mark.parametrize("points", [np.empty((0, 2)), np.array([[1.0, 2.0]]), np.array([[0.0, 0.0], [3.0, 0.0]])])
def test_any_points_have_a_window_with_two_sides(points: np.ndarray) -> None:
    window = window_of(points)
    assert window.width > 0
    assert window.height > 0
    assert all(window.left < x < window.right and window.bottom < y < window.top for x, y in points.tolist())
