"""Lines of text, and the code of an image below them: what stands beside a large picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from aetui.paint.cells import DEFAULT, Cells, blank, place, put
from aetui.paint.code_bars import paint_code
from aetui.paint.colours import quiet_colour
from aetui.paint.look import Look
from aetui.paint.text import clip

Line = tuple[str, int]
"""A harmless text and its colour."""


def paint_facts(lines: Sequence[Line], code: npt.ArrayLike | None, columns: int, rows: int, look: Look) -> Cells:
    """``lines``, then ``code`` [d] as bars under a heading, where there is room for both."""
    cells = blank(rows, columns)
    for row, (text, colour) in enumerate(lines[:rows]):
        put(cells, row, 0, clip(text, columns, look.ellipsis), colour)
    top = len(lines) + 1
    if code is not None and rows - top >= 2:
        values = np.asarray(code).reshape(-1)
        dimensions = f"code, {len(values)} dimension{'s' * (len(values) != 1)}"
        put(cells, top, 0, clip(dimensions, columns, ""), quiet_colour(look) if look.depth != "mono" else DEFAULT)
        place(cells, top + 1, 0, paint_code(values, columns, rows - top - 1, look))
    return cells
