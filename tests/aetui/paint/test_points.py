from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.paint.cells import lines
from aetui.paint.images import paint_image, shape_of
from aetui.paint.look import Look
from aetui.paint.points import Points, are_points, as_shown, paint_points, point_text, raster

ASCII = Look(pixels="characters", depth="mono", unicode=False)
LOOKS = [Look(), Look(depth="16"), Look(depth="mono"), ASCII]
SQUARE = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)


def at(x: float, y: float, cloud: np.ndarray = SQUARE) -> Points:
    return Points(np.array([[x, y]], np.float32), cloud)


def test_a_point_lies_where_it_is_between_the_corners_of_its_cloud() -> None:
    drawn = lines(paint_points(at(0.5, 0.5), 21, 9, ASCII))
    assert [(row, line.index("*")) for row, line in enumerate(drawn) if "*" in line] == [(4, 10)]
    corners = [(row, column) for row, line in enumerate(drawn) for column, one in enumerate(line) if one == "."]
    # The ranges are 8 % wider than the cloud on either side: 0.08 / 1.16 of 20 columns and 8 rows.
    assert corners == [(1, 1), (1, 19), (7, 1), (7, 19)]


def test_up_is_more_of_the_second_coordinate_and_right_more_of_the_first() -> None:
    drawn = lines(paint_points(at(1, 1), 21, 9, ASCII))
    assert drawn[1][19] == "*"
    drawn = lines(paint_points(at(0, 1), 21, 9, ASCII))
    assert drawn[1][1] == "*"


def test_a_point_beyond_the_cloud_is_drawn_on_the_edge() -> None:
    drawn = lines(paint_points(at(50, -np.inf), 21, 9, ASCII))
    assert drawn[8][20] == "*"


def test_a_large_picture_has_axes_whose_numbers_are_right() -> None:
    drawn = lines(paint_points(at(0, 0), 60, 24, Look()))
    numbers = [float(line.split("┤")[0]) for line in drawn if "┤" in line]
    assert numbers == sorted(numbers, reverse=True)
    assert (numbers[0], numbers[-1]) == (1, 0)
    assert drawn[-1].split()[0] == "0"
    row = next(index for index, line in enumerate(drawn) if line.lstrip().startswith("0┤"))
    assert "●" in drawn[row]
    assert drawn[row].index("●") == drawn[-2].index("┬")


@pytest.mark.parametrize("look", LOOKS, ids=["unicode", "sixteen", "mono", "ascii"])
@given(
    columns=st.integers(0, 60),
    rows=st.integers(0, 30),
    marks=st.integers(0, 9),
    cloud=st.integers(0, 5),
    width=st.integers(0, 4),
)
def test_any_points_fit_any_size(look: Look, columns: int, rows: int, marks: int, cloud: int, width: int) -> None:
    draw = np.random.default_rng(0)
    points = Points(draw.normal(size=(marks, width)).astype("f4"), draw.normal(size=(cloud, width)).astype("f4"))
    cells = paint_points(points, columns, rows, look)
    assert (cells.rows, cells.columns) == (rows, columns)
    if not look.unicode:
        assert all(line.isascii() for line in lines(cells))


@pytest.mark.parametrize("look", LOOKS, ids=["unicode", "sixteen", "mono", "ascii"])
def test_points_are_an_image_as_large_as_fits_and_square_to_the_eye(look: Look) -> None:
    assert shape_of(at(0, 0)) == (1, 1)
    cells = paint_image(at(0, 0), 40, 10, look)
    assert (cells.columns, cells.rows) == (20, 10)


def test_many_marks_are_dots_of_one_colour() -> None:
    draw = np.random.default_rng(0)
    points = Points(draw.uniform(size=(50, 2)).astype("f4"), SQUARE)
    cells = paint_points(points, 20, 9, Look())
    assert len(set(cells.foreground[cells.characters != " "].tolist())) == 2
    drawn = lines(paint_points(points, 20, 9, ASCII))
    assert sum(line.count("*") for line in drawn) > 20


def test_three_coordinates_are_a_line_from_the_first_to_the_last() -> None:
    cloud = np.array([[0, 0, 0], [1, 1, 1]], np.float32)
    drawn = lines(paint_points(Points(np.array([[0, 1, 0]], np.float32), cloud), 21, 9, ASCII))
    assert drawn[1][10] == "*"
    assert drawn[7][0] == drawn[7][20] == "*"


def test_pictures_stay_pictures_and_points_become_points() -> None:
    assert are_points(np.zeros((3, 1, 1, 2), np.float32))
    assert not are_points(np.zeros((3, 1, 8, 8), np.uint8))
    images = np.zeros((2, 1, 8, 8), np.float32)
    assert [np.asarray(one).shape for one in as_shown(images, None)] == [(1, 8, 8), (1, 8, 8)]
    shown = as_shown(np.array([[[[3, 4]]]], np.float32), np.zeros((5, 1, 1, 2), np.float32))
    assert isinstance(shown[0], Points)
    assert shown[0].marks.tolist() == [[3, 4]]
    assert shown[0].cloud.shape == (5, 2)


def test_a_point_is_written_as_its_coordinates() -> None:
    assert point_text(np.array([[[0.514, -1.2]]], np.float32)) == "(0.51, -1.20)"
    assert point_text(np.arange(6, dtype=np.float32), digits=0) == "(0, 1, 2, 3, ...)"


def test_a_saved_point_is_white_on_its_cloud() -> None:
    picture = raster(at(0.5, 0.5), 101)
    assert picture.shape == (1, 101, 101)
    assert picture[0, 50, 50] == 1
    assert (picture == np.float32(0.35)).sum() == 4
    assert raster(Points(np.zeros((1, 3), np.float32), np.zeros((1, 3), np.float32)), 11)[0, 5].tolist() == [1.0] * 11
