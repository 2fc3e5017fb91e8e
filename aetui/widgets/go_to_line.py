"""``GoToLine``: a line in which a number is typed; hidden until ``edit``."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label

from aetui import keys


class GoToLine(Horizontal):
    """Tells the number that was typed, or that none was."""

    where = "goto"
    DEFAULT_CSS = """
    GoToLine { height: 1; display: none; }
    GoToLine Label { width: auto; color: $text-muted; }
    GoToLine Input { width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(where)]

    class Left(Message):
        """The line is closed; number: None where it was given up or holds none."""

        def __init__(self, number: int | None) -> None:
            super().__init__()
            self.number = number

    def __init__(self, label: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._label = label

    def compose(self) -> ComposeResult:
        yield Label(self._label)
        yield Input(type="integer", max_length=7, compact=True, disabled=True)

    def edit(self) -> None:
        """Open the line, empty."""
        self.display = True
        line = self.query_one(Input)
        line.disabled = False
        line.value = ""
        self.screen.set_focus(line)  # now: the next key is meant for it

    def close(self) -> None:
        self.query_one(Input).disabled = True
        self.display = False

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_keep()

    def action_keep(self) -> None:
        text = self.query_one(Input).value.strip()
        self.close()
        self.post_message(self.Left(int(text) if text.isdecimal() else None))

    def action_cancel(self) -> None:
        self.close()
        self.post_message(self.Left(None))
