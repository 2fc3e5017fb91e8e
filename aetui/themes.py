"""The colours of the UI's own parts."""

from __future__ import annotations

from textual.theme import Theme

NAMES: dict[str, str] = {
    "dark": "textual-dark",
    "light": "textual-light",
    "contrast": "aetui-contrast",
    "ansi": "ansi-dark",
    "ansi-light": "ansi-light",
}
"""What ``settings.theme`` says → the theme's name in Textual, in the order in which ``T`` goes through them."""

CONTRAST = Theme(
    name="aetui-contrast",
    primary="#ffff00",
    secondary="#00ffff",
    accent="#ffff00",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#303030",
    boost="#303030",
    warning="#ffaf00",
    error="#ff5f5f",
    success="#00ff00",
    dark=True,
    variables={"text-muted": "#ffffff", "footer-key-foreground": "#ffff00", "border": "#ffffff"},
)
"""White on black without half-tones (WCAG 2 contrast 21 : 1 for text)."""


def theme_for(name: str, depth: str) -> str:
    """Textual's name for ``name``, one of ``settings.THEMES``. depth: of the terminal (``Look.depth``)."""
    if name == "auto":
        return NAMES["ansi" if depth in ("16", "mono") else "dark"]
    return NAMES[name]


def next_theme(name: str) -> str:
    """The theme after Textual's ``name``; after one that is none of ours, the first."""
    names = list(NAMES.values())
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]
