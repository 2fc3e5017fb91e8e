"""A slider on one line: ``0 ━━━━━━●──────── 1``, with a mark at one value; and back from a column to a value."""

from __future__ import annotations

from aetui.paint.cells import Cells, blank, put
from aetui.paint.colours import quiet_colour, series_colour
from aetui.paint.look import Look

Range = tuple[float, float]


def paint_slider(value: float, span: Range, columns: int, look: Look, *, mark: float | None = None) -> Cells:
    """One row of ``columns`` cells. value: clipped to ``span``. mark: one to compare with, like the trained level."""
    cells = blank(1, columns)
    left, right = _track(span, columns)
    if right <= left:
        return cells
    low, high = (f"{end:g}" for end in span)
    put(cells, 0, 0, low, quiet_colour(look))
    put(cells, 0, right + 2, high, quiet_colour(look))
    done, rest, knob, pin = "━─●┃" if look.unicode else "=-O|"
    at = _column(value, span, left, right)
    put(cells, 0, left, done * (at - left), series_colour(0, look))
    put(cells, 0, at, rest * (right + 1 - at), quiet_colour(look))
    if mark is not None:
        put(cells, 0, _column(mark, span, left, right), pin, series_colour(2, look))
    put(cells, 0, at, knob, series_colour(1, look))
    return cells


def value_at(column: int, span: Range, columns: int) -> float:
    """The value that a click on ``column`` means; the ends beside the track."""
    left, right = _track(span, columns)
    share = (column - left) / max(1, right - left)
    return span[0] + min(1.0, max(0.0, share)) * (span[1] - span[0])


def _track(span: Range, columns: int) -> tuple[int, int]:
    """Its first and its last column."""
    return len(f"{span[0]:g}") + 1, columns - len(f"{span[1]:g}") - 2


def _column(value: float, span: Range, left: int, right: int) -> int:
    share = (min(max(value, span[0]), span[1]) - span[0]) / ((span[1] - span[0]) or 1)
    return left + round(share * (right - left))
