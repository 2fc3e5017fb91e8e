"""``Picture``: one image with a caption below it.

``picture.show_image(image, caption="")``: float32 [C, H, W] or [H, W] in [0, 1], uint8, or a
``aetui.paint.images.Signed`` (a residual); None clears it. The image is drawn as large as it fits, centred. The
caption is text from outside: it is made harmless here.
"""

from __future__ import annotations

from aetui.paint.cells import Cells, blank, place, put
from aetui.paint.colours import quiet_colour
from aetui.paint.images import Image, paint_image
from aetui.paint.text import width_of
from aetui.terminal.outside_text import plain
from aetui.widgets.cells_view import CellsView


class Picture(CellsView):
    """One image and its caption."""

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._image: Image | None = None
        self._caption = ""

    def show_image(self, image: Image | None, caption: str = "") -> None:
        """Show ``image`` with ``caption`` from now on."""
        self._image, self._caption = image, caption
        self.repaint()

    def paint(self, columns: int, rows: int) -> Cells:
        look = self.look
        below = 1 if self._caption and rows > 1 else 0
        drawn = blank(0, 0) if self._image is None else paint_image(self._image, columns, rows - below, look)
        if (drawn.columns, drawn.rows) == (columns, rows):
            return drawn
        cells = blank(rows, columns)
        top = (rows - below - drawn.rows) // 2
        place(cells, top, (columns - drawn.columns) // 2, drawn)
        if below:
            text = plain(self._caption, columns, unicode=look.unicode)
            put(cells, top + drawn.rows, (columns - width_of(text)) // 2, text, quiet_colour(look))
        return cells
