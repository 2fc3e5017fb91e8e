"""A text to read: all about a run, how marked runs differ, what a filter can say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

from aetui import keys
from aetui.run_facts import Facts
from aetui.terminal.outside_text import plain
from aetui.widgets.dialog import Dialog

if TYPE_CHECKING:
    from aetui.app import AetuiApp


class DetailsScreen(ModalScreen[None]):
    """``parts``: (title, lines) each; the texts may come from outside, and are wrapped, not cut."""

    CSS_PATH = "details.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("details")]

    def __init__(self, title: str, parts: Sequence[tuple[str, Facts]], *, unicode: bool = True) -> None:
        super().__init__()
        self._title = plain(title, 60, unicode=unicode)
        self._text = text_of_parts(parts, unicode=unicode)

    def compose(self) -> ComposeResult:
        with Dialog(can_focus=True) as dialog:
            dialog.border_title = self._title
            dialog.border_subtitle = "esc closes, arrows scroll, y copies"
            yield Static(self._text, id="details")

    def action_cancel(self) -> None:
        self.dismiss(None)

    def action_copy(self) -> None:
        cast("AetuiApp", self.app).copy(self._text.plain)


def text_of_parts(parts: Sequence[tuple[str, Facts]], *, unicode: bool) -> Text:
    """A heading per part and its lines in two columns."""
    text = Text()
    for number, (title, lines) in enumerate(parts):
        text.append("\n" if number else "")
        if title:
            text.append(f"{plain(title, unicode=unicode)}\n", Style(bold=True))
        wide = min(24, max([len(label) for label, _ in lines], default=0))
        for label, value in lines:
            shown = plain(label, unicode=unicode)
            text.append(f"  {shown:<{wide}}  " if wide else "  ", Style(dim=True))
            text.append(f"{plain(value, unicode=unicode)}\n")
    return text
