"""Sliders, one a row: a name, a note, a track with a knob, and the value as a number.

``paint_sliders(sliders, chosen, columns, rows, look)`` draws the ones around the chosen one; ``page_of`` says which
these are and ``track_of`` where their tracks lie, for the mouse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aetui.paint.cells import DEFAULT, Cells, blank, put
from aetui.paint.colours import quiet_colour, series_colour
from aetui.paint.look import Look
from aetui.paint.text import clip, width_of

_FEWEST_TRACK = 9
_VALUE = 6


@dataclass(frozen=True, kw_only=True)
class Slider:
    """value: from low to high (beyond them the knob stays at the end); start: where it was, marked on the track.

    name, note: short; they must have gone through ``outside_text.plain``. quiet: it matters little, and is drawn so.
    """

    name: str
    value: float
    low: float
    high: float
    start: float
    note: str = ""
    quiet: bool = False


def page_of(count: int, chosen: int, rows: int) -> int:
    """The first of ``count`` sliders to be seen on ``rows`` rows: the chosen one in the middle, where it can be."""
    return max(0, min(chosen - rows // 2, count - rows))


def track_of(sliders: Sequence[Slider], columns: int) -> tuple[int, int]:
    """(first column, columns) of the tracks; notes and values give way where there is too little room."""
    left, right = _gutters(sliders, columns)
    return left, max(1, columns - left - right)


def value_at(slider: Slider, column: int, track: tuple[int, int]) -> float:
    """The value at a column of the widget."""
    left, width = track
    share = max(0.0, min(1.0, (column - left) / max(1, width - 1)))
    return slider.low + share * (slider.high - slider.low)


def paint_sliders(sliders: Sequence[Slider], chosen: int, columns: int, rows: int, look: Look) -> Cells:
    """The page with the chosen one on columns × rows cells."""
    cells = blank(rows, columns)
    if not sliders or rows < 1 or columns < 1:
        return cells
    first = page_of(len(sliders), chosen, rows)
    track = track_of(sliders, columns)
    for row, slider in enumerate(sliders[first : first + rows]):
        _paint_one(cells, row, slider, first + row == chosen, track, look)
    return cells


def _paint_one(cells: Cells, row: int, slider: Slider, chosen: bool, track: tuple[int, int], look: Look) -> None:
    left, width = track
    line, knob, mark, pointer = ("─", "●", "┊", "▸") if look.unicode else ("-", "O", ":", ">")
    quiet = quiet_colour(look)
    colour = series_colour(1, look) if chosen else quiet if slider.quiet else DEFAULT
    room = max(0, left - 1)
    text = clip(slider.name, room - 1, "")
    put(cells, row, 0, pointer if chosen else " ", colour)
    end = put(cells, row, 1, text, colour)
    if slider.note and end + 1 + width_of(slider.note) <= room:
        put(cells, row, room - width_of(slider.note), slider.note, colour if chosen else quiet)
    put(cells, row, left, line * width, quiet)
    put(cells, row, _column(slider, slider.start, track), mark, quiet)
    put(
        cells, row, _column(slider, slider.value, track), knob, colour if chosen else quiet if slider.quiet else DEFAULT
    )
    if left + width < cells.columns:
        put(cells, row, left + width + 1, value_text(slider.value).rjust(_VALUE), colour)


def _column(slider: Slider, value: float, track: tuple[int, int]) -> int:
    left, width = track
    reach = slider.high - slider.low
    share = (value - slider.low) / reach if reach > 0 else 0.5
    return left + round(max(0.0, min(1.0, share)) * (width - 1)) if share == share else left


def value_text(value: float, room: int = _VALUE) -> str:
    """``+0.52``: at most six characters; fewer digits where there is less ``room``, down to the whole number."""
    for digits in (2, 1, 0):
        text = f"{value:+.{digits}f}"
        if len(text) <= min(room, _VALUE) or (digits == 0 and len(text) <= _VALUE):
            return text
    return f"{value:+.0e}".replace("e+0", "e").replace("e-0", "e-")[:_VALUE]


def _gutters(sliders: Sequence[Slider], columns: int) -> tuple[int, int]:
    """Columns left and right of the track."""
    # The longest is the widest: there may be a thousand, at every frame.
    name = width_of(max((slider.name for slider in sliders), key=len, default="")) + 2
    note = width_of(max((slider.note for slider in sliders), key=len, default=""))
    for left, right in ((name + note + 1 if note else name, _VALUE + 1), (name, _VALUE + 1), (name, 0)):
        if columns - left - right >= _FEWEST_TRACK:
            return left, right
    return min(name, max(0, columns - 1)), 0
