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
from aetui.paint.look import Depth


@lru_cache(8192)
def cell_style(foreground: int, background: int, depth: Depth = "256") -> Style:
    """The style of a cell; the default colours are left to what it is shown on."""
    return Style(color=rich_colour(foreground, depth), bgcolor=rich_colour(background, depth))


@lru_cache(4096)
def rich_colour(colour: int, depth: Depth = "256") -> Color | None:
    """A colour of ``Cells`` for Rich; None for the default. depth: of the terminal that it is sent to."""
    if colour == DEFAULT:
        return None
    return Color.from_triplet(ColorTriplet(*(components(colour) if is_exact(colour) else _triplet(colour, depth))))


def _triplet(number: int, depth: Depth) -> tuple[int, int, int]:
    """An exact colour that Rich reduces to ``number`` in 256 colours (0–15: in 16 colours); where exact colours arrive,
    the one that xterm has under this number."""
    if number < 16:
        return PALETTE_16[number]
    if number >= 232 and depth == "truecolor":
        return (8 + 10 * (number - 232),) * 3
    if number in (16, 231) or number >= 232:
        level = {16: 0, 231: 25}.get(number, number - 231)
        gray = round(level * 255 / 25)
        return gray, gray, gray
    cube = (0, 95, 135, 175, 215, 255)
    return cube[(number - 16) // 36], cube[(number - 16) // 6 % 6], cube[(number - 16) % 6]
