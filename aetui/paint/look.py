"""``Look``: how things are to be drawn on this terminal; an argument of every painter that has a choice.

``terminal.capabilities.look_for`` makes one; the app keeps it as ``app.look`` (a reactive) and the widgets follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Depth = Literal["truecolor", "256", "16", "mono"]
Pixels = Literal["half", "characters"]


FULL_GRAYS = 26
"""As many grays as a palette of 256 colours has."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """pixels: half blocks (two pixels a cell) or one character of a ramp per cell.

    depth: how many colours there are; unicode: False keeps to ASCII everywhere, charts too; dark: a dark background
    (decides which end of the ramp is ink and which series colours can be read); exact: grays in 256 levels where the
    depth is truecolor (26 levels look the same and cost a fifth of the bytes); grays: how many levels there are
    otherwise: fewer where a slow link could not carry all changes, for as long as pictures move.
    """

    pixels: Pixels = "half"
    depth: Depth = "256"
    unicode: bool = True
    dark: bool = True
    exact: bool = False
    grays: int = FULL_GRAYS

    @property
    def ellipsis(self) -> str:
        """What stands where a text was cut."""
        return "…" if self.unicode else "~"
