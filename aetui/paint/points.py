"""Points to ``Cells``: what stands in place of an image where the data are points, and not pictures.

``Points(marks, cloud)`` is an ``Image`` like any other for ``paint_image`` and the picture widgets: two coordinates are
a dot on axes that are fitted to the cloud (the probe points, drawn faintly behind it), any other number of coordinates
a line through them. ``as_shown(images, cloud)`` turns decoded points [n, 1, 1, d] into pictures of them, and
``point_text(image)`` writes one as numbers; ``raster(points)`` gives pixels, to be saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from aetui.paint.axes import labels, ticks
from aetui.paint.braille import Dots, dots_of_cell, put_dots
from aetui.paint.cells import Cells, blank, part, put
from aetui.paint.colours import quiet_colour, series_colour
from aetui.paint.curves import dots, envelope
from aetui.paint.look import Look

Floats = npt.NDArray[np.float32]
Range = tuple[float, float]

MARKS = "*o+x#"
"""How several marks differ where colours are missing."""

_MARGIN = 0.08
_AXES_COLUMNS, _AXES_ROWS = 26, 10
"""From this size on there are axes with numbers."""


@dataclass(frozen=True, eq=False)
class Points:
    """marks: float32 [k, d], what it is about, each in its own colour where they are few. cloud: float32 [n, d], drawn
    faintly behind."""

    marks: Floats
    cloud: Floats


def are_points(probe_images: npt.NDArray[np.generic]) -> bool:
    """Whether the images [n, C, H, W] of a ``Probe`` are points: those are kept as float32, pictures as uint8."""
    return probe_images.dtype != np.uint8


def as_shown(images: Floats, cloud: Floats | None) -> Sequence[Floats | Points]:
    """``images`` [n, C, H, W] as they are drawn. cloud: the probe points [m, C, H, W]; None: these are pictures."""
    if cloud is None:
        return list(images)
    flat = cloud.reshape(len(cloud), -1)
    return [Points(image.reshape(1, -1), flat) for image in images]


def point_text(image: Floats, digits: int = 2) -> str:
    """``(0.51, -1.20)``; the first four coordinates."""
    values = [f"{value:.{digits}f}" for value in image.reshape(-1)[:4].tolist()]
    more = ["..."] if image.size > len(values) else []
    return f"({', '.join(values + more)})"


def paint_points(points: Points, columns: int, rows: int, look: Look) -> Cells:
    """``points`` on all of columns × rows cells, with axes where there is room for their numbers."""
    cells = blank(rows, columns)
    if columns < 1 or rows < 1 or points.cloud.shape[-1] == 0:
        return cells
    flat = points.cloud.shape[1] == 2
    x_range, y_range = _ranges(points)
    left = below = 0
    if columns >= _AXES_COLUMNS and rows >= _AXES_ROWS:
        left, below = _paint_axes(cells, x_range if flat else None, y_range, look)
    inside = part(cells, 0, left, rows - below, columns - left)
    if flat:
        _paint_scatter(inside, points, x_range, y_range, look)
    else:
        _paint_lines(inside, points, y_range, look)
    return cells


def raster(points: Points, side: int = 96) -> Floats:
    """The same as pixels, float32 [1, side, side]: the cloud in a dark gray, the marks as white squares."""
    picture = np.zeros((1, side, side), np.float32)
    if points.cloud.shape[1] != 2:
        lowest, highest = _profile(points.marks[:1], side)
        picture[0][dots(lowest, highest, _ranges(points)[1], side)] = 1
        return picture
    row, column = _place(points.cloud, *_ranges(points), side, side)
    picture[0, row, column] = 0.35
    for row_at, column_at in zip(*_place(points.marks, *_ranges(points), side, side), strict=True):
        picture[0, max(0, row_at - 2) : row_at + 3, max(0, column_at - 2) : column_at + 3] = 1
    return picture


def _ranges(points: Points) -> tuple[Range, Range]:
    """Of x and y, fitted to the cloud, a little wider; where the points do not lie in a plane y holds all of them."""
    known = np.where(np.isfinite(points.cloud), points.cloud, 0).astype(np.float64)
    if known.size == 0:
        return (-1.0, 1.0), (-1.0, 1.0)
    if known.shape[1] != 2:
        return (0.0, max(1.0, known.shape[1] - 1.0)), _wider(float(known.min()), float(known.max()))
    (left, bottom), (right, top) = known.min(axis=0).tolist(), known.max(axis=0).tolist()
    return _wider(left, right), _wider(bottom, top)


def _wider(low: float, high: float) -> Range:
    room = (high - low) * _MARGIN or max(abs(low), 1.0) * 0.5
    return low - room, high + room


def _place(
    points: Floats, x_range: Range, y_range: Range, rows: int, columns: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Row and column of each point [n, 2]; one beyond the ranges lies on the edge."""
    known = np.nan_to_num(points.astype(np.float64), nan=0.0)
    across = (known[:, 0] - x_range[0]) / (x_range[1] - x_range[0])
    down = (y_range[1] - known[:, 1]) / (y_range[1] - y_range[0])
    column = np.rint(across.clip(0, 1) * (columns - 1)).astype(np.intp)
    row = np.rint(down.clip(0, 1) * (rows - 1)).astype(np.intp)
    return row, column


def _paint_scatter(cells: Cells, points: Points, x_range: Range, y_range: Range, look: Look) -> None:
    put_dots(cells, _dots_of(points.cloud, x_range, y_range, cells, look), quiet_colour(look), look, ".")
    if len(points.marks) > len(MARKS):
        # Without colours both kinds of dots would look alike.
        drawn_as = replace(look, unicode=look.unicode and look.depth != "mono")
        marks = _dots_of(points.marks, x_range, y_range, cells, drawn_as)
        put_dots(cells, marks, _colour(0, look), drawn_as, MARKS[0])
        return
    rows, columns = _place(points.marks, x_range, y_range, cells.rows, cells.columns)
    for index in reversed(range(len(points.marks))):
        one = "●" if look.unicode and (look.depth != "mono" or len(points.marks) == 1) else MARKS[index % len(MARKS)]
        put(cells, int(rows[index]), int(columns[index]), one, _colour(index, look))


def _dots_of(points: Floats, x_range: Range, y_range: Range, cells: Cells, look: Look) -> Dots:
    """``points`` [n, 2] as a raster over all of ``cells``."""
    down, across = dots_of_cell(look)
    marks = np.zeros((cells.rows * down, cells.columns * across), np.bool_)
    marks[_place(points, x_range, y_range, *marks.shape)] = True
    return marks


def _paint_lines(cells: Cells, points: Points, y_range: Range, look: Look) -> None:
    """Each mark as a line through its coordinates, from left to right."""
    fine_rows, fine_columns = dots_of_cell(look)
    for index in reversed(range(len(points.marks))):
        lowest, highest = _profile(points.marks[index : index + 1], cells.columns * fine_columns)
        drawn = dots(lowest, highest, y_range, cells.rows * fine_rows)
        put_dots(cells, drawn, _colour(index, look), look, MARKS[index % len(MARKS)])


def _profile(mark: Floats, columns: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    values = np.nan_to_num(mark[0].astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    if len(values) == 1:
        values = np.repeat(values, 2)
    return envelope(np.arange(len(values), dtype=np.float64), values, (0.0, len(values) - 1.0), columns)


def _colour(index: int, look: Look) -> int:
    return series_colour(index + 1, look)


def _paint_axes(cells: Cells, x_range: Range | None, y_range: Range, look: Look) -> tuple[int, int]:
    """Draw them with their numbers. Returns the columns on the left and the rows at the bottom that they take."""
    line, tick, corner, across, down = "│┤└─┬" if look.unicode else "|++-+"
    quiet = quiet_colour(look)
    values = ticks(*y_range, max(2, cells.rows // 4))
    names = labels(values)
    left, rows = max(map(len, names)) + 1, cells.rows - 2
    for row in range(rows):
        put(cells, row, left - 1, line, quiet)
    for value, name in zip(values.tolist(), names, strict=True):
        row = round((y_range[1] - value) / (y_range[1] - y_range[0]) * (rows - 1))
        put(cells, row, left - 1 - len(name), name + tick, quiet)
    put(cells, rows, left - 1, corner + across * (cells.columns - left), quiet)
    if x_range is None:
        return left, 2
    end, room = 0, cells.columns - left
    values = ticks(*x_range, max(2, room // 9))
    for value, name in zip(values.tolist(), labels(values), strict=True):
        at = left + round((value - x_range[0]) / (x_range[1] - x_range[0]) * (room - 1))
        start = min(max(0, at - len(name) // 2), cells.columns - len(name))
        if start >= end:
            put(cells, rows, at, down, quiet)
            end = put(cells, rows + 1, start, name, quiet) + 1
    return left, 2
