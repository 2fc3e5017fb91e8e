"""Arrows point where the vectors do."""

from __future__ import annotations

import numpy as np
import pytest

from aetui.field.plane import Window, around
from aetui.paint.arrows import (
    ARROWS,
    ARROWS_ASCII,
    directions,
    heat,
    paint_arrows,
    paint_cross,
    paint_dots,
    paint_trails,
)
from aetui.paint.cells import DEFAULT, blank, lines
from aetui.paint.look import Look

LOOKS = [
    Look(),
    Look(dark=False),
    Look(depth="16"),
    Look(depth="16", dark=False),
    Look(depth="mono", unicode=False),
    Look(unicode=False),
]
SQUARE = around((0.0, 0.0), 3.0, 3.0)


def test_eight_directions_have_their_arrows() -> None:
    angle = np.arange(8) * np.pi / 4
    vectors = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    assert directions(vectors).tolist() == list(range(8))
    assert directions(-vectors).tolist() == [4, 5, 6, 7, 0, 1, 2, 3]
    assert directions(np.array([[1.0, 0.3], [1.0, 0.6], [0.3, 1.0]])).tolist() == [0, 1, 2]
    assert len(ARROWS) == len(ARROWS_ASCII) == 8


@pytest.mark.parametrize(("unicode", "drawn"), [(True, ["↘↓↙", "→•←", "↗↑↖"]), (False, [">v<", ">o<", ">^<"])])
def test_the_field_of_a_linear_model_points_to_its_fixed_point(unicode: bool, drawn: list[str]) -> None:
    points = SQUARE.grid(3, 3, (1, 1))
    cells = blank(3, 3)
    paint_arrows(cells, points, -0.5 * points, SQUARE, Look(unicode=unicode), longest=0.7, still=0.01)
    assert lines(cells) == drawn


@pytest.mark.parametrize("look", LOOKS)
def test_longer_arrows_are_louder_and_none_is_as_faint_as_nothing(look: Look) -> None:
    colours = heat(np.array([0.0, 0.5, 1.0]), look).tolist()
    assert (len(set(colours)) == 3) == (look.depth != "mono")
    assert heat(np.array([-1.0, 5.0]), look).tolist() == [colours[0], colours[2]]


def test_vectors_without_a_number_or_outside_draw_nothing() -> None:
    cells = blank(3, 3)
    points = np.array([[0.0, 0.0], [9.0, 9.0]])
    paint_arrows(cells, points, np.array([[np.nan, 1.0], [1.0, 0.0]]), SQUARE, Look(), longest=1.0, still=0.0)
    assert cells.same(blank(3, 3))


def test_a_field_that_is_nowhere_moves_nothing_and_still_is_drawn() -> None:
    cells = blank(3, 3)
    paint_arrows(cells, np.zeros((1, 2)), np.zeros((1, 2)), SQUARE, Look(), longest=0.0, still=0.0)
    assert lines(cells)[1] == " • "


def test_dots_lie_at_their_points() -> None:
    cells = blank(1, 2)
    window = Window(0.0, 4.0, 0.0, 4.0)
    paint_dots(cells, np.array([[0.5, 3.5], [3.5, 0.5], [9.0, 9.0]]), window, 5, Look())
    assert lines(cells) == ["⠁⢀"]
    assert cells.foreground.tolist() == [[5, 5]]
    cells = blank(1, 2)
    paint_dots(cells, np.array([[0.5, 3.5]]), window, 5, Look(unicode=False))
    assert lines(cells) == [", "]
    assert cells.foreground.tolist() == [[5, DEFAULT]]


def test_a_trail_is_a_line_without_gaps() -> None:
    cells = blank(1, 4)
    trail = np.array([[[0.1, 0.4]], [[3.9, 0.4]]])
    paint_trails(cells, trail, Window(0.0, 4.0, 0.0, 1.0), 5, Look())
    assert lines(cells) == ["⠤⠤⠤⠤"]
    still = blank(1, 4)
    paint_trails(still, trail[:1], Window(0.0, 4.0, 0.0, 1.0), 5, Look())
    assert still.same(blank(1, 4))


def test_a_trail_with_a_place_without_a_number_is_drawn_as_far_as_it_goes() -> None:
    cells = blank(1, 4)
    trail = np.array([[[0.1, 0.4]], [[1.9, 0.4]], [[np.nan, 0.4]]])
    paint_trails(cells, trail, Window(0.0, 4.0, 0.0, 1.0), 5, Look())
    assert lines(cells) == ["⠤⠤  "]


@pytest.mark.parametrize(
    ("unicode", "drawn"), [(True, ["  │  ", "──┼──", "  │  "]), (False, ["  |  ", "--+--", "  |  "])]
)
def test_the_cross_hair_is_clipped_at_the_edges(unicode: bool, drawn: list[str]) -> None:
    window = around((0.0, 0.0), 5.0, 3.0)
    cells = blank(3, 5)
    paint_cross(cells, (0.0, 0.0), window, 3, Look(unicode=unicode))
    assert lines(cells) == drawn
    paint_cross(cells, (2.0, 1.0), window, 3, Look(unicode=unicode))
    paint_cross(cells, (9.0, 9.0), window, 3, Look(unicode=unicode))


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", [(0, 0), (1, 1), (2, 7), (24, 80)])
def test_every_size_can_be_painted_and_ascii_is_ascii(size: tuple[int, int], look: Look) -> None:
    cells = blank(*size)
    window = SQUARE.fitted(max(1, size[1]), max(1, size[0]))
    points = window.grid(max(1, size[1]), max(1, size[0]), (4, 2))
    paint_dots(cells, points, window, 1, look)
    paint_trails(cells, np.stack([points, points + 1]), window, 1, look)
    if size[0]:
        paint_arrows(cells, points, points, window, look, longest=1.0, still=0.1)
    paint_cross(cells, (0.0, 0.0), window, 1, look)
    assert all(line.isascii() for line in lines(cells)) or look.unicode
