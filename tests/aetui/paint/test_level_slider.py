"""The slider, forth and back."""

from __future__ import annotations

import pytest

from aetui.paint.cells import lines
from aetui.paint.level_slider import paint_slider, value_at
from aetui.paint.look import Look

ASCII = Look(pixels="characters", depth="mono", unicode=False)


def test_the_knob_stands_at_the_value() -> None:
    texts = [lines(paint_slider(value, (0, 1), 15, ASCII))[0] for value in (0.0, 0.5, 1.0)]
    assert texts == ["0 O---------- 1", "0 =====O----- 1", "0 ==========O 1"]


def test_a_mark_shows_another_value_beside_the_knob() -> None:
    assert lines(paint_slider(0.5, (0, 1), 15, ASCII, mark=0.2))[0] == "0 ==|==O----- 1"


def test_a_value_beyond_the_ends_stands_at_the_end() -> None:
    assert lines(paint_slider(7, (0, 1), 15, ASCII))[0] == "0 ==========O 1"


@pytest.mark.parametrize("columns", [15, 40, 61])
def test_a_click_on_the_knob_gives_the_value_back(columns: int) -> None:
    for step in range(11):
        text = lines(paint_slider(step / 10 * 2, (0, 2), columns, ASCII))[0]
        assert value_at(text.index("O"), (0, 2), columns) == pytest.approx(step / 10 * 2, abs=2 / (columns - 5))
    assert value_at(-5, (0, 2), columns) == 0
    assert value_at(999, (0, 2), columns) == 2


@pytest.mark.parametrize("columns", range(8))
def test_there_may_be_no_room(columns: int) -> None:
    assert paint_slider(0.5, (0, 1), columns, ASCII).columns == columns
