"""Several charts on one rectangle: as many as fit, the others on further pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aetui.paint.cells import Cells, blank, place
from aetui.paint.chart import paint_curves
from aetui.paint.frame import Frame, frame_of
from aetui.paint.look import Look
from aetui.paint.series import Curve, Series, View

SMALLEST = (30, 8)
"""A chart has so many columns and rows at least, where there are several."""
_GAP = 2
_SHAPE = 4.0
"""Columns per row of a chart that looks well."""


@dataclass(frozen=True, eq=False)
class Panel:
    """One chart among several. stacked: its series are areas. marks: x's that are pointed out below its axis."""

    series: Sequence[Series]
    title: str = ""
    stacked: bool = False
    marks: tuple[float, ...] = ()


@dataclass(frozen=True)
class Grid:
    """``across`` × ``down`` charts on ``columns`` × ``rows`` cells."""

    across: int
    down: int
    columns: int
    rows: int

    @property
    def capacity(self) -> int:
        return self.across * self.down

    def box(self, place: int) -> tuple[int, int, int, int]:
        """(left, top, columns, rows) of the place-th chart, from left to right and then down."""
        row, column = divmod(place, self.across)
        width = (self.columns - _GAP * (self.across - 1)) / self.across
        left, right = round(column * (width + _GAP)), round(column * (width + _GAP) + width)
        top, bottom = self.rows * row // self.down, self.rows * (row + 1) // self.down
        return left, top, right - left, bottom - top

    def at(self, column: int, row: int) -> int | None:
        """Which place a cell lies in; None between them."""
        for number in range(self.capacity):
            left, top, columns, rows = self.box(number)
            if left <= column < left + columns and top <= row < top + rows:
                return number
        return None


def grid(count: int, columns: int, rows: int) -> Grid:
    """The grid that shows most of ``count`` charts at once, and of those the one with the best shapes."""
    most_across = max(1, (columns + _GAP) // (SMALLEST[0] + _GAP))
    most_down = max(1, rows // SMALLEST[1])

    def badness(across: int) -> tuple[int, float]:
        down = min(most_down, -(-max(1, count) // across))
        shape = (columns / across) / max(1.0, rows / down)
        return -min(count, across * down), max(shape / _SHAPE, _SHAPE / max(shape, 1e-9)) + across * down / 100

    across = min(range(1, min(most_across, max(1, count)) + 1), key=badness)
    return Grid(across, min(most_down, -(-max(1, count) // across)), columns, rows)


def pages(count: int, shape: Grid) -> int:
    """How many pages ``count`` charts take, 1 or more."""
    return max(1, -(-count // shape.capacity))


def paint_panels(charts: Sequence[tuple[list[Curve], View]], shape: Grid, look: Look) -> Cells:
    """The charts of one page. charts: at most ``shape.capacity``, as ``chart.paint_curves`` takes them."""
    cells = blank(shape.rows, shape.columns)
    for number, (curves, view) in enumerate(charts):
        left, top, columns, rows = shape.box(number)
        place(cells, top, left, paint_curves(curves, columns, rows, look, view))
    return cells


def frame_in(shape: Grid, number: int, curves: list[Curve], view: View) -> Frame:
    """Where the plot of the number-th chart of a page lies on the whole rectangle."""
    left, top, columns, rows = shape.box(number)
    plot = frame_of(curves, max(1, columns), max(1, rows), view)
    return replace(plot, left=plot.left + left, top=plot.top + top)
