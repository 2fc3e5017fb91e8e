"""A code as bars, and the facts above it."""

from __future__ import annotations

import numpy as np
import pytest

from aetui.paint.cells import lines
from aetui.paint.code_bars import paint_code
from aetui.paint.image_facts import paint_facts
from aetui.paint.look import Look

ASCII = Look(pixels="characters", depth="mono", unicode=False)


def test_each_unit_has_its_value_and_a_bar_of_its_share_on_its_side() -> None:
    text = lines(paint_code([2.0, -1.0, 0.0], 30, 3, ASCII))
    left, right = zip(*(line[10:].split("|") for line in text), strict=True)
    assert [line[:8].split() for line in text] == [["1", "2.00"], ["2", "-1.00"], ["3", "0.00"]]
    assert [part.count("#") for part in left] == [0, 4, 0]
    assert [part.count("#") for part in right] == [9, 0, 0]


def test_of_many_units_the_largest_are_shown_in_their_order() -> None:
    text = lines(paint_code([0.1, 5.0, -0.2, -7.0, 0.3], 30, 3, ASCII))
    assert [line.split()[0] for line in text[:2]] == ["2", "4"]
    assert text[2].strip() == "3 smaller"


@pytest.mark.parametrize("code", [[], [np.nan, 1.0], [0.0, 0.0], [np.inf, -np.inf]])
@pytest.mark.parametrize("size", [(0, 0), (1, 1), (8, 2), (40, 10)])
def test_every_code_and_size_is_drawn(code: list[float], size: tuple[int, int]) -> None:
    cells = paint_code(code, *size, ASCII)
    assert (cells.columns, cells.rows) == size


def test_the_code_stands_below_the_facts_where_there_is_room() -> None:
    facts = [("image 1 of 64", -1), ("class 7", -1)]
    text = lines(paint_facts(facts, [1.0, -1.0], 30, 8, ASCII))
    assert text[0].startswith("image 1 of 64")
    assert text[3].startswith("code, 2 dimensions")
    assert text[4].split()[:2] == ["1", "1.00"]
    assert not any("code" in line for line in lines(paint_facts(facts, [1.0], 30, 3, ASCII)))
