"""Keeps a terminal that has no UTF-8 from getting any: the last step before the screen."""

from __future__ import annotations

from functools import lru_cache

from rich.cells import get_character_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_LINES = {"─": "-", "━": "-", "═": "-", "│": "|", "┃": "|", "║": "|", "╌": "-", "▁": "_", "▔": "-", "▏": "|", "▕": "|"}
_SIGNS = {"•": "*", "●": "*", "○": "o", "…": "~", "→": ">", "←": "<", "↑": "^", "↓": "v", "▶": ">", "▼": "v", "▲": "^"}
_ALONE = {**_LINES, **_SIGNS, "✓": "x", "›": ">", "·": ".", "×": "x", "🔎": "? "}


class AsciiFilter(LineFilter):
    """Replaces what is not ASCII: frames by ``+-|``, blocks by ``#`` or a space, the rest by ``?``."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments, as wide as before."""
        return [
            segment if segment.text.isascii() else Segment(to_ascii(segment.text), segment.style, segment.control)
            for segment in segments
        ]


@lru_cache(1024)
def to_ascii(text: str) -> str:
    """``text`` in ASCII, cell by cell."""
    return "".join(_one(character) for character in text)


def _one(character: str) -> str:
    if character.isascii():
        return character
    if character in _ALONE:
        return _ALONE[character]
    code = ord(character)
    if 0x2500 <= code < 0x2580:
        return "+"
    if code in (0x2588, 0x2589, 0x258A, 0x258B):
        return "#"
    if 0x2580 <= code < 0x25A0:
        return " "
    return "?" * get_character_cell_size(character)
