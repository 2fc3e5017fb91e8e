"""How wide a text is on the screen, and how it is cut: no numpy, the first frame needs it."""

from __future__ import annotations

from rich.cells import get_character_cell_size


def width_of(text: str) -> int:
    """How many cells ``text`` takes."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(get_character_cell_size(character) for character in text)


def clip(text: str, columns: int, ellipsis: str = "…") -> str:
    """``text`` cut to ``columns`` cells, its end replaced by ``ellipsis`` where something was cut."""
    if width_of(text) <= columns:
        return text
    room, kept = columns - len(ellipsis), ""
    for character in text:
        room -= get_character_cell_size(character)
        if room < 0:
            break
        kept += character
    return (kept + ellipsis)[:columns] if columns > 0 else ""


def clip_middle(text: str, columns: int, ellipsis: str = "…") -> str:
    """The same, but the middle gives way: runs of a sweep have names that begin alike and differ at their ends."""
    if width_of(text) <= columns:
        return text
    room, kept = 2 * max(0, columns - len(ellipsis)) // 3, ""
    for character in reversed(text):
        room -= get_character_cell_size(character)
        if room < 0:
            break
        kept = character + kept
    return clip(text, columns - width_of(kept), ellipsis) + kept
