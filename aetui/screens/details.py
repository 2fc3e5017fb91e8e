"""A text to read: all about a run, how marked runs differ, what a filter can say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from aetui import keys
from aetui.runs.run_facts import Facts
from aetui.screens.modal import Modal
from aetui.terminal.outside_text import plain
from aetui.widgets.dialog import Dialog

if TYPE_CHECKING:
    from aetui.app import AetuiApp


class DetailsScreen(Modal[None]):
    """``parts``: (title, lines) each; the texts may come from outside, and are wrapped, not cut."""

    where = "details"
    CSS_PATH = "details.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(where)]

    def __init__(self, title: str, parts: Sequence[tuple[str, Facts]], *, unicode: bool = True) -> None:
        super().__init__()
        self._title = plain(title, 60, unicode=unicode)
        self._parts = [
            (plain(part, unicode=unicode), [(plain(a, unicode=unicode), plain(b, unicode=unicode)) for a, b in lines])
            for part, lines in parts
        ]

    def compose(self) -> ComposeResult:
        with Dialog(can_focus=True) as dialog:
            dialog.border_title = self._title
            dialog.border_subtitle = "esc closes, arrows scroll, y copies"
            yield Static(laid_out(self._parts), id="details")

    def action_cancel(self) -> None:
        self.dismiss(None)

    def action_copy(self) -> None:
        cast("AetuiApp", self.app).copy(as_text(self._parts))


def laid_out(parts: Sequence[tuple[str, Facts]]) -> Table:
    """A heading per part and its lines in two columns, long ones wrapped within theirs."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, max_width=26)
    grid.add_column(overflow="fold")
    for number, (title, lines) in enumerate(parts):
        if number:
            grid.add_row("", "")
        if title:
            grid.add_row(Text(title, Style(bold=True), overflow="ignore"), "")
        for label, value in lines:
            grid.add_row(Text(f"  {label}" if label else "", Style(dim=True)), Text(value))
    return grid


def as_text(parts: Sequence[tuple[str, Facts]]) -> str:
    """The same for the clipboard."""
    return "\n".join(
        line for title, lines in parts for line in ([title] if title else []) + [f"  {a}\t{b}" for a, b in lines]
    )
