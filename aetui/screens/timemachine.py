"""Screen 7: scrub through the training."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from aetui import keys
from aetui.screens.page import Page


class TimeMachineScreen(Page):
    """Scrub through the training."""

    where = "timemachine"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("timemachine")]
    DEFAULT_CSS = """
    Page #body { height: 1fr; }
    """

    def body(self) -> ComposeResult:
        yield Static("", id="body", markup=False)

    def entries_changed(self) -> None:
        """Nothing is shown yet."""
