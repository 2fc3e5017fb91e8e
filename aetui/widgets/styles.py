"""The colours of ``Cells`` as Rich styles that arrive as they were meant.

Textual passes colours through Rich, which reduces an exact colour to the terminal's palette by a rule of its own; so
every palette colour is named here by an exact colour that this rule maps back to it.
"""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.style import Style

from aetui.paint.cells import DEFAULT
from aetui.paint.colours import PALETTE_16, components, is_exact


@lru_cache(8192)
def cell_style(foreground: int, background: int) -> Style:
    """The style of a cell; the default colours are left to what it is shown on."""
    return Style(color=rich_colour(foreground), bgcolor=rich_colour(background))


@lru_cache(4096)
def rich_colour(colour: int) -> Color | None:
    """A colour of ``Cells`` for Rich; None for the default."""
    if colour == DEFAULT:
        return None
    return Color.from_triplet(ColorTriplet(*(components(colour) if is_exact(colour) else _palette_triplet(colour))))


def _palette_triplet(number: int) -> tuple[int, int, int]:
    """An exact colour that Rich reduces to ``number`` in 256 colours (0–15: in 16 colours)."""
    if number < 16:
        return PALETTE_16[number]
    if number in (16, 231) or number >= 232:
        level = {16: 0, 231: 25}.get(number, number - 231)
        gray = round(level * 255 / 25)
        return gray, gray, gray
    cube = (0, 95, 135, 175, 215, 255)
    return cube[(number - 16) // 36], cube[(number - 16) // 6 % 6], cube[(number - 16) % 6]
