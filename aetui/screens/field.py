"""Screen 6: where the network moves an image."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from aetui import keys
from aetui.screens.page import Page


class FieldScreen(Page):
    """Where the network moves an image."""

    where = "field"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("field")]
    DEFAULT_CSS = """
    Page #body { height: 1fr; }
    """

    def body(self) -> ComposeResult:
        yield Static("", id="body", markup=False)

    def entries_changed(self) -> None:
        """Nothing is shown yet."""
