from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.paint.cells import lines
from aetui.paint.look import Look
from aetui.paint.sliders import Slider, page_of, paint_sliders, track_of, value_at, value_text

ASCII = Look(pixels="characters", depth="mono", unicode=False)


def slider(value: float, name: str = "z1", note: str = "1.50") -> Slider:
    return Slider(name=name, value=value, low=-3, high=3, start=0, note=note)


def test_a_knob_stands_where_its_value_is() -> None:
    sliders = [slider(-3), slider(0), slider(3), slider(99)]
    drawn = lines(paint_sliders(sliders, 1, 40, 4, ASCII))
    left, width = track_of(sliders, 40)
    assert [line.index("O") for line in drawn] == [left, left + round((width - 1) / 2), *[left + width - 1] * 2]
    assert [line.split()[-1] for line in drawn] == ["-3.00", "+0.00", "+3.00", "+99.00"]
    assert [line[0] for line in drawn] == [" ", ">", " ", " "]
    assert drawn[0].split()[:2] == ["z1", "1.50"]
    # Where it started is marked, unless the knob covers it.
    assert [line.count(":") for line in drawn] == [1, 0, 1, 1]


@given(columns=st.integers(9, 200), at=st.integers(0, 200))
def test_a_click_gives_the_value_whose_knob_is_there(columns: int, at: int) -> None:
    sliders = [slider(0)]
    track = track_of(sliders, columns)
    column = track[0] + at % track[1]
    value = value_at(sliders[0], column, track)
    drawn = lines(paint_sliders([slider(value)], 0, columns, 1, ASCII))[0]
    assert drawn[column] == "O"


@pytest.mark.parametrize(("count", "chosen", "first"), [(5, 4, 0), (100, 0, 0), (100, 50, 45), (100, 99, 90)])
def test_the_page_holds_the_chosen_one(count: int, chosen: int, first: int) -> None:
    assert page_of(count, chosen, 10) == first
    assert page_of(count, chosen, 10) <= chosen < page_of(count, chosen, 10) + 10


@given(
    columns=st.integers(0, 90),
    rows=st.integers(0, 12),
    count=st.integers(0, 30),
    value=st.floats() | st.sampled_from([1e30, -1e-30]),
)
def test_any_sliders_fit_any_size(columns: int, rows: int, count: int, value: float) -> None:
    for look in (Look(), ASCII):
        cells = paint_sliders([slider(value, f"z{i}") for i in range(count)], count // 2, columns, rows, look)
        assert (cells.rows, cells.columns) == (rows, columns)
        if not look.unicode:
            assert all(line.isascii() for line in lines(cells))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.519, "+0.52"), (-12.25, "-12.25"), (123.4, "+123.4"), (12345.0, "+12345"), (1.2e9, "+1e9")],
)
def test_a_value_is_written_in_six_characters(value: float, text: str) -> None:
    assert value_text(value) == text


def test_where_a_value_has_less_room_it_has_fewer_digits_and_never_half_a_number() -> None:
    assert [value_text(-2.257, room) for room in (6, 5, 4, 3, 2)] == ["-2.26", "-2.26", "-2.3", "-2", "-2"]
    assert value_text(-1234.5, 2) == "-1234"
