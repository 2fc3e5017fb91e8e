"""A question before something is done to runs: yes, no, or only to the one under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, cast

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from aetui import keys
from aetui.screens.modal import Modal
from aetui.terminal.outside_text import plain, short_name
from aetui.widgets.dialog import Dialog

Reply = Literal["all", "one", ""]

_MOST_LINES = 12


class ConfirmScreen(Modal[Reply]):
    """Dismissed with ``all``, ``one`` (where that is offered) or "" for no.

    title: the question. lines: what it is about, a line each; texts from outside. one: the run under the cursor, where
    the question could be about it alone, or "".
    """

    where = "confirm"
    CSS_PATH = "confirm.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(where)]

    def __init__(
        self, title: str, lines: Sequence[str], *, one: str = "", note: str = "", unicode: bool = True
    ) -> None:
        super().__init__()
        self._title = title
        self._lines = [plain(line, unicode=unicode) for line in lines]
        self._one = short_name(one, 40, unicode=unicode)
        self._note = note

    def compose(self) -> ComposeResult:
        with Dialog() as dialog:
            dialog.border_title = plain(self._title)
            yield Static(self._text(), id="question")

    def _text(self) -> Text:
        shown = self._lines if len(self._lines) <= _MOST_LINES else self._lines[: _MOST_LINES - 1]
        text = Text("".join(f"  {line}\n" for line in shown))
        if len(shown) < len(self._lines):
            text.append(f"  and {len(self._lines) - len(shown)} more\n")
        if self._note:
            text.append(f"\n{self._note}\n", Style(dim=True))
        text.append("\n")
        answers = [("y", "yes", "all"), *([("o", f"only {self._one}", "one")] if self._one else []), ("n", "no", "")]
        for name, words, reply in answers:
            click = Style.from_meta({"@click": f"screen.answer('{reply}')"})
            text.append(f" {name} ", Style(bold=True, reverse=True) + click)
            text.append(f" {words}   ", click)
        return text

    def action_answer(self, reply: str) -> None:
        if reply != "one" or self._one:
            self.dismiss(cast("Reply", reply))
