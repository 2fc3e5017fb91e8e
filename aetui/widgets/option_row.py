"""``OptionRow``: one option of a form: its name, its value to type or choose, and below what is wrong with it."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from aetui.runs.form_fields import DATA, Field
from aetui.terminal.outside_text import plain
from aetui.widgets.choice import Choice

_WORDS = {
    "σ²": "sigma^2",
    "σ": "sigma",
    "λ": "lambda",
    "ρ": "rho",
    "β": "beta",
    "≥": ">=",
    "≤": "<=",
    "·": "*",
    "Σ": "sum",
}
"""How the hints are written where only ASCII arrives."""


def spelled(hint: str, *, unicode: bool) -> str:
    """A docstring for this terminal."""
    if not unicode:
        for sign, word in _WORDS.items():
            hint = hint.replace(sign, word)
    return plain(hint, unicode=unicode)


class OptionRow(Vertical):
    """The widget that holds the value has the field's ``identifier``."""

    DEFAULT_CSS = """
    OptionRow { height: auto; width: 100%; }
    OptionRow Horizontal { height: 1; width: 100%; }
    OptionRow Label { width: 16; }
    OptionRow Input { width: 1fr; }
    OptionRow .wrong { width: 100%; height: auto; padding-left: 16; color: $text-error; display: none; }
    """

    def __init__(self, field: Field, value: str, *, unicode: bool = True) -> None:
        super().__init__()
        self._unicode = unicode
        self.field = field
        self._value = value
        self._said = ""

    def compose(self) -> ComposeResult:
        field = self.field
        with Horizontal():
            yield Label(field.label)
            if field.choices:
                yield Choice(field.choices, self._value, id=field.identifier)
            else:
                suggester = SuggestFromList(DATA) if field.key == "data" else None
                hint = spelled(first_sentence(field.hint), unicode=self._unicode)
                yield Input(self._value, placeholder=hint, id=field.identifier, suggester=suggester, compact=True)
        yield Static("", classes="wrong", markup=False)

    @property
    def value(self) -> str:
        """As it is typed or chosen now."""
        for widget in self.query(Input):
            return widget.value
        return self.query_one(Choice).value

    def holds(self, widget: Widget | None) -> bool:
        """Whether ``widget`` is where the value is given."""
        return widget is not None and widget.id == self.field.identifier

    def say(self, wrong: str) -> None:
        """Show what is wrong; "" for nothing."""
        if wrong != self._said:
            self._said = wrong
            below = self.query_one(".wrong", Static)
            below.update(Text(plain(wrong)))
            below.display = bool(wrong)


def first_sentence(text: str) -> str:
    """Up to the first full stop or semicolon."""
    for end in ("; ", ". "):
        text = text.partition(end)[0]
    return text.rstrip(".")
