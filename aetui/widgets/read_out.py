"""``ReadOut``: the table below a chart, as high as it needs to be and at most ``most_rows``."""

from __future__ import annotations

from aetui.paint.cells import Cells
from aetui.paint.read_out import Table, height, paint_table
from aetui.widgets.cells_view import CellsView


class ReadOut(CellsView):
    """Shows a ``Table``; what does not fit is scrolled to."""

    DEFAULT_CSS = """
    ReadOut { height: 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.table = Table("")
        self._first = 0
        self._most_rows = 6

    def set_table(self, table: Table, most_rows: int) -> None:
        """Show this from now on, on at most so many rows."""
        self.table, self._most_rows = table, max(1, most_rows)
        wanted = min(self._most_rows, height(table, max(1, self.size.width)))
        if self.styles.height is None or self.styles.height.value != wanted:
            self.styles.height = wanted
        self.repaint()

    def scroll_lines(self, by: int) -> None:
        """Go on by so many lines of the table, as far as there are any."""
        self._first = max(0, min(self._first + by, len(self.table.lines) - 1))
        self.repaint()

    def on_mouse_scroll_down(self) -> None:
        self.scroll_lines(1)

    def on_mouse_scroll_up(self) -> None:
        self.scroll_lines(-1)

    def on_resize(self) -> None:
        self.set_table(self.table, self._most_rows)

    def paint(self, columns: int, rows: int) -> Cells:
        return paint_table(self.table, columns, rows, self.look, self._first)
