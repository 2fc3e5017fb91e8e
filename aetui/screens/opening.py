"""What is shown until the runs have been looked at: it needs none of the modules that take long to load."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from aetui.screens.page import Page


class OpeningScreen(Page):
    """The frame of screen 1 without its table."""

    where = "runs"
    BINDINGS: ClassVar[list[BindingType]] = []
    DEFAULT_CSS = """
    OpeningScreen #looking { height: 1fr; padding: 1 2; color: $text-muted; }
    """

    def body(self) -> ComposeResult:
        yield Static("looking for runs", id="looking", markup=False)

    def entries_changed(self) -> None:
        """There are none yet."""

    def places(self) -> tuple[str, ...]:
        return ()
