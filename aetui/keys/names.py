"""How keys are written for people."""

from __future__ import annotations

NAMES: dict[str, str] = {
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "plus": "+",
    "minus": "-",
    "comma": ",",
    "full_stop": ".",
    "semicolon": ";",
    "colon": ":",
    "slash": "/",
    "backslash": "\\",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "equals_sign": "=",
    "underscore": "_",
    "asterisk": "*",
    "number_sign": "#",
    "percent_sign": "%",
    "exclamation_mark": "!",
    "apostrophe": "'",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "space": "space",
    "escape": "esc",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "delete": "Del",
    "f1": "F1",
}
"""By Textual's names; the others are written as they are, ``ctrl+`` as ``^``, ``shift+`` as ``shift-``."""

ASCII_NAMES: dict[str, str] = {"left": "left", "right": "right", "up": "up", "down": "down"}


def name_of(key: str, *, ascii_only: bool = False) -> str:
    """``?``, ``esc``, ``←``, ``^p``, ``shift-←`` for Textual's name of a key."""
    for prefix, written in (("ctrl+", "^"), ("shift+", "shift-"), ("alt+", "alt-")):
        if key.startswith(prefix):
            return written + name_of(key.removeprefix(prefix), ascii_only=ascii_only)
    return ASCII_NAMES[key] if ascii_only and key in ASCII_NAMES else NAMES.get(key, key)
