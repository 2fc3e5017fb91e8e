"""``CellsView``: the widget that shows ``Cells``; every drawing widget is one.

``view.show(cells)`` replaces what is shown; only rows that changed are drawn again. A subclass overrides
``paint(columns, rows) -> Cells`` instead and calls ``repaint()`` when its data changed; it is asked again on a resize
and when the app's look changes. ``view.look`` is ``app.look`` (an ``aetui.paint.look.Look``, best a reactive of the
app) where the app has one, else what the environment says.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from aetui.paint.cells import Cells, blank
from aetui.paint.look import FULL_GRAYS, Look
from aetui.terminal.capabilities import capabilities, look_for
from aetui.terminal.changes import differing
from aetui.terminal.styles import cell_style

if TYPE_CHECKING:
    from aetui.paint.look import Depth
    from aetui.terminal.delta import DeltaPainter


class CellsView(Widget):
    """Shows ``Cells`` from its top left corner, clipped; the rest is background."""

    DEFAULT_CSS = """
    CellsView { width: 1fr; height: 1fr; }
    """

    ALLOW_SELECT = False
    """A picture is not text: ``y`` copies, and dragging is for the widgets."""

    def __init__(
        self,
        *,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
        disabled: bool = False,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes, disabled=disabled)
        self._given = blank(0, 0)
        self._painted: Cells | None = None
        self._painted_for: tuple[int, int, Look] | None = None
        self._grays: int | None = None

    @property
    def look(self) -> Look:
        """How to draw: the app's, else by the environment; while it is painted, in as many grays as go through."""
        found = getattr(self.app, "look", None)
        look = found if isinstance(found, Look) else _look_by_environment()
        return look if self._grays is None else replace(look, grays=self._grays)

    def show(self, cells: Cells) -> None:
        """Show ``cells`` from now on."""
        self._given = cells
        self.repaint()

    def paint(self, columns: int, rows: int) -> Cells:
        """What to show on ``columns`` × ``rows`` cells; at least 1 × 1. Overridden by the drawing widgets."""
        return self._given

    def cells(self) -> Cells:
        """What is shown now."""
        key = (*self.size, self.look)
        return self._newest(key) if self._painted is None or self._painted_for != key else self._painted

    def _newest(self, key: tuple[int, int, Look]) -> Cells:
        self._painted = self.paint(key[0], key[1]) if key[0] > 0 and key[1] > 0 else blank(0, 0)
        self._painted_for = key
        return self._painted

    def repaint(self) -> None:
        """The data changed: draw what differs, with the next frame that the terminal takes."""
        if not self.is_attached:
            self._painted = None
            self.refresh()
            return
        painter: DeltaPainter | None = getattr(self.app, "painter", None)
        if painter is None or not painter.want(self):
            self.refresh_lines(*self.advance())

    def advance(self, grays: int = FULL_GRAYS, size: Size | None = None) -> tuple[Cells | None, Cells]:
        """Paint the newest state: (what was shown, what is shown from now on); None: all of it must be repainted.

        size: of the content, where that is known.
        """
        key = (*(size or self.size), self.look)
        before = self._painted if self._painted_for == key else None
        self._grays = grays if grays < FULL_GRAYS else None
        try:
            return before, self._newest(key)
        finally:
            self._grays = None

    def refresh_lines(self, before: Cells | None, after: Cells) -> None:
        """Let Textual repaint the rows that differ."""
        if before is None or before.characters.shape != after.characters.shape:
            self.refresh()
            return
        rows = np.flatnonzero(differing(before, after).any(axis=1))
        if len(rows):
            self.refresh(*(Region(0, int(row), self.size.width, 1) for row in rows))

    def on_mount(self) -> None:
        if "look" in self.app._reactives:
            self.watch(self.app, "look", self._look_changed, init=False)

    def _look_changed(self) -> None:
        self._painted = None
        self.refresh()

    def render_line(self, y: int) -> Strip:
        cells, base, width = self.cells(), self.visual_style.rich_style, self.size.width
        if not 0 <= y < cells.rows or cells.columns == 0:
            return Strip.blank(width, base)
        look = self.look
        strip = Strip(_segments(cells, y, base, look.depth, unicode=look.unicode), cells.columns)
        return strip.adjust_cell_length(width, base)


def _segments(cells: Cells, row: int, base: Style, depth: Depth, *, unicode: bool) -> list[Segment]:
    """One row as runs of one style."""
    foreground, background = cells.foreground[row], cells.background[row]
    changes = ((foreground[1:] != foreground[:-1]) | (background[1:] != background[:-1])).nonzero()[0] + 1
    starts = [0, *changes.tolist()]
    ends = [*starts[1:], cells.columns]
    characters = cells.characters[row].tolist()
    foregrounds, backgrounds = foreground.tolist(), background.tolist()
    segments = []
    for start, end in zip(starts, ends, strict=True):
        text = "".join(characters[start:end])
        if not unicode and not text.isascii():
            text = "".join((one if one.isascii() else "?") or " " for one in characters[start:end])
        segments.append(Segment(text, _on(base, foregrounds[start], backgrounds[start], depth)))
    return segments


@lru_cache(8192)
def _on(base: Style, foreground: int, background: int, depth: Depth) -> Style:
    return base + cell_style(foreground, background, depth)


@lru_cache(1)
def _look_by_environment() -> Look:
    return look_for(capabilities(os.environ, getattr(sys.__stderr__, "encoding", None)))
