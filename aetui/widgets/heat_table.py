"""``HeatTableView``: a shaded table of numbers with a cursor.

``view.show_table(aetui.paint.heat_table.HeatTable, cursor)``. The keys belong to whoever shows it; a click sends
``HeatTableView.Picked(view, row, column)``.
"""

from __future__ import annotations

from textual import events
from textual.message import Message

from aetui.paint.cells import Cells, blank
from aetui.paint.heat_table import Cell, HeatTable, cell_at, paint_heat_table
from aetui.widgets.cells_view import CellsView


class HeatTableView(CellsView):
    """A table with a cursor."""

    class Picked(Message):
        """A cell was clicked."""

        def __init__(self, view: HeatTableView, row: int, column: int) -> None:
            super().__init__()
            self.view = view
            self.row = row
            self.column = column

        @property
        def control(self) -> HeatTableView:
            return self.view

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._table: HeatTable | None = None
        self._cursor: Cell = (0, 0)

    def show_table(self, table: HeatTable, cursor: Cell) -> None:
        """Show this from now on."""
        self._table, self._cursor = table, cursor
        self.repaint()

    def paint(self, columns: int, rows: int) -> Cells:
        if self._table is None:
            return blank(0, 0)
        return paint_heat_table(self._table, self._cursor, columns, rows, self.look)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if self._table is None or offset is None:
            return
        cell = cell_at(self._table, self._cursor, self.size.width, self.size.height, (offset.y, offset.x))
        if cell is not None:
            self.post_message(self.Picked(self, *cell))
