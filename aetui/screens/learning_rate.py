"""The dialog for another learning rate while a run trains."""

from __future__ import annotations

import math
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input, Static

from aetui import keys
from aetui.screens.modal import Modal
from aetui.terminal.outside_text import short_name
from aetui.widgets.dialog import Dialog

LARGEST = 1e6


class LearningRateScreen(Modal[float | None]):
    """Dismissed with the highest rate of the schedule from now on, or None. now: what it is, where that is known."""

    where = "rate"
    CSS_PATH = "learning_rate.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(where)]

    def __init__(self, names: list[str], now: float | None, *, unicode: bool = True) -> None:
        super().__init__()
        shown = [short_name(name, 40, unicode=unicode) for name in names[:3]]
        self._names = ", ".join(shown) + ("…" if names[3:] else "")
        self._now = now

    def compose(self) -> ComposeResult:
        with Dialog() as dialog:
            dialog.border_title = "learning rate"
            dialog.border_subtitle = "Enter sets it, esc closes"
            began = f"\nIt began with {self._now:g}." if self._now is not None else ""
            yield Static(Text(f"Highest rate of the schedule from the next step on, for\n{self._names}.{began}"))
            yield Input("" if self._now is None else f"{self._now:g}", id="rate", compact=True)
            yield Static("", id="wrong")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        _, wrong = read_rate(event.value)
        self.query_one("#wrong", Static).update(Text(wrong if event.value.strip() else ""))

    def on_input_submitted(self) -> None:
        self.action_set()

    def action_set(self) -> None:
        rate, wrong = read_rate(self.query_one(Input).value)
        if rate is None:
            self.query_one("#wrong", Static).update(Text(wrong))
        else:
            self.dismiss(rate)

    def action_cancel(self) -> None:
        self.dismiss(None)


def read_rate(text: str) -> tuple[float | None, str]:
    """(the rate, "") or (None, what is wrong with ``text``)."""
    try:
        rate = float(text)
    except ValueError:
        return None, "a rate is a number, as 0.001 or 1e-3"
    if not math.isfinite(rate) or not 0 < rate <= LARGEST:
        return None, "a rate is finite and greater than 0"
    return rate, ""
