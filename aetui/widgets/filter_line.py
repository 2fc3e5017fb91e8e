"""``FilterLine``: where a filter is typed; below it stands what is wrong with it, under the character that is."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label, Static

from aetui import keys
from aetui.paint.text import clip
from aetui.runs.filter import HINT

_PROMPT = "filter "


class FilterLine(Vertical):
    """Hidden until ``edit``. Tells with messages what is typed, and at last that it is kept or given up."""

    where = "filter"
    DEFAULT_CSS = """
    FilterLine { height: auto; display: none; }
    FilterLine Horizontal { height: 1; }
    FilterLine Label { width: 7; color: $text-muted; }
    FilterLine Input { width: 1fr; }
    FilterLine #said { height: 1; color: $text-warning; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(where)]

    class Typed(Message):
        """The text is another."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The line is closed. kept: with Enter."""

        def __init__(self, *, kept: bool) -> None:
            super().__init__()
            self.kept = kept

    class Grammar(Message):
        """What can a filter say?"""

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Label(_PROMPT)
            yield Input(placeholder=HINT, id="filter", compact=True, select_on_focus=False, disabled=True)
        yield Static("", id="said", markup=False)

    @property
    def editing(self) -> bool:
        return self.display

    def edit(self, text: str) -> None:
        """Open the line with ``text`` in it."""
        self.display = True
        line = self.query_one(Input)
        line.disabled = False
        line.value = text
        line.cursor_position = len(text)
        line.focus()

    def close(self) -> None:
        self.query_one(Input).disabled = True
        self.display = False

    def say(self, text: str, at: int | None = None) -> None:
        """Show ``text`` below the line; at: the character that it is about."""
        shown = text
        if at is not None:
            column = len(_PROMPT) + at
            room = self.size.width
            shown = " " * column + f"^ {text}" if column + len(text) + 3 <= room else clip(f"at {at + 1}: {text}", room)
        self.query_one("#said", Static).update(Text(shown, Style(), no_wrap=True))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.editing:
            self.post_message(self.Typed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_keep()

    def action_keep(self) -> None:
        self.post_message(self.Left(kept=True))

    def action_cancel(self) -> None:
        self.post_message(self.Left(kept=False))

    def action_grammar(self) -> None:
        self.post_message(self.Grammar())
