"""Decoded pictures edge to edge, as many as fit: the manifold of a decoder as ``Cells``.

``lay_manifold(shape, columns, rows, look, side)`` says how many pictures there are and where; ``paint_manifold`` draws
them as one image. ``grid.at(column, row)`` tells which picture is under the mouse.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from aetui.paint.cells import DEFAULT, Cells, blank, place, put
from aetui.paint.colours import series_colour
from aetui.paint.images import characters, half_blocks
from aetui.paint.look import Look
from aetui.paint.resize import Pixels, fit, resize

MOST = 20
"""Pictures along each side at most: as in Kingma & Welling 2014, figure 4."""

DIMMED = np.float32(0.3)
"""How bright a picture is that lies far from the data."""

_MOST_VALUES = 16_000_000
_CHOSEN = 4


@dataclass(frozen=True, kw_only=True)
class Grid:
    """``across`` × ``down`` pictures, each of wide × high cells and of ``width`` × ``height`` pixels.

    left, top: the first cell of the first one.
    """

    across: int
    down: int
    wide: int
    high: int
    width: int
    height: int
    left: int
    top: int

    def at(self, column: int, row: int) -> tuple[int, int] | None:
        """The (column, row) of the picture at a cell; None beside them."""
        across, down = (column - self.left) // self.wide, (row - self.top) // self.high
        return (across, down) if 0 <= across < self.across and 0 <= down < self.down else None


def lay_manifold(shape: tuple[int, int, int], columns: int, rows: int, look: Look, side: int) -> Grid:
    """shape: channels, height and width of a picture. side: of the smallest square that may hold one, in pixels.

    As many as fit into columns × rows cells, both ≥ 1; then as large as there is room for so many.
    """
    channels, height, width = (max(1, size) for size in shape)
    factor = side / max(height, width)
    least_high, least_wide = max(1, round(height * factor)), max(1, round(width * factor))
    half = look.pixels == "half"
    across = min(MOST, max(1, columns // (least_wide if half else 2 * least_wide)))
    down = min(MOST, max(1, rows // (-(-least_high // 2) if half else least_high)))
    while across * down > 1 and across * down * channels * height * width > _MOST_VALUES:
        across, down = max(1, across * 9 // 10), max(1, down * 9 // 10)
    each_wide, each_high = max(1, columns // across), max(1, rows // down)
    if half:
        high, wide = fit(height, width, each_high * 2, each_wide)
        high += high % 2  # a picture ends with a cell
        cells_wide, cells_high = wide, high // 2
    else:
        high, wide = fit(height, 2 * width, each_high, each_wide)
        cells_wide, cells_high = wide, high
    left, top = max(0, (columns - across * cells_wide) // 2), max(0, (rows - down * cells_high) // 2)
    return Grid(
        across=across,
        down=down,
        wide=cells_wide,
        high=cells_high,
        width=wide,
        height=high,
        left=left,
        top=top,
    )


def paint_manifold(
    images: Pixels,
    grid: Grid,
    columns: int,
    rows: int,
    look: Look,
    *,
    dimmed: npt.NDArray[np.bool_] | None = None,
) -> Cells:
    """images: float32 [down · across, C, H, W] in [0, 1], row by row from the top left. dimmed: bool, as many."""
    cells = blank(rows, columns)
    pixels = np.nan_to_num(images).clip(0, 1)
    if pixels.shape[1] not in (1, 3):
        pixels = pixels.mean(axis=1, keepdims=True)
    pixels = resize(pixels.astype(np.float32), grid.height, grid.width)
    if dimmed is not None:
        pixels = np.where(dimmed[:, None, None, None], pixels * DIMMED, pixels)
    channels = pixels.shape[1]
    tiled = pixels.reshape(grid.down, grid.across, channels, grid.height, grid.width).transpose(2, 0, 3, 1, 4)
    sheet = np.ascontiguousarray(tiled).reshape(channels, grid.down * grid.height, grid.across * grid.width)
    drawn = half_blocks(sheet, look) if look.pixels == "half" else characters(sheet, look)
    place(cells, grid.top, grid.left, drawn)
    return cells


def put_choice(cells: Cells, grid: Grid, across: int, down: int, look: Look) -> None:
    """The corners of one picture, into ``cells``; among characters brackets all along its sides."""
    left, top = grid.left + across * grid.wide, grid.top + down * grid.high
    right, bottom = left + grid.wide - 1, top + grid.high - 1
    colour = series_colour(_CHOSEN, replace(look, dark=True))  # on black, whatever is around the pictures
    behind = DEFAULT if look.depth == "mono" else 0 if look.depth == "16" else 16
    if look.pixels == "half" and look.unicode and top < bottom:
        places = [("┏", top, left), ("┓", top, right), ("┗", bottom, left), ("┛", bottom, right)]
    else:
        places = [(mark, row, at) for row in range(top, bottom + 1) for mark, at in (("[", left), ("]", right))]
    for mark, row, column in places:
        put(cells, row, column, mark, colour, behind)
