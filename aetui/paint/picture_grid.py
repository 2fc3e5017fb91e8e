"""Many images in rows and columns, all of one size: ``lay_out`` says where they go, ``paint_grid`` draws them.

``Layout.index_at(column, row)`` tells which image is under the mouse; ``Layout.corner(index)`` where one starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aetui.paint.cells import DEFAULT, Cells, blank, place, put
from aetui.paint.colours import quiet_colour, series_colour
from aetui.paint.images import Image, paint_images, shape_of, size_of
from aetui.paint.look import Look
from aetui.paint.text import clip, width_of


@dataclass(frozen=True)
class Layout:
    """``across`` images a row, each on wide × high cells, ``captions`` rows below each, ``gap`` columns between.

    count: how many fit; the rest is left out.
    """

    across: int
    count: int
    wide: int
    high: int
    captions: int
    gap: int
    columns: int
    rows: int

    def corner(self, index: int) -> tuple[int, int]:
        """(row, column) of the top left cell of an image."""
        row_gap = 1 if self.gap and not self.captions else 0
        row, column = divmod(index, self.across)
        return row * (self.high + self.captions + row_gap), column * (self.wide + self.gap)

    def index_at(self, column: int, row: int) -> int | None:
        """The image (or its caption) at a cell; None between them."""
        for index in range(self.count):
            top, left = self.corner(index)
            if top <= row < top + self.high + self.captions and left <= column < left + self.wide:
                return index
        return None


def lay_out(
    images: Sequence[Image],
    across: int,
    columns: int,
    rows: int,
    look: Look,
    *,
    gap: int = 1,
    captions: Sequence[str] = (),
) -> Layout:
    """``images`` (≥ 1), ``across`` a row, as large as they fit into columns × rows cells; the first gives the shape."""
    height, width = shape_of(images[0])
    down = -(-len(images) // across)
    below = 1 if any(captions) else 0
    between = 1 if gap and not below else 0
    room_wide = max(1, (columns - gap * (across - 1)) // across)
    room_high = max(1, (rows - between * (down - 1)) // down - below)
    if room_high * down + below * down + between * (down - 1) > rows and below:
        below = 0
        room_high = max(1, rows // down)
    wide, high = size_of(max(1, height), max(1, width), room_wide, room_high, look)
    each = high + below + (1 if gap and not below else 0)
    fitting = max(1, (rows + each - high - below) // each) * across
    return Layout(across, min(len(images), fitting), wide, high, below, gap, columns, rows)


def paint_grid(
    images: Sequence[Image],
    layout: Layout,
    look: Look,
    captions: Sequence[str] = (),
    *,
    selected: int | None = None,
) -> Cells:
    """The images on the layout's rectangle. Captions must have gone through ``outside_text.plain``."""
    cells = blank(layout.rows, layout.columns)
    for index, drawn in enumerate(paint_images(images[: layout.count], layout.wide, layout.high, look)):
        row, column = layout.corner(index)
        place(cells, row, column, drawn)
        if layout.captions and index < len(captions):
            _paint_caption(cells, row + layout.high, column, layout.wide, captions[index], look, index == selected)
    return cells


def _paint_caption(cells: Cells, row: int, column: int, wide: int, text: str, look: Look, chosen: bool) -> None:
    if chosen and width_of(text) + 2 <= wide:
        text = f"[{text}]"
    text = clip(text, wide, look.ellipsis)
    colour = series_colour(1, look) if chosen else quiet_colour(look)
    put(cells, row, column + (wide - width_of(text)) // 2, text, colour, DEFAULT)
