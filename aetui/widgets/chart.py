"""``Chart``: curves of several series with axes, a legend, a cursor, zoom and pan; or several such charts.

``chart.set_series(series)`` takes ``aetui.paint.series.Series(xs, ys, name, colour=None, faint=False)``: float arrays
of one length, NaN in ys is a gap. ``chart.set_panels(panels)`` takes ``aetui.paint.panels.Panel``: as many charts as
fit, on pages, with one cursor and one part of the x axis. Attributes that repaint when set: those of
``aetui.paint.series.View`` (``log_y``, ``title``, ``x_label``, ``x_time``, ``legend``, ``robust``, ``empty``),
``cursor`` (x or None: a vertical line), ``x_range``/``y_range`` ((low, high) or None: all of the data), ``page``.
Methods: ``move_cursor(columns)``, ``zoom(factor)`` (2 shows half as much, about the cursor or the right end),
``pan(fraction)`` of the view, ``reset_view()``. The mouse sets the cursor (hover), zooms (wheel) and pans (drag).
A view that reaches the right end follows the data. ``Chart.CursorMoved(chart, x)`` tells others (x may be None).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from textual import events
from textual.geometry import Offset
from textual.message import Message
from textual.reactive import reactive

from aetui.paint.cells import Cells
from aetui.paint.frame import Frame, ready
from aetui.paint.look import Look
from aetui.paint.panels import Grid, Panel, frame_in, grid, pages, paint_panels
from aetui.paint.series import Curve, Legend, Series, View
from aetui.terminal.outside_text import plain
from aetui.widgets.cells_view import CellsView

Range = tuple[float, float] | None


class Chart(CellsView):
    """Curves with axes, legend and cursor."""

    title: reactive[str] = reactive("", repaint=False)
    empty: reactive[str] = reactive("nothing to draw yet", repaint=False)
    x_label: reactive[str] = reactive("step", repaint=False)
    x_time: reactive[bool] = reactive(False, repaint=False)
    log_y: reactive[bool] = reactive(False, repaint=False)
    robust: reactive[bool] = reactive(False, repaint=False)
    legend: reactive[Legend] = reactive[Legend]("names", repaint=False)
    cursor: reactive[float | None] = reactive[float | None](None, repaint=False)
    x_range: reactive[Range] = reactive[Range](None, repaint=False)
    y_range: reactive[Range] = reactive[Range](None, repaint=False)
    page: reactive[int] = reactive(0, repaint=False)

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
        self._panels: list[Panel] = [Panel([])]
        self._ready: dict[int, list[Curve]] = {}
        self._ready_for: tuple[Look, bool] | None = None
        self._dragged_from: tuple[int, Frame] | None = None

    # What is drawn

    def set_series(self, series: Sequence[Series]) -> None:
        """Draw these from now on; their names may come from outside."""
        self.set_panels([Panel(series)])

    def set_panels(self, panels: Sequence[Panel], *, follow: bool = True) -> None:
        """Draw these charts from now on. follow: a view that reached the right end moves on with the data."""
        before = self._all_of_x()
        self._panels = list(panels) or [Panel([])]
        self._ready_for = None
        after = self._all_of_x()
        if follow and self.x_range is not None and before is not None and after is not None:
            by = after[1] - before[1] if self.x_range[1] >= before[1] else 0.0
            self.set_reactive(Chart.x_range, (self.x_range[0] + by, self.x_range[1] + by))
        self.repaint()

    def panels(self) -> list[Panel]:
        """What is drawn, all pages."""
        return list(self._panels)

    def view(self) -> View:
        """What the attributes say, as the painter takes it."""
        unicode = self.look.unicode
        return View(
            title=plain(self.title, unicode=unicode),
            empty=plain(self.empty, unicode=unicode),
            x_label=plain(self.x_label, unicode=unicode),
            x_range=self.x_range,
            y_range=self.y_range,
            log_y=self.log_y,
            cursor=self.cursor,
            x_time=self.x_time,
            robust=self.robust,
            legend=self.legend,
        )

    def curves(self, number: int = 0) -> list[Curve]:
        """The curves of a panel, ready to be drawn; made once for one look."""
        if self._ready_for != (self.look, self.log_y):
            self._ready, self._ready_for = {}, (self.look, self.log_y)
        if number not in self._ready:
            unicode = self.look.unicode
            panel = self._panels[number]
            named = [replace(one, name=plain(one.name, unicode=unicode)) for one in panel.series]
            self._ready[number] = ready(named, self.look, View(log_y=self.log_y, stacked=panel.stacked))
        return self._ready[number]

    def panel_view(self, number: int) -> View:
        """How a panel is drawn: several share the x axis."""
        panel, view = self._panels[number], self.view()
        title = plain(panel.title, unicode=self.look.unicode) or view.title
        x_range = view.x_range or (self._all_of_x() if len(self._panels) > 1 else None)
        return replace(view, title=title, x_range=x_range, stacked=panel.stacked, marks=panel.marks)

    def paint(self, columns: int, rows: int) -> Cells:
        shape = grid(len(self._panels), columns, rows)
        first = shape.capacity * min(self.page, pages(len(self._panels), shape) - 1)
        shown = range(first, min(first + shape.capacity, len(self._panels)))
        return paint_panels([(self.curves(number), self.panel_view(number)) for number in shown], shape, self.look)

    # Where it is drawn

    def shape(self) -> Grid:
        """How the panels are arranged on this widget."""
        return grid(len(self._panels), self.size.width, self.size.height)

    def page_count(self) -> int:
        """On how many pages the panels are."""
        return pages(len(self._panels), self.shape())

    def shown_page(self) -> int:
        """``page``, or the last one there is."""
        return min(self.page, self.page_count() - 1)

    def frame(self, place: int = 0) -> Frame:
        """Where the plot of the place-th panel of this page lies on this widget's cells."""
        shape = self.shape()
        number = min(self.shown_page() * shape.capacity + place, len(self._panels) - 1)
        return frame_in(shape, place, self.curves(number), self.panel_view(number))

    def _frame_at(self, offset: Offset | None) -> Frame | None:
        """The plot that holds a cell of this widget."""
        place = None if offset is None else self.shape().at(offset.x, offset.y)
        if offset is None or place is None:
            return None
        plot = self.frame(place)
        return plot if plot.left <= offset.x < plot.left + plot.columns else None

    # What is seen

    def move_cursor(self, columns: int) -> None:
        """Move the cursor by columns of the plot; where there was none it starts at the right end."""
        plot = self.frame()
        low, high = plot.x_range
        per_column = (high - low) / max(1, plot.columns - 1)
        self.put_cursor(high if self.cursor is None else min(high, max(low, self.cursor + columns * per_column)))

    def put_cursor(self, x: float | None) -> None:
        """Put the cursor at x, or take it away."""
        if x != self.cursor:
            self.cursor = x
            self.post_message(self.CursorMoved(self, x))

    def zoom(self, factor: float, about: float | None = None) -> None:
        """Show 1/factor as much of the x axis; about (else the cursor, else the right end) stays where it is."""
        low, high = self.frame().x_range
        still = self.cursor if about is None else about
        if still is None or not low <= still <= high:
            still = high
        self._set_x_range(still - (still - low) / factor, still + (high - still) / factor)

    def pan(self, fraction: float) -> None:
        """Move the view by a share of its width; right is positive."""
        low, high = self.frame().x_range
        self._pan_to(low, high, fraction * (high - low))

    def show_x(self, x: float) -> None:
        """Move the view so far that x lies in it."""
        low, high = self.frame().x_range
        if not low <= x <= high:
            self._pan_to(low, high, x - (low + high) / 2)

    def reset_view(self) -> None:
        """All of the data again, and no cursor."""
        self.x_range = self.y_range = None
        self.put_cursor(None)

    def _pan_to(self, low: float, high: float, by: float) -> None:
        everything = self._all_of_x()
        if everything is not None:
            by = max(by, everything[0] - low) if by < 0 else min(by, everything[1] - high)
            self._set_x_range(low + by, high + by)

    def _all_of_x(self) -> Range:
        """From the first to the last x of all panels; None without any."""
        ends = [
            (float(curve.xs[0]), float(curve.xs[-1]))
            for number in range(len(self._panels))
            for curve in self.curves(number)
            if len(curve.xs)
        ]
        return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else None

    def _set_x_range(self, low: float, high: float) -> None:
        """Show low to high, moved to where data is; more than that is all of it, also of the data to come."""
        everything = self._all_of_x()
        if everything is None or not all(map(math.isfinite, (low, high))):
            self.x_range = None
            return
        first, last = everything
        if high - low >= (last - first) * (1 - 1e-9):
            self.x_range = None
        elif high - low > max(abs(low), abs(high)) * 1e-9:
            by = max(0.0, first - low) - max(0.0, high - last)
            self.x_range = (low + by, last if high >= last else high + by)

    def _repaint_on_change(self) -> None:
        if self.is_attached:
            self.repaint()

    watch_title = watch_x_label = watch_log_y = watch_cursor = watch_x_range = watch_y_range = _repaint_on_change
    watch_empty = watch_x_time = watch_robust = watch_legend = watch_page = _repaint_on_change

    # The mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        plot = self._frame_at(event.get_content_offset(self))
        if plot is not None:
            self._dragged_from = (event.screen_x, plot)
            self.capture_mouse()

    def on_mouse_up(self) -> None:
        if self._dragged_from is not None:
            self._dragged_from = None
            self.release_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragged_from is not None:
            start, plot = self._dragged_from
            low, high = plot.x_range
            self._pan_to(low, high, (start - event.screen_x) * (high - low) / max(1, plot.columns - 1))
            return
        offset = event.get_content_offset(self)
        plot_here = self._frame_at(offset)
        if offset is not None and plot_here is not None:
            self.put_cursor(plot_here.x_at(offset.x))

    def on_leave(self) -> None:
        if self._dragged_from is None:
            self.put_cursor(None)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, 1.25)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, 0.8)

    def _wheel(self, event: events.MouseEvent, factor: float) -> None:
        event.stop()
        offset = event.get_content_offset(self)
        plot = self._frame_at(offset)
        self.zoom(factor, plot.x_at(offset.x) if offset is not None and plot is not None else None)
