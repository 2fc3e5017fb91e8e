"""``outside(text, limit) -> rich.text.Text``: the one way of text from outside onto the screen.

Run names, labels, metadata and errors may hold escape sequences or markup; here they become visible and harmless.
"""

from __future__ import annotations

from rich.text import Text

from aetui.paint.text import clip, clip_middle
from export.errors import visible


def outside(text: str, limit: int | None = None, *, style: str = "", unicode: bool = True) -> Text:
    """``text`` on one line, controls made visible, never read as markup, at most ``limit`` cells wide."""
    return Text(plain(text, limit, unicode=unicode), style=style, no_wrap=True, end="")


def plain(text: str, limit: int | None = None, *, unicode: bool = True) -> str:
    """The same as a str, for painters. unicode: False replaces what is not ASCII by ``?``."""
    shown = visible(text)
    if not unicode:
        shown = shown.encode("ascii", "replace").decode("ascii")
    return shown if limit is None else clip(shown, max(0, limit), "…" if unicode else "~")


def short_name(name: str, limit: int, *, unicode: bool = True) -> str:
    """The name of a run for painters: where it is too long, its middle is left out."""
    return clip_middle(plain(name, unicode=unicode), max(0, limit), "…" if unicode else "~")
