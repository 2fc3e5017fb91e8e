"""``Painted``: shows what a function paints, and tells where it is clicked.

``view.show_painted(paint)``: ``paint(columns, rows, look)`` gives ``Cells``; None shows nothing. A click sends
``Painted.Clicked(view, column, row)``.
"""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.message import Message

from aetui.paint.cells import Cells, blank
from aetui.paint.look import Look
from aetui.widgets.cells_view import CellsView

Paint = Callable[[int, int, Look], Cells]


class Painted(CellsView):
    """A picture that is painted for the size that there is."""

    class Clicked(Message):
        """A cell was clicked."""

        def __init__(self, view: Painted, column: int, row: int) -> None:
            super().__init__()
            self.view = view
            self.column = column
            self.row = row

        @property
        def control(self) -> Painted:
            return self.view

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._paint: Paint | None = None

    def show_painted(self, paint: Paint | None) -> None:
        """Show this from now on."""
        self._paint = paint
        self.repaint()

    def paint(self, columns: int, rows: int) -> Cells:
        return blank(rows, columns) if self._paint is None else self._paint(columns, rows, self.look)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None:
            self.post_message(self.Clicked(self, offset.x, offset.y))
