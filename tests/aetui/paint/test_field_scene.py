"""The field with data, walks and cross-hair on top of each other."""

from __future__ import annotations

import numpy as np
import pytest

from aetui.field.plane import around
from aetui.paint.cells import lines
from aetui.paint.field_raster import raster
from aetui.paint.field_scene import Scene, paint_scene
from aetui.paint.look import Look

LOOKS = [Look(), Look(dark=False), Look(depth="16"), Look(depth="mono", unicode=False)]
WINDOW = around((0.0, 0.0), 2.0, 2.0)


def scene(*, empty: bool = False) -> Scene:
    points = WINDOW.fitted(80, 24).grid(80, 24, (4, 2)) if not empty else np.empty((0, 2))
    walk = np.array([[[0.9, 0.9]], [[0.5, 0.5]]]) if not empty else np.empty((0, 0, 2))
    cloud = np.array([[-0.5, 0.5], [0.5, -0.5], [0.0, 0.9]]) if not empty else np.empty((0, 2))
    return Scene(
        window=WINDOW,
        cloud=cloud,
        labels=np.array([0, 1, -1])[: len(cloud)],
        points=points,
        vectors=-0.5 * points,
        longest=0.7 if not empty else 0.0,
        still=0.01,
        trails=walk,
        cross=None if empty else (0.0, 0.0),
    )


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("size", [(0, 0), (1, 1), (3, 9), (24, 80), (100, 300)])
@pytest.mark.parametrize("empty", [False, True])
def test_every_size_gives_cells_of_that_size(size: tuple[int, int], look: Look, empty: bool) -> None:
    cells = paint_scene(scene(empty=empty), size[1], size[0], look)
    assert (cells.rows, cells.columns) == size
    assert look.unicode or all(line.isascii() for line in lines(cells))


def test_the_parts_lie_where_they_are() -> None:
    drawn = lines(paint_scene(scene(), 80, 24, Look()))
    assert drawn[12][40] == "┼"
    # 24 rows hold 2 units, and a cell is twice as high as wide: (0.5, 0.5) lies 12 columns right of the middle.
    assert drawn[6][52] == "●"
    assert drawn[0].endswith("(1.667, 1)") or "(1.7, 1)" in drawn[0]
    assert drawn[-1].rstrip().endswith("0.7")


def test_saved_pixels_show_the_walker_and_are_in_range() -> None:
    pixels = raster(scene(), WINDOW, scene().trails)
    assert pixels.shape == (3, 480, 480)
    assert pixels.dtype == np.float32
    assert 0 <= pixels.min() <= pixels.max() <= 1
    np.testing.assert_allclose(pixels[:, 120, 360], [1.0, 0.9, 0.3], atol=1e-6)
    assert raster(scene(empty=True), WINDOW, np.empty((0, 0, 2))).std() == pytest.approx(0, abs=1e-6)
