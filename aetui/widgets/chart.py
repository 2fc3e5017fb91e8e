"""``Chart``: curves of several series with axes, a legend, a cursor, zoom and pan.

``chart.set_series(series)`` takes ``aetui.paint.chart.Series(xs, ys, name, colour=None, faint=False)``: float arrays
of one length, NaN in ys is a gap. Attributes that repaint when set: ``log_y`` (bool), ``title`` (str), ``x_label``
(str), ``cursor`` (x or None: a vertical line with a read-out of every series there), ``x_range``/``y_range``
((low, high) or None: all of the data). Methods: ``move_cursor(columns)``, ``zoom(factor)`` (2 shows half as much, about
the cursor or the right end), ``pan(fraction)`` of the view, ``reset_view()``. The mouse sets the cursor (hover) and
zooms (wheel). ``Chart.CursorMoved(chart, x)`` tells others (x may be None).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from textual import events
from textual.message import Message
from textual.reactive import reactive

from aetui.paint.cells import Cells
from aetui.paint.chart import Frame, Series, View, frame, paint_chart
from aetui.terminal.outside_text import plain
from aetui.widgets.cells_view import CellsView

Range = tuple[float, float] | None


class Chart(CellsView):
    """Curves with axes, legend and cursor."""

    title: reactive[str] = reactive("", repaint=False)
    x_label: reactive[str] = reactive("step", repaint=False)
    log_y: reactive[bool] = reactive(False, repaint=False)
    cursor: reactive[float | None] = reactive[float | None](None, repaint=False)
    x_range: reactive[Range] = reactive[Range](None, repaint=False)
    y_range: reactive[Range] = reactive[Range](None, repaint=False)

    class CursorMoved(Message):
        """The cursor stands at x, or is gone (None)."""

        def __init__(self, chart: Chart, x: float | None) -> None:
            super().__init__()
            self.chart = chart
            self.x = x

        @property
        def control(self) -> Chart:
            return self.chart

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._series: list[Series] = []

    def set_series(self, series: Sequence[Series]) -> None:
        """Draw these from now on; their names may come from outside."""
        self._series = list(series)
        self.repaint()

    def view(self) -> View:
        """What the attributes say, as the painter takes it."""
        return View(
            title=plain(self.title, unicode=self.look.unicode),
            x_label=plain(self.x_label, unicode=self.look.unicode),
            x_range=self.x_range,
            y_range=self.y_range,
            log_y=self.log_y,
            cursor=self.cursor,
        )

    def frame(self) -> Frame:
        """Where the plot lies on this widget's cells."""
        return frame(self._shown(), self.size.width, self.size.height, self.look, self.view())

    def move_cursor(self, columns: int) -> None:
        """Move the cursor by columns of the plot; where there was none it starts at the right end."""
        plot = self.frame()
        low, high = plot.x_range
        per_column = (high - low) / max(1, plot.columns - 1)
        self._set_cursor(high if self.cursor is None else min(high, max(low, self.cursor + columns * per_column)))

    def zoom(self, factor: float) -> None:
        """Show 1/factor as much of the x axis; the cursor, else the right end, stays where it is."""
        low, high = self.frame().x_range
        still = high if self.cursor is None or not low <= self.cursor <= high else self.cursor
        self._set_x_range(still - (still - low) / factor, still + (high - still) / factor)

    def pan(self, fraction: float) -> None:
        """Move the view by a share of its width; right is positive."""
        low, high = self.frame().x_range
        all_low, all_high = self._all_of_x()
        by = fraction * (high - low)
        by = max(by, all_low - low) if by < 0 else min(by, all_high - high)
        self._set_x_range(low + by, high + by)

    def reset_view(self) -> None:
        """All of the data again, and no cursor."""
        self.x_range = self.y_range = None
        self._set_cursor(None)

    def paint(self, columns: int, rows: int) -> Cells:
        return paint_chart(self._shown(), columns, rows, self.look, self.view())

    def _shown(self) -> list[Series]:
        unicode = self.look.unicode
        return [replace(one, name=plain(one.name, unicode=unicode)) for one in self._series]

    def _all_of_x(self) -> tuple[float, float]:
        return frame(self._shown(), self.size.width, self.size.height, self.look, View()).x_range

    def _set_x_range(self, low: float, high: float) -> None:
        """Show low to high; more than the data is all of it, also of the data to come."""
        all_low, all_high = self._all_of_x()
        if not all(map(math.isfinite, (low, high))) or high - low >= (all_high - all_low) * (1 - 1e-9):
            self.x_range = None
        elif high - low > max(abs(low), abs(high)) * 1e-9:
            self.x_range = (low, high)

    def _set_cursor(self, x: float | None) -> None:
        if x != self.cursor:
            self.cursor = x
            self.post_message(self.CursorMoved(self, x))

    def _repaint_on_change(self) -> None:
        if self.is_attached:
            self.repaint()

    watch_title = watch_x_label = watch_log_y = watch_cursor = watch_x_range = watch_y_range = _repaint_on_change

    def on_mouse_move(self, event: events.MouseMove) -> None:
        offset = event.get_content_offset(self)
        plot = self.frame()
        if offset is not None and plot.left <= offset.x < plot.left + plot.columns:
            self._set_cursor(plot.x_at(offset.x))

    def on_leave(self) -> None:
        self._set_cursor(None)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.zoom(1.25)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.zoom(0.8)
