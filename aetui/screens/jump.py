"""``;``: letters over everything that can be reached; typing one goes there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Label

from aetui import keys
from aetui.jump import Target, labelled
from aetui.screens.modal import Modal


class JumpScreen(Modal[Target | None]):
    """Dismissed with the target whose letters were typed, or None."""

    where = "jump"
    CSS_PATH = "jump.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(where)]

    def __init__(self, targets: Sequence[Target]) -> None:
        super().__init__()
        self._targets = labelled(targets)
        self._typed = ""

    def compose(self) -> ComposeResult:
        for text, target in self._targets.items():
            label = Label(text, markup=False)
            label.styles.offset = (target.x, target.y)
            yield label

    def on_key(self, event: events.Key) -> None:
        """The letters; a letter that leads nowhere ends it."""
        if not event.is_printable or event.character is None or event.key == "semicolon":
            return
        event.stop()
        self._typed += event.character.lower()
        if self._typed in self._targets:
            self.dismiss(self._targets[self._typed])
        elif not any(text.startswith(self._typed) for text in self._targets):
            self.dismiss(None)

    def on_click(self) -> None:
        self.dismiss(None)

    def on_resize(self, event: events.Resize) -> None:
        """What the letters stood over has moved."""
        if self.is_active and self._targets and event.virtual_size != event.size:
            self.dismiss(None)

    def action_cancel(self) -> None:
        self.dismiss(None)
