"""``?``: every key, from the one table."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

from aetui import keys
from aetui.widgets.dialog import Dialog

NOTES = """The mouse works too. To select text for copying, hold Shift while dragging.
Trainings run by themselves: leaving this program, or losing the connection, stops none."""


class HelpScreen(ModalScreen[None]):
    """The keys of the screen below first."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("help")]

    def __init__(self, where: str) -> None:
        super().__init__()
        self._where = where

    def compose(self) -> ComposeResult:
        with Dialog(can_focus=True) as dialog:
            dialog.border_title = "keys"
            dialog.border_subtitle = "esc closes, arrows scroll"
            yield Static(help_text(self._where), id="keys")

    def action_cancel(self) -> None:
        self.dismiss(None)


def help_text(where: str) -> Text:
    """The table for people: the keys of ``where``, those of everywhere, then those of the other screens."""
    titles = {**keys.SCREENS, keys.EVERYWHERE: "Everywhere", "dialog": "New run", "help": "Help"}
    order = [where, keys.EVERYWHERE, *(name for name in titles if name not in (where, keys.EVERYWHERE))]
    text = Text()
    for name in order:
        text.append(f"{titles[name]}\n", Style(bold=True))
        for key in keys.keys_of(name):
            names = "  ".join(keys.NAMES.get(one, one) for one in key.keys)
            text.append(f"  {names:<16}", Style(bold=True))
            text.append(f"{key.help}\n")
        text.append("\n")
    text.append(NOTES)
    return text
