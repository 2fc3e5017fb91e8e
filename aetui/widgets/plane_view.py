"""``PlaneView``: a vector field over the plane, pointed at with the mouse.

``view.show_scene(scene)`` takes a ``paint.field_scene.Scene`` (None clears it). A click or a drag sends
``PlaneView.Pointed(x, y)``, the wheel ``PlaneView.Zoomed(factor, x, y)``. ``view.seen()`` is the part of the plane
that the widget's cells show.
"""

from __future__ import annotations

from textual import events
from textual.message import Message

from aetui.field.plane import Window
from aetui.paint.cells import Cells, blank
from aetui.paint.field_scene import Scene, paint_scene
from aetui.widgets.cells_view import CellsView

_WHEEL = 1.25


class PlaneView(CellsView):
    """Arrows, data and walkers."""

    class Pointed(Message):
        """The mouse was pressed, or dragged, at a point of the plane."""

        def __init__(self, x: float, y: float) -> None:
            super().__init__()
            self.x, self.y = x, y

    class Zoomed(Message):
        """The wheel was turned at a point; factor > 1: to see less and larger."""

        def __init__(self, factor: float, x: float, y: float) -> None:
            super().__init__()
            self.factor, self.x, self.y = factor, x, y

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._scene: Scene | None = None
        self._dragging = False

    def show_scene(self, scene: Scene | None) -> None:
        """Show ``scene`` from now on."""
        self._scene = scene
        self.repaint()

    def seen(self, window: Window) -> Window:
        """``window`` in the shape of this widget."""
        return window.fitted(max(1, self.size.width), max(1, self.size.height))

    def paint(self, columns: int, rows: int) -> Cells:
        return blank(0, 0) if self._scene is None else paint_scene(self._scene, columns, rows, self.look)

    def _point_of(self, event: events.MouseEvent) -> tuple[float, float] | None:
        offset = event.get_content_offset(self)
        if self._scene is None or offset is None:
            return None
        return self.seen(self._scene.window).point_at(offset.x, offset.y, self.size.width, self.size.height)

    def _point(self, event: events.MouseEvent) -> None:
        point = self._point_of(event)
        if point is not None:
            self.post_message(self.Pointed(*point))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.button == 1:
            self._dragging = True
            self._point(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragging and event.button == 1:
            self._point(event)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        self._dragging = False

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._zoom(event, _WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._zoom(event, 1 / _WHEEL)

    def _zoom(self, event: events.MouseEvent, factor: float) -> None:
        point = self._point_of(event)
        if point is not None:
            event.stop()
            self.post_message(self.Zoomed(factor, *point))
