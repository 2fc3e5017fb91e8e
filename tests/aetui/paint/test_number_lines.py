from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.paint.cells import lines
from aetui.paint.look import Look
from aetui.paint.number_lines import NumberLine, paint_number_lines, reach_of, shown_lines

ASCII = Look(pixels="characters", depth="mono", unicode=False)
LOOKS = [Look(), Look(depth="16"), Look(depth="mono"), ASCII]


def draw(line: NumberLine, height: int, columns: int = 41, rows: int = 8) -> list[str]:
    return lines(paint_number_lines([line], columns, rows, ASCII, reach=(-4.0, 4.0), height=height))


def test_a_value_is_a_knob_where_it_lies() -> None:
    drawn = draw(NumberLine(name="z1", value=2.0), 1)
    track = drawn[0][3:-7]
    assert len(track) == 31
    # (2 - -4) / 8 of 30 columns.
    assert track.index("O") == round(0.75 * 30)
    assert set(track) == {"-", "O"}
    assert drawn[0].split()[0] == "z1"
    assert drawn[0].endswith("+2.00")


def test_a_distribution_is_thick_for_one_sigma_with_the_prior_behind_and_the_draws_on_it() -> None:
    line = NumberLine(name="z1", value=0.0, sigma=1.0, behind=(0.0, 2.0), draws=(3.9, -3.9))
    track = draw(line, 1)[0][3:-13]
    width = len(track) - 1
    assert track.count("O") == 1
    assert track[0] == track[-1] == "|"
    thick = [i for i, one in enumerate(track) if one in "#O"]
    assert (thick[0], thick[-1]) == (round(3 / 8 * width), round(5 / 8 * width))
    behind = [i for i, one in enumerate(track) if one == "="]
    assert (behind[0], behind[-1]) == (round(2 / 8 * width), round(6 / 8 * width))


def test_a_bell_is_highest_at_its_mean_and_as_wide_as_its_sigma() -> None:
    cells = paint_number_lines([NumberLine(name="z", value=1.0, sigma=0.5)], 80, 9, Look(), reach=(-4, 4), height=8)
    drawn = lines(cells)
    peak = [column for column, one in enumerate(drawn[0]) if one.strip()]
    knob = drawn[7].index("●")
    assert peak[0] <= knob <= peak[-1]
    # The lowest row of dots, 2 to 16 % of the height, is 2.8 to 1.9 sigma away: 1 to 1.4 units of the 8.
    foot = [column for column, one in enumerate(drawn[6]) if one.strip() and column > 2]
    width = len(drawn[7].rstrip()) and 80 - 2 - 13
    assert (knob - foot[0]) / width * 8 == pytest.approx(1.4, abs=0.25)
    assert foot[-1] - knob == pytest.approx(knob - foot[0], abs=2)


def test_a_value_among_bells_is_a_spike() -> None:
    drawn = draw(NumberLine(name="z", value=0.0, behind=(0.0, 1.0)), 4)
    column = drawn[3].index("O")
    assert [line[column] for line in drawn[:3]] == ["|"] * 3
    assert any("." in line for line in drawn[:3])


def test_the_axis_has_the_numbers_of_the_reach() -> None:
    drawn = draw(NumberLine(name="z", value=0.0), 1, columns=60)
    numbers = [float(text) for text in drawn[1].split()]
    assert numbers == sorted(numbers)
    knob = drawn[0].index("O")
    assert abs(drawn[1].index(" 0 ") + 1 - knob) <= 1


def test_the_reach_holds_three_sigma_of_everything() -> None:
    low, high = reach_of([NumberLine(name="a", value=1, sigma=2, behind=(0, 1)), NumberLine(name="b", value=9)])
    assert low < -5 < -4.5
    assert 9 < high < 9.5
    assert reach_of([]) == (-1, 1)
    low, high = reach_of([NumberLine(name="a", value=5.0)])
    assert low < 5 < high
    assert reach_of([NumberLine(name="a", value=float("nan"))]) == (-1, 1)


@pytest.mark.parametrize("look", LOOKS, ids=["unicode", "sixteen", "mono", "ascii"])
@given(
    columns=st.integers(0, 80),
    rows=st.integers(0, 20),
    height=st.sampled_from([1, 3, 4]),
    count=st.integers(0, 6),
    value=st.floats(),
    sigma=st.none() | st.floats(0, 100) | st.just(float("inf")),
)
def test_any_lines_fit_any_size(
    look: Look, columns: int, rows: int, height: int, count: int, value: float, sigma: float | None
) -> None:
    some = [NumberLine(name=f"z{i}", value=value, sigma=sigma, behind=(0, 1), draws=(value,)) for i in range(count)]
    cells = paint_number_lines(some, columns, rows, look, reach=(-3, 3), height=height)
    assert (cells.rows, cells.columns) == (rows, columns)
    assert shown_lines(count, rows, height) * height <= max(0, rows)
    if not look.unicode:
        assert all(line.isascii() for line in lines(cells))


def test_without_colours_a_prior_is_dotted_and_without_colours_or_braille_of_another_mark() -> None:
    line = NumberLine(name="z", value=3.0, sigma=0.2, behind=(0.0, 1.0))
    coloured = paint_number_lines([line], 60, 6, Look(), reach=(-4, 4), height=4)
    mono = paint_number_lines([line], 60, 6, Look(depth="mono"), reach=(-4, 4), height=4)
    filled = [np.count_nonzero(cells.characters[:3, 3:30] != " ") for cells in (coloured, mono)]
    assert filled[1] < filled[0]
