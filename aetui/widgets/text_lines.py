"""``TextLines``: short lines of text beside pictures; what does not fit is cut.

``lines.show_lines([...])``: each a string, or a (string, tone) with tone ``plain``, ``quiet`` or ``strong``. The texts
may come from outside: they are made harmless here. One that holds only what the app says may hold Unicode as it likes:
in ASCII it is replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from aetui.paint.cells import DEFAULT, Cells, blank, put
from aetui.paint.colours import quiet_colour, series_colour
from aetui.paint.look import Look
from aetui.terminal.outside_text import plain
from aetui.widgets.cells_view import CellsView

Tone = Literal["plain", "quiet", "strong"]
TextLine = str | tuple[str, Tone]

STRONG = 1
"""The series colour of what is strong, as in captions."""


class TextLines(CellsView):
    """Lines from the top."""

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._lines: Sequence[TextLine] = ()

    def show_lines(self, lines: Sequence[TextLine]) -> None:
        """Show these from now on."""
        if list(lines) != list(self._lines):
            self._lines = list(lines)
            self.repaint()

    def paint(self, columns: int, rows: int) -> Cells:
        cells = blank(rows, columns)
        for row, line in enumerate(self._lines[:rows]):
            text, tone = (line, "plain") if isinstance(line, str) else line
            put(cells, row, 0, plain(text, columns, unicode=self.look.unicode), tone_colour(tone, self.look))
        return cells


def tone_colour(tone: str, look: Look) -> int:
    """The colour of a tone."""
    if tone == "quiet":
        return quiet_colour(look)
    return series_colour(STRONG, look) if tone == "strong" else DEFAULT
