from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.paint.look import Look
from aetui.widgets.image_grid import NARROWEST, grid_of


@pytest.mark.parametrize(("columns", "rows"), [(80, 18), (200, 54), (300, 94)])
def test_a_page_has_all_images_where_they_can_be_recognised(columns: int, rows: int) -> None:
    across, down = grid_of(64, columns, rows, Look(), 28, 28)
    wide = (columns + 1) // across - 1
    assert wide >= NARROWEST
    if columns >= 200:
        assert across * down >= 64


def test_few_images_are_as_large_as_fits() -> None:
    assert grid_of(1, 80, 20, Look(), 8, 8) == (1, 1)
    assert grid_of(2, 80, 20, Look(), 8, 8)[0] == 2


@given(
    count=st.integers(1, 64), columns=st.integers(1, 300), rows=st.integers(1, 100), side=st.sampled_from([1, 8, 28])
)
def test_any_size_has_a_page(count: int, columns: int, rows: int, side: int) -> None:
    across, down = grid_of(count, columns, rows, Look(), side, side)
    assert across >= 1
    assert down >= 1
