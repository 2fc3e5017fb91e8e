"""Points of the plane as characters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aetui.paint.cells import Cells, lines
from aetui.paint.classes import Groups, mark
from aetui.paint.look import Look
from aetui.paint.scatter import Scatter, field_of, fit_range, paint_scatter, put_cross, put_ring

LOOK = Look()


def scatter(points: Any, group: Any = None, **changes: Any) -> Scatter:
    array = np.asarray(points, np.float64).reshape(-1, 2)
    facts: dict[str, Any] = {
        "points": array,
        "group": np.full(len(array), -1) if group is None else np.asarray(group),
        "groups": Groups(),
        "x_range": (0.0, 10.0),
        "y_range": (0.0, 10.0),
        "shaded": False,
    }
    return Scatter(**{**facts, **changes})


def test_a_point_is_the_braille_dot_where_it_lies() -> None:
    # 10 columns and 5 rows without axes: a dot is 0.5 wide and 0.5 high.
    cells = paint_scatter(scatter([[3.6, 7.1], [3.1, 8.9]]), 10, 5, LOOK)
    assert [line.rstrip() for line in lines(cells)] == ["   ⠄", "   ⠐", "", "", ""]


def test_points_out_of_sight_are_left_out() -> None:
    cells = paint_scatter(scatter([[-1, 5], [11, 5], [5, 10.1]]), 10, 5, LOOK)
    assert "".join(lines(cells)).strip() == ""


def test_a_cell_has_the_colour_of_most_of_its_points() -> None:
    groups = Groups(names=())
    cells = paint_scatter(scatter([[5.1, 5.1], [5.2, 5.2], [5.3, 5.3]], [1, 0, 1], groups=groups), 10, 5, LOOK)
    [[row, column]] = np.argwhere(cells.characters != " ").tolist()
    assert cells.foreground[row, column] == groups.colour(1, LOOK)


@pytest.mark.parametrize("look", [Look(unicode=False), Look(depth="mono")])
def test_without_colours_or_braille_a_point_is_the_character_of_its_class(look: Look) -> None:
    cells = paint_scatter(scatter([[0.1, 9.9], [9.9, 0.1]], [3, 11]), 10, 5, look)
    assert [line.rstrip() for line in lines(cells)] == ["3", "", "", "", "         b"]
    assert mark(11) == "b"


def test_one_class_alone_is_in_colour_and_in_front() -> None:
    groups = Groups(names=())
    shown = scatter([[5.1, 5.1], [5.2, 5.2], [5.3, 5.3], [1, 1]], [1, 0, 1, 1], groups=groups, only=0)
    cells = paint_scatter(shown, 10, 5, LOOK)
    in_colour = cells.foreground == groups.colour(0, LOOK)
    assert in_colour.sum() == 1
    assert (cells.characters != " ").sum() == 2
    assert (cells.foreground == groups.colour(1, LOOK)).sum() == 0


def test_a_cell_of_the_field_and_its_place_agree() -> None:
    field = field_of(scatter([[1, 1]]), 60, 20)
    for column in range(field.left, field.left + field.columns):
        for row in range(field.top, field.top + field.rows):
            assert field.cell(*field.at(column, row)) == (column, row)
    assert field.cell(0, 0) == (field.left, field.top + field.rows - 1)
    assert field.cell(10, 10) == (field.left + field.columns - 1, field.top)
    assert field.cell(10.1, 5) is None


def test_axes_name_their_dimension_and_ticks_lie_at_their_values() -> None:
    shown = scatter([[1, 1]], x_name="z3", y_name="z9")
    cells = paint_scatter(shown, 60, 20, LOOK)
    text = lines(cells)
    assert text[0].strip().startswith("z9")
    assert text[-1].rstrip().endswith("z3")
    field = field_of(shown, 60, 20)
    place = field.cell(4.0, 0.0)
    assert place is not None
    assert text[-1][place[0]] == "4"
    assert text[-2][place[0]] == "┬"


def test_the_legend_names_the_classes_and_is_cut_where_it_does_not_fit() -> None:
    names = tuple(f"class {i}" for i in range(10))
    wide = lines(paint_scatter(scatter([[1, 1]], [0], groups=Groups(names=names)), 200, 20, LOOK))
    assert all(name in wide[0] for name in names)
    narrow = lines(paint_scatter(scatter([[1, 1]], [0], groups=Groups(names=names)), 40, 20, LOOK))
    assert sum(line.count("●") for line in narrow[:4]) == 10
    clothes = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
    at_80_columns = "\n".join(lines(paint_scatter(scatter([[1, 1]], [0], groups=Groups(names=clothes)), 48, 17, LOOK)))
    assert all(name in at_80_columns for name in clothes)


def test_density_shades_where_points_lie_and_nowhere_else() -> None:
    points = np.random.default_rng(0).normal(size=(2000, 2)) * 0.7 + [3, 5]
    cells = paint_scatter(scatter(points, shaded=True), 40, 20, LOOK)
    field = field_of(scatter(points), 40, 20)
    middle, corner = field.cell(3, 5), field.cell(9.5, 9.5)
    assert middle is not None
    assert corner is not None
    assert cells.background[middle[1], middle[0]] == 239
    assert cells.background[corner[1], corner[0]] == -1


@pytest.mark.parametrize("look", [Look(depth="16"), Look(depth="mono"), Look(unicode=False, depth="16")])
def test_density_is_drawn_in_characters_where_there_are_no_grays(look: Look) -> None:
    points = np.random.default_rng(0).normal(size=(60, 2)) * 2 + [5, 5]
    cells = paint_scatter(scatter(points, shaded=True), 40, 20, look)
    found = set("".join(lines(cells)))
    assert found & set("░▒" if look.unicode else ".:")
    assert (cells.background == -1).all()


def blank_copy(cells: Cells) -> Cells:
    return Cells(cells.characters.copy(), cells.foreground.copy(), cells.background.copy())


def test_the_cross_hair_leaves_the_points_as_they_are() -> None:
    shown = scatter([[5.1, 2.1]], [0])
    base = paint_scatter(shown, 40, 20, LOOK)
    field = field_of(shown, 40, 20)
    cells = blank_copy(base)
    put_cross(cells, field, 5.0, 7.5, LOOK, far=False)
    dot = np.argwhere((base.characters >= "⠀") & (base.characters <= "⣿"))
    for row, column in dot.tolist():
        assert cells.characters[row, column] == base.characters[row, column]
    place = field.cell(5.0, 7.5)
    assert place is not None
    assert cells.characters[place[1], place[0]] == "┼"
    assert cells.background[place[1], place[0]] == 220
    put_cross(cells, field, 5.0, 7.5, LOOK, far=True)
    assert cells.background[place[1], place[0]] == 203
    put_ring(cells, field, 2.0, 2.0, LOOK)
    ring = field.cell(2.0, 2.0)
    assert ring is not None
    assert cells.characters[ring[1], ring[0]] == "○"


@pytest.mark.parametrize("columns", [1, 2, 7, 19, 20, 80, 300])
@pytest.mark.parametrize("rows", [1, 2, 5, 9, 24, 100])
@pytest.mark.parametrize("look", [LOOK, Look(unicode=False, depth="mono"), Look(depth="16", dark=False)])
def test_every_size_is_painted(columns: int, rows: int, look: Look) -> None:
    points = np.random.default_rng(0).random((50, 2)) * 10
    names = tuple(f"class {i}" for i in range(12))
    shown = scatter(points, np.arange(50) % 12, groups=Groups(names=names), x_name="z1", y_name="unit 700", shaded=True)
    cells = paint_scatter(shown, columns, rows, look)
    assert (cells.rows, cells.columns) == (rows, columns)
    put_cross(cells, field_of(shown, columns, rows), 5, 5, look, far=True)
    put_ring(cells, field_of(shown, columns, rows), 5, 5, look)
    assert look.unicode or "".join(lines(cells)).isascii()


def test_nothing_to_show_is_painted_as_nothing() -> None:
    assert "".join(lines(paint_scatter(scatter(np.empty((0, 2)), shaded=True), 10, 4, LOOK))).strip() == ""
    assert paint_scatter(scatter([[1, 1]]), 0, 5, LOOK).columns == 0


def test_a_range_holds_all_values_and_is_never_without_width() -> None:
    low, high = fit_range(np.array([1.0, 3.0]))
    assert low < 1 < 3 < high
    for values in (np.empty(0), np.array([7.0]), np.zeros(5), np.full(3, 1e6)):
        low, high = fit_range(values)
        assert low < high
