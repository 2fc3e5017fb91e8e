"""``Codes``: colours of ``Cells`` as the parameters of an SGR sequence, as Textual and Rich would send them.

A colour of the palette from 16 on is sent by its number, also where exact colours would arrive: ``38;5;N`` is half as
long as ``38;2;R;G;B``, and ``styles.rich_colour`` names the same colour to Textual.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from aetui.paint.look import Depth
from aetui.terminal.changes import BEFORE_DEFAULT
from aetui.terminal.styles import rich_colour

_BLACK = Color(0, 0, 0)
_CUBE_GRAYS = (59, 102, 145, 188)
"""Rich takes a gray of the other ramp for them."""


class Codes(dict[int, str | None]):
    """Parameters by colour, made when first asked for; None where the colour cannot be had in this role.

    foreground: the role. bases: the styles that cells are shown on, which may grow. depth: of the terminal; system:
    what Rich reduces to. filters: Textual's, which every colour goes through on its way.
    """

    def __init__(
        self,
        *,
        foreground: bool,
        bases: Sequence[Style],
        depth: Depth,
        system: ColorSystem,
        filters: Sequence[LineFilter],
    ) -> None:
        super().__init__()
        self._foreground = foreground
        self._bases = bases
        self._depth = depth
        self._system = system
        self._filters = filters

    def __missing__(self, colour: int) -> str | None:
        found = self[colour] = self._code(colour)
        return found

    def _code(self, colour: int) -> str | None:
        if 16 <= colour < 256 and self._depth in ("256", "truecolor") and colour not in _CUBE_GRAYS:
            return f"{38 if self._foreground else 48};5;{colour}"
        if colour > BEFORE_DEFAULT:
            return self._parameters(rich_colour(colour, self._depth))
        number, is_background = divmod(BEFORE_DEFAULT - colour, 2)
        base = self._bases[number]
        own = base.bgcolor if is_background else base.color
        if own is None or own.is_default:
            in_its_role = self._foreground != bool(is_background)
            return ("39" if self._foreground else "49") if in_its_role else None
        return self._parameters(own)

    def _parameters(self, colour: RichColor | None) -> str:
        style = Style(color=colour) if self._foreground else Style(bgcolor=colour)
        segments = [Segment("x", style)]
        for line_filter in self._filters:
            segments = line_filter.apply(segments, _BLACK)
        seen = segments[0].style or Style.null()
        shown = seen.color if self._foreground else seen.bgcolor
        if shown is None:
            return "39" if self._foreground else "49"
        return ";".join(shown.downgrade(self._system).get_ansi_codes(self._foreground))
