"""``Window``: which part of the plane is seen, and where a point of it lies on cells.

A cell is twice as high as it is wide; ``fitted`` makes one unit the same length in both directions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]

FLAT_DATA = ("moons", "circles", "swiss-roll")
"""The data sets that are points of the plane."""

ASPECT = 2.0
"""Height of a cell in its widths."""

_LEAST, _MOST = 1e-6, 1e6


@dataclass(frozen=True)
class Window:
    """The rectangle left ≤ x ≤ right, bottom ≤ y ≤ top, in the units of the data; both sides have a length."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.top - self.bottom

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2

    def fitted(self, columns: int, rows: int) -> Window:
        """The smallest window around this one that has the shape of columns × rows cells (≥ 1 each)."""
        unit = max(self.width / columns, self.height / (rows * ASPECT))
        return around(self.centre, unit * columns, unit * rows * ASPECT)

    def zoomed(self, factor: float, about: tuple[float, float] | None = None) -> Window:
        """1/factor as wide and as high (factor > 0); ``about`` stays where it is, None: the centre.

        Unchanged where it would become too small or too large for the numbers to hold.
        """
        if not _LEAST < self.width / factor < _MOST or not _LEAST < self.height / factor < _MOST:
            return self
        x, y = about or self.centre
        return Window(
            x - (x - self.left) / factor,
            x + (self.right - x) / factor,
            y - (y - self.bottom) / factor,
            y + (self.top - y) / factor,
        )

    def panned(self, x: float, y: float) -> Window:
        """Moved by (x, y), in the units of the data."""
        return Window(self.left + x, self.right + x, self.bottom + y, self.top + y)

    def holding(self, point: tuple[float, float]) -> Window:
        """Moved just so far that ``point`` lies inside."""
        x = min(0.0, point[0] - self.left) + max(0.0, point[0] - self.right)
        y = min(0.0, point[1] - self.bottom) + max(0.0, point[1] - self.top)
        return self.panned(x, y)

    def point_at(self, column: float, row: float, columns: int, rows: int) -> tuple[float, float]:
        """The point in the middle of a cell."""
        return (
            self.left + (column + 0.5) / columns * self.width,
            self.top - (row + 0.5) / rows * self.height,
        )

    def places(self, points: Points, columns: int, rows: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """(column, row) of the cells, or dots, in which ``points`` [n, 2] lie; far outside is −1."""
        across = (points[:, 0] - self.left) / self.width * columns
        down = (self.top - points[:, 1]) / self.height * rows
        inside = (across >= 0) & (across < columns) & (down >= 0) & (down < rows)
        column = np.where(inside, across, -1).astype(np.int64)
        row = np.where(inside, down, -1).astype(np.int64)
        return column, row

    def grid(self, columns: int, rows: int, every: tuple[int, int]) -> Points:
        """The middles of every (columns, rows)-th cell, [n, 2], evenly about the centre."""
        across, down = every
        at_x = np.arange(_first(columns, across), columns, across)
        at_y = np.arange(_first(rows, down), rows, down)
        x = self.left + (at_x + 0.5) / columns * self.width
        y = self.top - (at_y + 0.5) / rows * self.height
        return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def around(centre: tuple[float, float], width: float, height: float) -> Window:
    """The window of this size about ``centre``."""
    x, y = centre
    return Window(x - width / 2, x + width / 2, y - height / 2, y + height / 2)


def window_of(points: Points, margin: float = 0.15) -> Window:
    """All of ``points`` [n, 2] and a share of their width and height around; a unit square where there are none."""
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return Window(-0.5, 0.5, -0.5, 0.5)
    low, high = points.min(axis=0), points.max(axis=0)
    centre = (float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2)
    width, height = (high - low).tolist()
    longest = max(width, height) or 1.0
    width, height = max(width, longest * 0.05), max(height, longest * 0.05)
    return around(centre, width * (1 + 2 * margin), height * (1 + 2 * margin))


def _first(count: int, every: int) -> int:
    """So that what is left over lies on both sides."""
    return (count - 1) % every // 2
