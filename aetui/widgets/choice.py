"""``Choice``: one of a few values, all of them seen; the chosen one in reverse."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from rich.text import Text
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

LEFT = "default"
"""How the empty value is written: it is left to aetrain."""


class Choice(Widget, can_focus=True):
    """``value`` is one of ``choices``; "" among them stands for the default. The form moves it with the arrow keys."""

    DEFAULT_CSS = """
    Choice { height: 1; width: 1fr; }
    Choice:focus { background: $boost; text-style: bold; }
    """

    value: reactive[str] = reactive("")

    class Changed(Message):
        """Another value."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

        @property
        def control(self) -> Choice:
            return self.choice

    def __init__(self, choices: Sequence[str], value: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.choices = tuple(choices)
        self.set_reactive(Choice.value, value)

    def step(self, by: int) -> None:
        """The next value, round the end; a value that is none becomes the first."""
        at = self.choices.index(self.value) + by if self.value in self.choices else 0
        self.value = self.choices[at % len(self.choices)]

    def watch_value(self) -> None:
        if self.is_mounted:
            self.post_message(self.Changed(self))

    def render(self) -> Text:
        text = Text(no_wrap=True, end="")
        for choice in self.choices if self.value in self.choices else (self.value, *self.choices):
            here = choice == self.value
            text.append(f"[{choice or LEFT}]" if here else f" {choice or LEFT} ", Style(reverse=here))
        return text

    def on_click(self, event: events.Click) -> None:
        start = 0
        for choice in self.choices:
            start += len(choice or LEFT) + 2
            if event.x < start:
                self.value = choice
                return
