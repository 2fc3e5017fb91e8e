"""``CellsView``: the widget that shows ``Cells``; every drawing widget is one.

``view.show(cells)`` replaces what is shown; only rows that changed are drawn again. A subclass overrides
``paint(columns, rows) -> Cells`` instead and calls ``repaint()`` when its data changed; it is asked again on a resize
and when the app's look changes. ``view.look`` is ``app.look`` (an ``aetui.paint.look.Look``, best a reactive of the
app) where the app has one, else what the environment says.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from aetui.paint.cells import Cells, blank
from aetui.paint.look import Look
from aetui.terminal.capabilities import capabilities, look_for
from aetui.widgets.styles import cell_style


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

    @property
    def look(self) -> Look:
        """How to draw: the app's, else by the environment."""
        found = getattr(self.app, "look", None)
        return found if isinstance(found, Look) else _look_by_environment()

    def show(self, cells: Cells) -> None:
        """Show ``cells`` from now on."""
        self._given = cells
        self.repaint()

    def paint(self, columns: int, rows: int) -> Cells:
        """What to show on ``columns`` × ``rows`` cells; at least 1 × 1. Overridden by the drawing widgets."""
        return self._given

    def cells(self) -> Cells:
        """What is shown now."""
        key = (self.size.width, self.size.height, self.look)
        if self._painted is None or self._painted_for != key:
            self._painted = self.paint(key[0], key[1]) if key[0] > 0 and key[1] > 0 else blank(0, 0)
            self._painted_for = key
        return self._painted

    def repaint(self) -> None:
        """The data changed: draw what differs."""
        before, key = self._painted, self._painted_for
        self._painted = None
        if not self.is_attached or before is None or self._painted_for is None:
            self.refresh()
            return
        after = self.cells()
        if key != self._painted_for or before.characters.shape != after.characters.shape:
            self.refresh()
            return
        changed = (
            (before.characters != after.characters)
            | (before.foreground != after.foreground)
            | (before.background != after.background)
        ).any(axis=1)
        regions = [Region(0, int(row), self.size.width, 1) for row in changed.nonzero()[0]]
        if regions:
            self.refresh(*regions)

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
        strip = Strip(_segments(cells, y, base, unicode=self.look.unicode), cells.columns)
        return strip.adjust_cell_length(width, base)


def _segments(cells: Cells, row: int, base: Style, *, unicode: bool) -> list[Segment]:
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
        segments.append(Segment(text, _on(base, foregrounds[start], backgrounds[start])))
    return segments


@lru_cache(8192)
def _on(base: Style, foreground: int, background: int) -> Style:
    return base + cell_style(foreground, background)


@lru_cache(1)
def _look_by_environment() -> Look:
    return look_for(capabilities(os.environ, getattr(sys.__stderr__, "encoding", None)))
