from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.paint.cells import lines
from aetui.paint.heat_table import HeatTable, cell_at, page, paint_heat_table, width_wanted
from aetui.paint.look import Look

ASCII = Look(pixels="characters", depth="mono", unicode=False)
LOOKS = [Look(), Look(depth="truecolor"), Look(depth="16"), Look(depth="256", dark=False), ASCII]

TABLE = HeatTable(
    rows=["z1", "z2", "z3"],
    columns=["smile", "beard"],
    values=np.array([[0.0, 0.1], [0.8, 0.0], [0.4, 0.2]]),
    below=[("MIG", ["0.40", "0.10"]), ("best", ["z2", "z3"])],
    floor=[0.0, 0.1],
)


def test_the_numbers_stand_under_their_names_and_the_cursor_is_in_brackets() -> None:
    drawn = lines(paint_heat_table(TABLE, (1, 0), 40, 8, ASCII))
    assert drawn[0].split() == ["smile", "beard"]
    assert [line.split()[0] for line in drawn[1:6]] == ["z1", "z2", "z3", "MIG", "best"]
    assert "[0.80]" in drawn[2]
    assert drawn[4].split() == ["MIG", "0.40", "0.10"]
    assert drawn[5].split() == ["best", "z2", "z3"]


def test_more_is_hotter_and_what_is_no_more_than_the_floor_is_cold() -> None:
    cells = paint_heat_table(TABLE, (0, 0), 40, 8, Look(depth="truecolor"))
    seen = page(TABLE, (0, 0), 40, 8)
    shade = [[int(cells.background[1 + r, seen.left + c * seen.each]) for c in range(2)] for r in range(3)]
    red = [[(colour >> 16) & 255 for colour in row] for row in shade]
    assert red[0][0] < red[2][0] < red[1][0] == 255
    # 0.1 is the floor of the second column; 0 is not colder than that.
    assert shade[0][1] == shade[1][1] == shade[0][0]


def test_text_can_be_read_on_every_shade() -> None:
    for look in (Look(), Look(depth="16"), Look(dark=False)):
        cells = paint_heat_table(TABLE, (0, 0), 40, 8, look)
        seen = page(TABLE, (0, 0), 40, 8)
        area = (slice(1, 4), slice(seen.left, seen.left + 2 * seen.each))
        assert (cells.foreground[area] != cells.background[area]).all()


@pytest.mark.parametrize("look", LOOKS, ids=["256", "truecolor", "sixteen", "light", "ascii"])
@given(
    columns=st.integers(0, 60),
    rows=st.integers(0, 20),
    count=st.tuples(st.integers(0, 30), st.integers(0, 12)),
    at=st.tuples(st.integers(0, 29), st.integers(0, 11)),
)
def test_any_table_fits_any_size_and_a_click_finds_what_is_drawn_there(
    look: Look, columns: int, rows: int, count: tuple[int, int], at: tuple[int, int]
) -> None:
    table = HeatTable(
        rows=[f"z{i}" for i in range(count[0])],
        columns=[f"attribute {j}" for j in range(count[1])],
        values=np.full(count, 0.5),
        below=[("MIG", ["0.50"] * count[1])],
    )
    cursor = min(at[0], max(0, count[0] - 1)), min(at[1], max(0, count[1] - 1))
    cells = paint_heat_table(table, cursor, columns, rows, look)
    assert (cells.rows, cells.columns) == (rows, columns)
    if not look.unicode:
        assert all(line.isascii() for line in lines(cells))
    for row, line in enumerate(lines(cells)):
        if "[0.50]" in line:
            column = line.index("[0.50]") + 1
            assert cell_at(table, cursor, columns, rows, (row, column)) == cursor


def test_the_wanted_width_shows_all_columns() -> None:
    wide = width_wanted(TABLE)
    assert page(TABLE, (0, 0), wide, 8).count == (3, 2)
    assert "smile" in lines(paint_heat_table(TABLE, (0, 0), wide, 8, ASCII))[0]
