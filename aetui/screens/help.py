"""``?``: every key, from the one table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from aetui import keys
from aetui.screens.modal import Modal
from aetui.widgets.dialog import Dialog

NOTES = """The mouse works too. To select text for copying, hold Shift while dragging.
Trainings run by themselves: leaving this program, or losing the connection, stops none."""


class HelpScreen(Modal[None]):
    """The keys of the screen below first."""

    where = "help"
    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(where)]

    def __init__(self, places: Sequence[str]) -> None:
        super().__init__()
        self._places = places

    def compose(self) -> ComposeResult:
        with Dialog(can_focus=True) as dialog:
            dialog.border_title = "keys"
            dialog.border_subtitle = "esc closes, arrows scroll"
            yield Static(help_text(self._places), id="keys")

    def action_cancel(self) -> None:
        self.dismiss(None)


def help_text(places: Sequence[str]) -> Text:
    """The table for people: the keys of ``places`` (a view, its screen), those of everywhere, then all others."""
    wheres = list(dict.fromkeys(key.where for key in keys.TABLE))
    order = [*places, keys.EVERYWHERE, *(name for name in wheres if name not in (*places, keys.EVERYWHERE))]
    text = Text()
    for name in order:
        text.append(f"{title_of(name)}\n", Style(bold=True))
        for key in keys.keys_of(name):
            names = "  ".join(keys.name_of(one) for one in key.keys)
            text.append(f"  {names:<16}", Style(bold=True))
            text.append(f"{key.help}\n")
        text.append("\n")
    text.append(NOTES)
    return text


def title_of(where: str) -> str:
    """``Latent: map`` for ``latent/map``."""
    screen, _, view = where.partition("/")
    titles = {**keys.SCREENS, **keys.TITLES, keys.EVERYWHERE: "Everywhere"}
    return f"{titles[screen]}: {view}" if view else titles[screen]
