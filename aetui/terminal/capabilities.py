"""What the terminal can show, from its environment alone: nothing is written to it and nothing is asked.

``capabilities(environ, encoding) -> Capabilities``; ``look_for(capabilities, render, dark=) -> Look`` is what the app
draws with. Agrees with what Textual (Rich) sends: a depth that it would reduce is of no use.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass

from aetui.paint.look import Depth, Look
from export.errors import unknown

RENDERS = ("auto", "half", "truecolor", "gray", "ascii")
"""Values of ``--render``: half blocks in 26 grays, half blocks in exact colours, characters in grays, plain ASCII."""

_FORCED: dict[str, Depth] = {"truecolor": "truecolor", "256": "256", "standard": "16", "windows": "16"}


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """depth: how many colours; unicode: block characters and braille arrive; dumb: cannot move its cursor.

    multiplexer: tmux or screen, where that is what draws and answers; it says nothing of the terminal behind it.
    """

    depth: Depth
    unicode: bool
    dumb: bool
    multiplexer: str = ""


def capabilities(environ: Mapping[str, str], encoding: str | None) -> Capabilities:
    """environ: the process's environment. encoding: of the stream drawn to (``sys.__stderr__.encoding``)."""
    term = environ.get("TERM", "").strip().lower()
    dumb = term in ("dumb", "unknown")
    multiplexer = "tmux" if environ.get("TMUX") else "screen" if environ.get("STY") else ""
    return Capabilities(
        depth=_depth(environ, term, dumb), unicode=_is_unicode(encoding), dumb=dumb, multiplexer=multiplexer
    )


def _depth(environ: Mapping[str, str], term: str, dumb: bool) -> Depth:
    if "NO_COLOR" in environ or dumb:  # Textual grays everything where it is set at all, also to nothing
        return "mono"
    forced = _FORCED.get(environ.get("TEXTUAL_COLOR_SYSTEM", "").strip().lower())
    if forced is not None:
        return forced
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return "truecolor"
    return "256" if term.rpartition("-")[2] in ("256color", "kitty") else "16"


def _is_unicode(encoding: str | None) -> bool:
    try:
        return codecs.lookup(encoding or "ascii").name.startswith("utf")
    except LookupError:
        return False


def look_for(found: Capabilities, render: str = "auto", *, dark: bool = True) -> Look:
    """How to draw on a terminal with ``found``, as ``--render`` wishes where the terminal can.

    auto: half blocks where there are colours and block characters, else characters. Raises ToolError (exit 2) where
    ``render`` is none of ``RENDERS``.
    """
    if render not in RENDERS:
        raise unknown("render mode", render, RENDERS)
    unicode = found.unicode and render != "ascii"
    blocks = unicode and found.depth != "mono" and render not in ("gray", "ascii")
    depth: Depth = "mono" if render == "ascii" else found.depth
    return Look(
        pixels="half" if blocks else "characters", depth=depth, unicode=unicode, dark=dark, exact=render == "truecolor"
    )


def render_of(look: Look) -> str:
    """What ``look_for`` was asked for to make ``look``, for people."""
    if look.pixels == "half":
        return "half blocks, truecolor" if look.exact else "half blocks"
    return "grays" if look.unicode else "ASCII"
