"""The code of one image as bars to the left and right of a middle line, a row per unit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aetui.paint.cells import Cells, blank, put
from aetui.paint.colours import quiet_colour, series_colour
from aetui.paint.look import Look

_VALUE = 7


def paint_code(code: npt.ArrayLike, columns: int, rows: int, look: Look) -> Cells:
    """code: [d]. A row per unit ``12   0.51 ──█│``; where there are more units than rows, the largest ones and a count.

    The longest bar is the largest finite magnitude.
    """
    values = np.asarray(code, np.float64).reshape(-1)
    cells = blank(rows, columns)
    if rows < 1 or not len(values):
        return cells
    room = rows if len(values) <= rows else rows - 1
    strength = np.nan_to_num(np.abs(values), nan=0.0, posinf=0.0)
    units = np.sort(np.argsort(-strength, kind="stable")[:room])
    digits = len(str(len(values)))
    left = digits + _VALUE + 2
    half = max(0, (columns - left - 1) // 2)
    largest = float(strength.max()) or 1.0
    block, line = "█│" if look.unicode else "#|"
    for row, unit in enumerate(units.tolist()):
        value = float(values[unit])
        put(cells, row, 0, f"{unit + 1:>{digits}}{value:>{_VALUE}.2f}", quiet_colour(look))
        if half:
            length = round(half * min(1.0, float(strength[unit]) / largest))
            put(cells, row, left + half, line, quiet_colour(look))
            put(
                cells, row, left + half + 1 if value > 0 else left + half - length, block * length, _colour(value, look)
            )
    if room < len(values):
        put(cells, rows - 1, 0, f"{len(values) - room} smaller", quiet_colour(look))
    return cells


def _colour(value: float, look: Look) -> int:
    return series_colour(1 if value > 0 else 0, look)
