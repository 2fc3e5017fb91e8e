"""Where a widget's content is on the terminal, and what of it can be seen beside and behind the others."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from textual.geometry import Region, Size
from textual.widget import Widget

from aetui.paint.cells import Cells
from aetui.terminal.changes import Mask


class Place(NamedTuple):
    """Where the content of a view begins on the terminal; inset: which line of the view it begins with.

    size: of the content. hidden: which of its cells cannot be seen; None: none.
    """

    row: int
    column: int
    inset: int
    size: Size
    hidden: Mask | None


def find_place(view: Widget, visible: dict[Widget, tuple[Region, Region]]) -> Place | None:
    """Where the content of ``view`` is; None where nothing of it can be seen.

    visible: widgets with their region and what of it is not clipped, those in front first.
    """
    found = visible.get(view)
    if found is None:
        return None
    content = view.content_region
    seen = content.intersection(found[1])
    if not seen:
        return None
    hidden = None
    if seen != content:
        hidden = np.ones((content.height, content.width), np.bool_)
        hidden[_within(seen, content)] = False
    for other, (region, clip) in visible.items():
        if other is view:
            break
        covered = region.intersection(clip).intersection(content)
        if covered:
            if hidden is None:
                hidden = np.zeros((content.height, content.width), np.bool_)
            hidden[_within(covered, content)] = True
    if hidden is not None and hidden.all():
        return None
    return Place(content.y, content.x, view.content_offset.y, content.size, hidden)


def seen_of(cells: Cells, place: Place) -> Mask | None:
    """What of ``cells`` can be seen there; None: all of them."""
    width, height = place.size
    if place.hidden is None and cells.rows <= height and cells.columns <= width:
        return None
    seen = np.zeros(cells.characters.shape, np.bool_)
    seen[:height, :width] = True
    if place.hidden is not None:
        inside = place.hidden[: cells.rows, : cells.columns]
        seen[: inside.shape[0], : inside.shape[1]] &= ~inside
    return seen


def _within(part: Region, whole: Region) -> tuple[slice, slice]:
    top, left = part.y - whole.y, part.x - whole.x
    return slice(top, top + part.height), slice(left, left + part.width)
