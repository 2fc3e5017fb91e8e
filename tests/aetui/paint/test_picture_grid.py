from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aetui.paint.cells import lines
from aetui.paint.look import Look
from aetui.paint.picture_grid import lay_out, paint_grid

LOOKS = [Look(), Look(pixels="characters", depth="mono", unicode=False)]


@given(
    count=st.integers(1, 12),
    across=st.integers(1, 12),
    columns=st.integers(1, 100),
    rows=st.integers(1, 40),
    gap=st.integers(0, 2),
    captioned=st.booleans(),
    look=st.sampled_from(LOOKS),
)
def test_images_never_overlap_and_each_is_found_at_its_place(
    count: int, across: int, columns: int, rows: int, gap: int, captioned: bool, look: Look
) -> None:
    images = np.ones((count, 1, 6, 8), np.float32)
    captions = [str(index) for index in range(count)] if captioned else []
    layout = lay_out(images, across, columns, rows, look, gap=gap, captions=captions)
    assert 1 <= layout.count <= count
    owner = {}
    for index in range(layout.count):
        top, left = layout.corner(index)
        assert layout.index_at(left, top) == index
        for row in range(top, top + layout.high + layout.captions):
            for column in range(left, left + layout.wide):
                assert owner.setdefault((row, column), index) == index
    cells = paint_grid(images, layout, look, captions)
    assert (cells.rows, cells.columns) == (rows, columns)


def test_eight_images_with_captions_fit_a_small_terminal() -> None:
    images = np.zeros((8, 1, 28, 28), np.float32)
    captions = [f"0.0{index}" for index in range(8)]
    layout = lay_out(images, 8, 80, 20, Look(), captions=captions)
    drawn = lines(paint_grid(images, layout, Look(), captions, selected=3))
    assert layout.count == 8
    assert drawn[layout.high].split() == ["0.00", "0.01", "0.02", "[0.03]", "0.04", "0.05", "0.06", "0.07"]


def test_with_room_a_row_of_images_has_its_full_size() -> None:
    images = np.zeros((6, 1, 28, 28), np.float32)
    layout = lay_out(images, 6, 200, 20, Look())
    assert (layout.wide, layout.high) == (28, 14)


def test_a_manifold_without_gaps_is_one_picture() -> None:
    tiles = np.random.default_rng(0).random((4, 1, 4, 4), np.float32)
    layout = lay_out(tiles, 2, 8, 4, Look(), gap=0)
    assert [layout.corner(index) for index in range(4)] == [(0, 0), (0, 4), (2, 0), (2, 4)]
