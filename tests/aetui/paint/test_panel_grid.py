"""How charts share a rectangle."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aetui.paint.panels import grid


@given(st.integers(1, 30), st.integers(1, 300), st.integers(1, 100))
def test_no_place_of_a_row_is_for_nobody(count: int, columns: int, rows: int) -> None:
    shape = grid(count, columns, rows)
    assert 1 <= shape.across <= count
    assert shape.down >= 1


@given(st.integers(1, 300), st.integers(1, 100))
def test_a_single_chart_has_all_of_it(columns: int, rows: int) -> None:
    assert grid(1, columns, rows).box(0) == (0, 0, columns, rows)
