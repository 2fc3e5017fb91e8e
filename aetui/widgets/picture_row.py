"""``PictureRow``: many images of one shape, in rows and columns, drawn as one widget.

``row.show_images(images, captions=(), columns=None, gap=1, selected=None)``: images [n, C, H, W] float32 in [0, 1] or
uint8, or a list of images (``aetui.paint.images.Signed`` ones too, for residuals); captions one per image or none;
columns None: all in one row; ``selected`` marks one. All are drawn in the same size, as large as they fit.
A click sends ``PictureRow.Picked(row, index)``. ``row.capacity(width)`` says how many fit side by side
without shrinking.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual import events
from textual.message import Message

from aetui.jump import Target
from aetui.paint.cells import Cells, blank
from aetui.paint.images import Image
from aetui.paint.picture_grid import Layout, lay_out, paint_grid
from aetui.terminal.outside_text import plain
from aetui.widgets.cells_view import CellsView


class PictureRow(CellsView):
    """Images side by side, in one row or more."""

    class Picked(Message):
        """An image was clicked; index: which."""

        def __init__(self, row: PictureRow, index: int) -> None:
            super().__init__()
            self.row = row
            self.index = index

        @property
        def control(self) -> PictureRow:
            return self.row

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._images: Sequence[Image] = ()
        self._captions: Sequence[str] = ()
        self._columns: int | None = None
        self._gap = 1
        self._selected: int | None = None
        self._layout: Layout | None = None

    def show_images(
        self,
        images: Sequence[Image],
        captions: Sequence[str] = (),
        *,
        columns: int | None = None,
        gap: int = 1,
        selected: int | None = None,
    ) -> None:
        """Show these images from now on."""
        self._images, self._captions = images, captions
        self._columns, self._gap, self._selected = columns, gap, selected
        self.repaint()

    def capacity(self, width: int, *, gap: int = 1) -> int:
        """How many images of ``width`` pixels this widget's width holds at full size; at least 1."""
        wide = width if self.look.pixels == "half" else 2 * width
        return max(1, (self.size.width + gap) // (wide + gap))

    def paint(self, columns: int, rows: int) -> Cells:
        if len(self._images) == 0:
            return blank(0, 0)
        captions = [plain(caption, unicode=self.look.unicode) for caption in self._captions]
        across = len(self._images) if self._columns is None else max(1, self._columns)
        self._layout = lay_out(self._images, across, columns, rows, self.look, gap=self._gap, captions=captions)
        return paint_grid(self._images, self._layout, self.look, captions, selected=self._selected)

    def jump_targets(self) -> list[Target]:
        """The images, where something happens when one is picked."""
        layout = self._layout
        if layout is None or not any(hasattr(one, "on_picture_row_picked") for one in self.ancestors):
            return []
        found = []
        for index in range(min(layout.count, len(self._images))):
            row, column = layout.corner(index)
            if row < self.size.height and column < self.size.width:
                x, y = self.content_region.x + column, self.content_region.y + row
                found.append(Target(x, y, partial(self._pick, index)))
        return found

    def _pick(self, index: int) -> None:
        self.post_message(self.Picked(self, index))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        index = self._layout.index_at(offset.x, offset.y) if self._layout is not None and offset is not None else None
        if index is not None and index < len(self._images):
            self._pick(index)
