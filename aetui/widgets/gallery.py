"""``Gallery``: pictures of several kinds of the same images, arranged and captioned, drawn as one widget.

``gallery.show(shelves, way, selected=None)``; a click on a picture sends ``Gallery.Picked(image)``, the mouse wheel
``Gallery.Turned(by)``. Jump letters stand at the first picture of each image.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual import events
from textual.message import Message

from aetui.jump import Target
from aetui.paint.cells import Cells, blank
from aetui.paint.gallery import Shelf, paint_gallery
from aetui.reconstructions.arrangement import Arrangement
from aetui.widgets.cells_view import CellsView


class Gallery(CellsView):
    """Shelves of pictures."""

    class Picked(Message):
        """An image of the page was clicked."""

        def __init__(self, image: int) -> None:
            super().__init__()
            self.image = image

    class Turned(Message):
        """The wheel was turned; by: 1 down, −1 up."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.shelves: Sequence[Shelf] = ()
        self.way: Arrangement | None = None
        self._selected: int | None = None

    def show_shelves(self, shelves: Sequence[Shelf], way: Arrangement | None, selected: int | None = None) -> None:
        """Show these from now on."""
        self.shelves, self.way, self._selected = shelves, way, selected
        self.repaint()

    def paint(self, columns: int, rows: int) -> Cells:
        if self.way is None:
            return blank(0, 0)
        return paint_gallery(self.shelves, self.way, columns, rows, self.look, selected=self._selected)

    def jump_targets(self) -> list[Target]:
        """The first picture of each image."""
        if self.way is None or not self.shelves:
            return []
        found = []
        for image in range(min(self.way.images, len(self.shelves[0].images))):
            row, column = self.way.corner(image, 0)
            if row < self.size.height and column < self.size.width:
                x, y = self.content_region.x + column, self.content_region.y + row
                found.append(Target(x, y, partial(self._pick, image)))
        return found

    def _pick(self, image: int) -> None:
        self.post_message(self.Picked(image))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        found = self.way.at(offset.x, offset.y) if self.way is not None and offset is not None else None
        if found is not None and self.shelves and found[0] < len(self.shelves[0].images):
            self._pick(found[0])

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.post_message(self.Turned(1))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.post_message(self.Turned(-1))
