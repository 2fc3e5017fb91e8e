"""``Dialog``: the framed box of a form or of the help."""

from __future__ import annotations

from textual.containers import VerticalScroll


class Dialog(VerticalScroll, can_focus=False):
    """As large as what is in it; where the screen is smaller, it scrolls."""

    DEFAULT_CSS = """
    Dialog {
        width: auto;
        height: auto;
        max-width: 100%;
        max-height: 100%;
        border: round $primary;
        background: $surface;
        padding: 0 1;
    }
    """
