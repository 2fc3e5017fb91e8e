"""``ImageFacts``: lines of text and the code of an image. ``facts.show_facts(lines, code)``; texts must be harmless."""

from __future__ import annotations

from collections.abc import Sequence

import numpy.typing as npt

from aetui.paint.cells import Cells
from aetui.paint.image_facts import Line, paint_facts
from aetui.widgets.cells_view import CellsView


class ImageFacts(CellsView):
    """What is known of one image."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()
        self._code: npt.ArrayLike | None = None

    def show_facts(self, lines: Sequence[Line], code: npt.ArrayLike | None = None) -> None:
        """Show these from now on. code: [d]."""
        self._lines, self._code = lines, code
        self.repaint()

    def paint(self, columns: int, rows: int) -> Cells:
        return paint_facts(self._lines, self._code, columns, rows, self.look)
