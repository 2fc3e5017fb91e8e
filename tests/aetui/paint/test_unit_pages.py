"""Tables, profiles and units that fire, on every size."""

from __future__ import annotations

import numpy as np
import pytest

from aetui.paint.cells import lines
from aetui.paint.images import Signed
from aetui.paint.look import Look
from aetui.paint.unit_pages import (
    ENTRY_COLUMNS,
    Firing,
    Row,
    firing_shape,
    paint_firing,
    paint_profile,
    paint_table,
    paint_unit_side,
    table_shape,
)

LOOKS = [Look(), Look(depth="16", dark=False), Look(pixels="characters", depth="mono", unicode=False)]
ASCII = LOOKS[-1]
SIZES = [(0, 0), (1, 1), (3, 7), (19, 54), (100, 300)]

ROWS = [
    Row(unit=unit, density=0.5 if unit % 2 else 0.0, mean=0.001 * unit, strongest=-3.25) for unit in range(0, 2000, 7)
]
PROFILE = [("T-shirt/top", 0.5), ("bag", 1.0), ("猫", 0.0)]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", SIZES)
def test_every_size_gives_cells_of_that_size(size: tuple[int, int], look: Look) -> None:
    rows, columns = size
    units = [Firing(unit=i, picture=Signed(np.full((8, 8), 0.5, np.float32)), value=3.0 - i) for i in range(40)]
    painted = [
        paint_table(ROWS, columns, rows, look, chosen=3),
        paint_profile(PROFILE, columns, rows, look),
        paint_profile([("less", -1.0), ("more", 2.0)], columns, rows, look),
        paint_unit_side(PROFILE, [0.1, 0.2, 0.9], columns, rows, look),
        paint_unit_side([], [], columns, rows, look),
        paint_firing(units, columns, rows, look, (8, 8), chosen=0),
        paint_firing([], columns, rows, look, (8, 8), chosen=None),
    ]
    for cells in painted:
        assert (cells.rows, cells.columns) == size
        named = [line for line in lines(cells) if "猫" not in line]
        assert look.unicode or all(line.isascii() for line in named)


def test_the_table_says_of_each_unit_what_it_does() -> None:
    drawn = lines(paint_table(ROWS[:3], ENTRY_COLUMNS, 4, ASCII, chosen=1))
    assert drawn[0].split() == ["unit", "density", "mean", "max"]
    assert drawn[1].split() == ["0", "dead", "0", "-3.2"]
    assert drawn[2].split() == [">", "7", "####", "50.0%", "0.007", "-3.2"]


def test_the_table_goes_down_before_it_goes_right() -> None:
    across, down = table_shape(2 * ENTRY_COLUMNS + 2, 4)
    assert (across, down) == (2, 3)
    drawn = lines(paint_table(ROWS, 2 * ENTRY_COLUMNS + 2, 4, ASCII, chosen=None))
    assert drawn[1].split()[0] == "0"
    assert drawn[2].split()[0] == "7"
    assert drawn[1][ENTRY_COLUMNS + 2 :].split()[0] == "21"


def test_the_profile_has_a_bar_for_each_class_as_long_as_its_mean() -> None:
    drawn = lines(paint_profile([("a", 0.5), ("b", 1.0)], 20, 2, ASCII))
    assert [line.count("#") for line in drawn] == [5, 10]
    assert [line.split()[-1] for line in drawn] == ["0.5", "1"]
    signed = lines(paint_profile([("a", -1.0), ("b", 1.0)], 22, 2, ASCII))
    assert signed[0].index("#") < signed[0].index("|") < signed[1].index("#")


def test_classes_that_do_not_fit_are_counted() -> None:
    drawn = lines(paint_profile([(str(i), 1.0) for i in range(10)], 30, 4, ASCII))
    assert drawn[-1].strip() == "7 more"


def test_below_the_profile_stands_how_often_the_unit_is_how_active() -> None:
    drawn = lines(paint_unit_side([("a", 1.0)], [0.1, 0.1, 1.0], 36, 14, ASCII))
    assert "images by activation" in drawn[3]
    assert "2" in drawn[4]
    assert drawn[-1].split() == ["0", "1"] or "0" in drawn[-1]


def test_units_that_fire_have_bars_as_long_as_their_activation() -> None:
    units = [
        Firing(unit=5, picture=np.zeros((1, 8, 8)), value=2.0),
        Firing(unit=7, picture=np.zeros((1, 8, 8)), value=1.0),
    ]
    drawn = lines(paint_firing(units, 40, 16, ASCII, (8, 8), chosen=0))
    across, _, picture = firing_shape(40, 16, (8, 8), ASCII)
    assert across == 1
    text = "\n".join(drawn)
    assert ">unit 5" in text
    assert "unit 7" in text
    bars = [line.count("#") for line in drawn if "#" in line]
    assert bars[0] == pytest.approx(2 * bars[1], abs=1)
    assert picture[1] >= 1
