"""``ScatterPlot``: points of the plane with a cross-hair that keys and the mouse move, zoom and pan.

``plot.show_points(scatter)`` takes ``aetui.paint.scatter.Scatter`` (its ranges are what ``fit`` shows);
``plot.move_cross(columns, rows)`` by cells, ``plot.zoom(factor)`` about the cross-hair, ``plot.fit()``. ``plot.cross``
is where it stands, or None. ``ScatterPlot.Moved`` tells the view, which knows what stands there and answers with
``set_cross``. The points are painted once; a move of the cross-hair draws it over a copy.
"""

from __future__ import annotations

import math
from dataclasses import replace

from textual import events
from textual.message import Message

from aetui.paint.cells import Cells, blank, put
from aetui.paint.look import Look
from aetui.paint.scatter import Field, Range, Scatter, field_of, paint_scatter, put_cross, put_ring
from aetui.paint.text import clip
from aetui.widgets.cells_view import CellsView

WHEEL = 1.25


class ScatterPlot(CellsView):
    """Points, a cross-hair, a ring round one point."""

    class Moved(Message):
        """The user put the cross-hair at (x, y)."""

        def __init__(self, plot: ScatterPlot, x: float, y: float) -> None:
            super().__init__()
            self.plot = plot
            self.x = x
            self.y = y

        @property
        def control(self) -> ScatterPlot:
            return self.plot

    def __init__(self, *, fixed: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.cross: tuple[float, float] | None = None
        self._fixed = fixed
        self._far = False
        self._ring: tuple[float, float] | None = None
        self._given_points: Scatter | None = None
        self._x_range: Range | None = None
        self._y_range: Range | None = None
        self._base: Cells | None = None
        self._base_for: tuple[object, ...] | None = None

    # What is shown

    def show_points(self, scatter: Scatter | None) -> None:
        """Show these from now on, as far zoomed as before; None: nothing."""
        self._given_points = scatter
        self._base = None
        self.repaint()

    def set_cross(self, x: float, y: float, *, far: bool, ring: tuple[float, float] | None = None) -> None:
        """Put the cross-hair at (x, y) and, if need be, move what is seen along with it.

        far: from the data. ring: a point to be marked.
        """
        self.cross = (x, y)
        self._far = far
        self._ring = ring
        scatter = self._given_points
        if scatter is not None:
            if self._x_range is not None:
                self._x_range = _along(self._x_range, x)
            if self._y_range is not None:
                self._y_range = _along(self._y_range, y)
        self.repaint()

    def field(self) -> Field | None:
        """Where the points lie on this widget's cells."""
        scatter = self._scatter()
        return None if scatter is None else field_of(scatter, max(1, self.size.width), max(1, self.size.height))

    @property
    def zoomed(self) -> bool:
        """True where not all points are in sight."""
        return self._x_range is not None or self._y_range is not None

    def within(self, x: float, y: float) -> bool:
        """Whether (x, y) can be seen when all points can."""
        scatter = self._given_points
        if scatter is None:
            return False
        return all(low <= at <= high for at, (low, high) in ((x, scatter.x_range), (y, scatter.y_range)))

    # Moving

    def move_cross(self, columns: int, rows: int) -> None:
        """By cells; it stops at the edge of what ``fit`` shows, twice as far out where that was zoomed out."""
        field, scatter = self.field(), self._given_points
        if field is None or scatter is None or self.cross is None:
            return
        wide, high = field.step
        x = _between(self.cross[0] + columns * wide, self._x_range, scatter.x_range)
        y = _between(self.cross[1] - rows * high, self._y_range, scatter.y_range)
        self._user_moved(x, y)

    def zoom(self, factor: float, about: tuple[float, float] | None = None) -> None:
        """Show 1/factor as much; ``about``, else the cross-hair, stays where it is."""
        scatter = self._scatter()
        if scatter is None or self._given_points is None:
            return
        about = about or self.cross or (sum(scatter.x_range) / 2, sum(scatter.y_range) / 2)
        found = []
        for (low, high), still, whole in (
            (scatter.x_range, about[0], self._given_points.x_range),
            (scatter.y_range, about[1], self._given_points.y_range),
        ):
            still = min(max(still, low), high)
            span, full = (high - low) / factor, whole[1] - whole[0]
            if not full * 1e-4 <= span <= full * 8:
                return
            found.append((still - (still - low) / factor, still + (high - still) / factor))
        self._x_range, self._y_range = found
        self.repaint()

    def fit(self) -> None:
        """All points again."""
        self._x_range = self._y_range = None
        if self.cross is not None and self._given_points is not None:
            x_range, y_range = self._given_points.x_range, self._given_points.y_range
            inside = (_between(self.cross[0], None, x_range), _between(self.cross[1], None, y_range))
            if inside != self.cross:
                self._user_moved(*inside)
        self.repaint()

    def _user_moved(self, x: float, y: float) -> None:
        if (x, y) != self.cross:
            self.cross = (x, y)
            self.post_message(self.Moved(self, x, y))

    # Painting

    def _scatter(self) -> Scatter | None:
        scatter = self._given_points
        if scatter is None:
            return None
        return replace(scatter, x_range=self._x_range or scatter.x_range, y_range=self._y_range or scatter.y_range)

    def paint(self, columns: int, rows: int) -> Cells:
        scatter, look = self._scatter(), self.look
        if scatter is None:
            return blank(rows, columns)
        base = self._painted_points(scatter, columns, rows, look)
        cells = base.copy()
        field = field_of(scatter, columns, rows)
        if self._ring is not None:
            put_ring(cells, field, *self._ring, look)
        if self.cross is not None:
            put_cross(cells, field, *self.cross, look, far=self._far)
        if not len(scatter.points):
            put(cells, rows // 2, 0, clip("no codes", columns, ""))
        return cells

    def _painted_points(self, scatter: Scatter, columns: int, rows: int, look: Look) -> Cells:
        key = (scatter.x_range, scatter.y_range, columns, rows, look)
        if self._base is None or key != self._base_for:
            self._base, self._base_for = paint_scatter(scatter, columns, rows, look), key
        return self._base

    # Mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if not self._fixed and event.button == 1:
            self.capture_mouse()
            self._point_at(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            self._point_at(event)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self.app.mouse_captured is self:
            self.release_mouse()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, 1 / WHEEL)

    def _wheel(self, event: events.MouseEvent, factor: float) -> None:
        place = self._place(event)
        if not self._fixed and place is not None:
            event.stop()
            self.zoom(factor, place)

    def _point_at(self, event: events.MouseEvent) -> None:
        place = self._place(event)
        if place is not None:
            event.stop()
            self._user_moved(*place)

    def _place(self, event: events.MouseEvent) -> tuple[float, float] | None:
        offset, field = event.get_content_offset(self), self.field()
        if offset is None or field is None:
            return None
        inside = field.left <= offset.x < field.left + field.columns and field.top <= offset.y < field.top + field.rows
        return field.at(offset.x, offset.y) if inside else None


def _between(value: float, seen: Range | None, whole: Range) -> float:
    """``value`` kept within all that was ever in sight."""
    low, high = whole if seen is None else (min(seen[0], whole[0]), max(seen[1], whole[1]))
    return min(max(value, low), high)


def _along(seen: Range, value: float) -> Range:
    """``seen`` moved as far as it takes to hold ``value``."""
    low, high = seen
    by = value - high if value > high else value - low if value < low else 0.0
    return (low + by, high + by) if math.isfinite(by) else seen
