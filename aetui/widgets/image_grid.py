"""``ImageGrid``: images to pick one from, a page at a time, with a cursor.

``grid.show_grid(pictures, images, captions, title)``: pictures as for ``PictureRow``, images their numbers. The keys
belong to whoever shows it: ``move(columns, rows)`` moves the cursor, ``move_to(image)`` puts it on one, ``image`` is
the one under it. A click sends ``ImageGrid.Picked(grid, image)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from textual import events
from textual.message import Message

from aetui.jump import Target
from aetui.paint.cells import Cells, blank, place, put
from aetui.paint.colours import series_colour
from aetui.paint.images import Image, shape_of, size_of
from aetui.paint.look import Look
from aetui.paint.picture_grid import Layout, lay_out, paint_grid
from aetui.terminal.outside_text import plain
from aetui.widgets.cells_view import CellsView

NARROWEST = 8
"""Columns of a picture: in fewer nothing is recognised."""


class ImageGrid(CellsView):
    """Pictures in rows and columns, the page that has the cursor."""

    class Picked(Message):
        """An image was clicked; image: its number."""

        def __init__(self, grid: ImageGrid, image: int) -> None:
            super().__init__()
            self.grid = grid
            self.image = image

        @property
        def control(self) -> ImageGrid:
            return self.grid

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._pictures: Sequence[Image] = ()
        self._images = np.empty(0, np.int64)
        self._captions: Sequence[str] = ()
        self._title = ""
        self._at = 0
        self._first = 0
        self._across = 1
        self._layout: Layout | None = None

    def show_grid(self, pictures: Sequence[Image], images: np.ndarray, captions: Sequence[str], title: str) -> None:
        """Show these from now on; the cursor stays on its image where that is still there."""
        before = self.image
        self._pictures, self._images, self._captions, self._title = pictures, images, captions, title
        if before is not None:
            self.move_to(before)
        self.repaint()

    @property
    def image(self) -> int | None:
        """The number of the image under the cursor; None where there are no images."""
        return int(self._images[min(self._at, len(self._images) - 1)]) if len(self._images) else None

    def move(self, columns: int, rows: int) -> None:
        """Move the cursor by places, as far as there are images."""
        self._at = max(0, min(len(self._images) - 1, self._at + columns + rows * self._across))
        self.repaint()

    def move_to(self, image: int) -> None:
        """Put the cursor on an image, or on the first one."""
        found = np.flatnonzero(self._images == image)
        self._at = int(found[0]) if len(found) else 0
        self.repaint()

    def paint(self, columns: int, rows: int) -> Cells:
        cells = blank(rows, columns)
        unicode = self.look.unicode
        put(cells, 0, 0, plain(self._title, columns, unicode=unicode), series_colour(1, self.look))
        if not len(self._pictures) or rows < 2:
            self._layout = None
            return cells
        across, down = grid_of(len(self._pictures), columns, rows - 1, self.look, *shape_of(self._pictures[0]))
        self._across = across
        each = across * down
        self._at = max(0, min(len(self._pictures) - 1, self._at))
        self._first = self._at // each * each
        here = slice(self._first, self._first + each)
        pictures = self._pictures[here]
        captions = [plain(caption, unicode=unicode) for caption in self._captions[here]]
        self._layout = lay_out(pictures, across, columns, rows - 1, self.look, captions=captions)
        grid = paint_grid(pictures, self._layout, self.look, captions, selected=self._at - self._first)
        place(cells, 1, 0, grid)
        return cells

    def _image_at(self, column: int, row: int) -> int | None:
        index = self._layout.index_at(column, row - 1) if self._layout is not None else None
        if index is None or self._first + index >= len(self._images):
            return None
        return int(self._images[self._first + index])

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        image = self._image_at(offset.x, offset.y) if offset is not None else None
        if image is not None:
            self._pick(image)

    def jump_targets(self) -> list[Target]:
        """The pictures of the page."""
        if self._layout is None:
            return []
        x, y = self.region.offset
        found = []
        for index in range(self._layout.count):
            row, column = self._layout.corner(index)
            image = int(self._images[self._first + index])
            found.append(Target(x + column, y + row + 1, partial(self._pick, image)))
        return found

    def _pick(self, image: int) -> None:
        self.move_to(image)
        self.post_message(self.Picked(self, image))


def grid_of(count: int, columns: int, rows: int, look: Look, height: int, width: int) -> tuple[int, int]:
    """(across, down) of a page of ``count`` pictures with captions: all of them where they do not get too small."""
    across = max(1, columns // (NARROWEST + 1))
    for few in range(1, across + 1):
        wide = max(1, (columns + 1) // few - 1)
        high = size_of(height, width, wide, max(1, rows - 1), look)[1] + 1
        if few * max(1, rows // high) >= count:
            across = few
            break
    wide = max(1, (columns + 1) // across - 1)
    high = size_of(height, width, wide, max(1, rows - 1), look)[1] + 1
    return across, max(1, rows // high)
