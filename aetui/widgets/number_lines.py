"""``NumberLines``: a code on number lines under a headline; where they do not fit, a part of them.

``lines.show_lines(headline, list of aetui.paint.number_lines.NumberLine, first=0, bells=True, among=0)``. The headline
may come from outside. among: so many lines are to lie as high as these (beside them, in another widget).
``lines.seen`` is how many are seen.
"""

from __future__ import annotations

from collections.abc import Sequence

from aetui.paint.cells import Cells, blank, place, put
from aetui.paint.colours import series_colour
from aetui.paint.number_lines import NumberLine, paint_number_lines, reach_of, shown_lines
from aetui.terminal.outside_text import plain
from aetui.widgets.cells_view import CellsView

_BELL_ROWS = (3, 5)


class NumberLines(CellsView):
    """One line of numbers a dimension."""

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._headline = ""
        self._lines: Sequence[NumberLine] = ()
        self._first = 0
        self._bells = True
        self._among = 0

    def show_lines(
        self, headline: str, lines: Sequence[NumberLine], *, first: int = 0, bells: bool = True, among: int = 0
    ) -> None:
        """Show these from now on, from the line ``first`` on."""
        self._headline, self._lines, self._first, self._bells, self._among = headline, lines, first, bells, among
        self.repaint()

    @property
    def seen(self) -> int:
        """How many lines fit."""
        rows = max(0, self.size.height - 1)
        return shown_lines(len(self._lines), rows, self._height(rows))

    def _height(self, rows: int) -> int:
        """Rows of each line: bells share the room as long as they get enough of it."""
        if not self._bells:
            return 1
        least, most = _BELL_ROWS
        return max(least, min(most, (rows - 1) // max(1, min(max(len(self._lines), self._among), 6))))

    def paint(self, columns: int, rows: int) -> Cells:
        cells = blank(rows, columns)
        look = self.look
        put(cells, 0, 0, plain(self._headline, columns, unicode=look.unicode), series_colour(0, look))
        height = self._height(rows - 1)
        first = max(0, min(self._first, len(self._lines) - shown_lines(len(self._lines), rows - 1, height)))
        drawn = paint_number_lines(
            self._lines[first:], columns, rows - 1, look, reach=reach_of(self._lines), height=height
        )
        place(cells, 1, 0, drawn)
        return cells
