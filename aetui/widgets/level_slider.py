"""``LevelSlider``: the level of the noise on one line; clicking or dragging sends ``LevelSlider.Moved(level)``."""

from __future__ import annotations

from textual import events
from textual.message import Message

from aetui.paint.cells import Cells, blank, place, put
from aetui.paint.level_slider import Range, paint_slider, value_at
from aetui.paint.text import width_of
from aetui.widgets.cells_view import CellsView

_SHORTEST, _LONGEST = 14, 60


class LevelSlider(CellsView):
    """A text, the slider, another text; the second text gives way to the slider."""

    DEFAULT_CSS = """
    LevelSlider { height: 1; width: 1fr; }
    """

    class Moved(Message):
        """The user wants another level."""

        def __init__(self, level: float) -> None:
            super().__init__()
            self.level = level

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._before, self._after = "", ""
        self._level, self._span = 0.0, (0.0, 1.0)
        self._mark: float | None = None
        self._dragging = False

    def show_level(self, level: float, span: Range, *, before: str, after: str, mark: float | None) -> None:
        """Show it from now on. before, after: harmless texts around it; mark: a level to compare with."""
        self._level, self._span, self._before, self._after, self._mark = level, span, before, after, mark
        self.repaint()

    def track(self) -> tuple[int, int]:
        """(first column, columns) of the slider itself."""
        left = width_of(self._before) + 1
        room = self.size.width - left
        with_text = room - width_of(self._after) - 2
        return left, min(_LONGEST, with_text if with_text >= _SHORTEST else room)

    def paint(self, columns: int, rows: int) -> Cells:
        cells = blank(rows, columns)
        left, wide = self.track()
        put(cells, 0, 0, self._before)
        place(cells, 0, left, paint_slider(self._level, self._span, max(0, wide), self.look, mark=self._mark))
        if left + wide < columns:
            put(cells, 0, left + wide + 2, self._after)
        return cells

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._dragging = True
        self.capture_mouse()
        self._go_to(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragging:
            self._go_to(event)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        self._dragging = False
        self.release_mouse()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.post_message(self.Moved(self._level - 0.01))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.post_message(self.Moved(self._level + 0.01))

    def _go_to(self, event: events.MouseEvent) -> None:
        left, wide = self.track()
        self.post_message(self.Moved(value_at(int(event.x) - left, self._span, wide)))
