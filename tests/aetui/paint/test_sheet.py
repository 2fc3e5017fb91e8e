"""Pictures as they are saved."""

from __future__ import annotations

import numpy as np

from aetui.paint.gallery import Shelf
from aetui.paint.images import Signed
from aetui.paint.points import Points
from aetui.paint.sheet import as_rgb, sheet_of


def shelf(images: list[object]) -> Shelf:
    return Shelf(name="a", images=images, captions=[""] * len(images))  # type: ignore[arg-type]


def test_a_row_per_image_or_a_row_per_shelf() -> None:
    dark, bright = np.zeros((1, 2, 2), np.float32), np.ones((1, 2, 2), np.float32)
    across = sheet_of([shelf([dark, bright]), shelf([dark, dark])], across=True)
    below = sheet_of([shelf([dark, bright]), shelf([dark, dark])], across=False)
    assert across is not None
    assert below is not None
    assert across.shape == below.shape == (1, 1, 5, 5)
    assert across[0, 0, 3:, :2].all()
    assert not across[0, 0, :2, 3:].any()
    assert below[0, 0, :2, 3:].all()
    assert not below[0, 0, 3:, :2].any()


def test_beside_a_residual_all_is_in_colours() -> None:
    residual = Signed(np.array([[-1.0, 0.0], [0.5, 1.0]], np.float32))
    sheet = sheet_of([shelf([np.ones((1, 2, 2), np.float32)]), shelf([residual])], across=True)
    assert sheet is not None
    assert sheet.shape == (1, 3, 2, 5)
    assert sheet[0, :, :, :2].all()
    assert sheet[0, :, 0, 3].tolist() == [0, 1, 1]
    assert sheet[0, :, 0, 4].tolist() == [0, 0, 0]
    assert sheet[0, :, 1, 3].tolist() == [1, 0, 0]
    assert sheet[0, :, 1, 4].tolist() == [1, 1, 0]


def test_points_become_pixels_and_no_pictures_are_none() -> None:
    cloud = np.random.default_rng(0).random((9, 2)).astype(np.float32)
    assert as_rgb(Points(cloud[:1], cloud)).ndim == 3
    assert sheet_of([], across=True) is None
    assert sheet_of([shelf([])], across=True) is None
