"""``StepChart``: a chart whose cursor is set by a press or a drag, and stays when the mouse leaves it."""

from __future__ import annotations

from textual import events

from aetui.widgets.chart import Chart


class StepChart(Chart):
    """``Chart.CursorMoved`` tells to which x the mouse was pressed or dragged."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._pressed = False

    def _go_to(self, event: events.MouseEvent) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        plot = self.frame()
        if plot.left <= offset.x < plot.left + plot.columns:
            self.post_message(self.CursorMoved(self, plot.x_at(offset.x)))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        event.prevent_default()
        self._pressed = True
        self.capture_mouse()
        self._go_to(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        event.prevent_default()
        if self._pressed:
            self._go_to(event)

    def on_mouse_up(self) -> None:
        self._pressed = False
        self.release_mouse()

    def put_cursor(self, x: float | None) -> None:
        """The mouse that leaves takes no cursor away."""
