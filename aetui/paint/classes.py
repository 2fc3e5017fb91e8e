"""Colours and characters for classes and for bins of a number: ``Groups`` of points, of which each has its own."""

from __future__ import annotations

from dataclasses import dataclass

from aetui.paint.cells import DEFAULT
from aetui.paint.look import Look

MARKS = "0123456789abcdefghijklmnopqrstuvwxyz"
"""How groups differ where colours or braille are missing; a class is its number."""

_DARK = (39, 208, 114, 203, 141, 220, 80, 213, 180, 252, 155, 67)
_LIGHT = (25, 166, 28, 160, 91, 136, 30, 162, 94, 240, 64, 60)
_DARK_16 = (14, 11, 10, 13, 9, 12, 15, 7, 6, 3, 2, 5)
_LIGHT_16 = (4, 1, 2, 5, 6, 3, 0, 8, 12, 9, 10, 13)

_DARK_BINS, _LIGHT_BINS = (63, 39, 43, 119, 226), (17, 25, 30, 64, 136)
_DARK_16_BINS, _LIGHT_16_BINS = (12, 14, 10, 11, 15), (0, 4, 6, 2, 3)


@dataclass(frozen=True, kw_only=True)
class Groups:
    """names: of the groups 0, 1, …, made harmless. ordered: they are bins of a number, low to high, five at most."""

    names: tuple[str, ...] = ()
    ordered: bool = False

    def colour(self, group: int, look: Look) -> int:
        """Of one group; there are twelve for classes, then they begin again."""
        if look.depth == "mono":
            return DEFAULT
        if look.depth == "16":
            classes, bins = (_DARK_16, _DARK_16_BINS) if look.dark else (_LIGHT_16, _LIGHT_16_BINS)
        else:
            classes, bins = (_DARK, _DARK_BINS) if look.dark else (_LIGHT, _LIGHT_BINS)
        cycle = bins if self.ordered else classes
        return cycle[group % len(cycle)]


def mark(group: int) -> str:
    """The character of a group."""
    return MARKS[group % len(MARKS)]


def has_colours(look: Look) -> bool:
    """True where dots of many groups can be told apart by their colours, False where each needs its character."""
    return look.unicode and look.depth != "mono"
