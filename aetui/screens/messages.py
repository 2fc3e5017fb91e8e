"""``e``: everything that was told since the start, whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from aetui import keys
from aetui.screens.modal import Modal
from aetui.widgets.dialog import Dialog

if TYPE_CHECKING:
    from aetui.app import AetuiApp

NOTHING = "Nothing was told yet. Errors and what they mean are kept here."


class MessagesScreen(Modal[None]):
    """The messages, newest first."""

    where = "messages"
    CSS_PATH = "messages.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(where)]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        with Dialog(can_focus=True) as dialog:
            dialog.border_title = "messages"
            dialog.border_subtitle = "esc closes, arrows scroll, y copies"
            yield Static(Text(self._text or NOTHING), id="all")

    def action_cancel(self) -> None:
        self.dismiss(None)

    def action_copy(self) -> None:
        cast("AetuiApp", self.app).copy(self._text)
