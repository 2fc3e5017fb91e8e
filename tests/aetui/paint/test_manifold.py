"""Many pictures edge to edge."""

from __future__ import annotations

import numpy as np
import pytest

from aetui.paint.cells import lines
from aetui.paint.look import Look
from aetui.paint.manifold import lay_manifold, paint_manifold, put_choice

LOOK = Look()
ASCII = Look(pixels="characters", unicode=False, depth="mono")


def test_as_many_pictures_as_fit_at_the_size_asked_for() -> None:
    grid = lay_manifold((1, 28, 28), 80, 20, LOOK, 8)
    assert (grid.across, grid.down) == (10, 5)
    assert (grid.wide, grid.high, grid.width, grid.height) == (8, 4, 8, 8)
    grid = lay_manifold((1, 28, 28), 80, 20, LOOK, 2)
    assert (grid.across, grid.down) == (20, 20)


def test_never_more_than_twenty_along_a_side_then_larger_ones() -> None:
    grid = lay_manifold((1, 8, 8), 320, 160, LOOK, 8)
    assert (grid.across, grid.down) == (20, 20)
    assert (grid.width, grid.height) == (16, 16)


def test_characters_are_two_columns_for_each_pixel() -> None:
    grid = lay_manifold((1, 8, 8), 80, 24, ASCII, 8)
    assert (grid.across, grid.down, grid.wide, grid.high) == (5, 3, 16, 8)


def test_a_large_picture_costs_no_more_than_there_is_room_for() -> None:
    grid = lay_manifold((3, 1024, 1024), 200, 60, LOOK, 8)
    assert grid.across * grid.down * 3 * 1024 * 1024 <= 16_000_000


def test_each_picture_lies_where_the_grid_says() -> None:
    grid = lay_manifold((1, 4, 4), 17, 5, LOOK, 4)
    assert (grid.across, grid.down) == (4, 2)
    images = np.zeros((8, 1, 4, 4), np.float32)
    images[6] = 1
    cells = paint_manifold(images, grid, 17, 5, LOOK)
    bright = np.argwhere(cells.background == 231)
    assert {grid.at(int(column), int(row)) for row, column in bright} == {(2, 1)}
    assert len(bright) == grid.wide * grid.high
    assert grid.at(16, 0) is None
    assert grid.at(0, 4) is None


def test_pictures_far_from_the_data_are_dimmed() -> None:
    grid = lay_manifold((1, 4, 4), 16, 4, LOOK, 4)
    images = np.ones((8, 1, 4, 4), np.float32)
    dimmed = np.zeros(8, np.bool_)
    dimmed[0] = True
    cells = paint_manifold(images, grid, 16, 4, LOOK, dimmed=dimmed)
    assert cells.background[0, 0] != 231
    assert (cells.background[:, 4:] == 231).all()


def test_the_chosen_picture_has_corners() -> None:
    grid = lay_manifold((1, 4, 4), 16, 4, LOOK, 4)
    cells = paint_manifold(np.zeros((8, 1, 4, 4), np.float32), grid, 16, 4, LOOK)
    put_choice(cells, grid, 1, 1, LOOK)
    assert [line.strip() for line in lines(cells)] == ["", "", "┏  ┓", "┗  ┛"]
    assert cells.characters[2, 4] == "┏"


def test_among_characters_the_chosen_picture_stands_in_brackets() -> None:
    grid = lay_manifold((1, 4, 4), 16, 8, ASCII, 4)
    cells = paint_manifold(np.zeros((4, 1, 4, 4), np.float32), grid, 16, 8, ASCII)
    put_choice(cells, grid, 0, 1, ASCII)
    assert [line.rstrip() for line in lines(cells)[4:]] == ["[      ]"] * 4


@pytest.mark.parametrize("columns", [1, 2, 9, 80, 300])
@pytest.mark.parametrize("rows", [1, 3, 24, 100])
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32), (1, 1, 50), (1, 50, 1), (4, 8, 8)])
@pytest.mark.parametrize("look", [LOOK, ASCII, Look(depth="16", dark=False)])
def test_every_size_and_shape_is_painted(columns: int, rows: int, shape: tuple[int, int, int], look: Look) -> None:
    for side in (2, 8, 64):
        grid = lay_manifold(shape, columns, rows, look, side)
        images = np.full((grid.across * grid.down, *shape), np.nan, np.float32)
        cells = paint_manifold(images, grid, columns, rows, look)
        put_choice(cells, grid, grid.across - 1, grid.down - 1, look)
        assert (cells.rows, cells.columns) == (rows, columns)
        assert look.unicode or "".join(lines(cells)).isascii()
