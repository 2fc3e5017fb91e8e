"""``ChoiceBar``: one line above the curves: kind of display, loss terms, and how they are shown; a click chooses."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rich.style import Style
from rich.text import Text

from aetui.jump import Target
from aetui.paint.text import width_of
from aetui.terminal.outside_text import plain
from aetui.widgets.bars import Bar

_TERM = 24
_HERE = Style(bold=True, reverse=True)

Part = tuple[str, Style, str]
"""A text, its style, and the action of a click or nothing."""


class ChoiceBar(Bar):
    """Views on the left, terms beside them, facts on the right; where it is narrow the other terms give way first."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._views: dict[str, str] = {}
        self._view = ""
        self._terms: list[str] = []
        self._term = ""
        self._facts: list[str] = []

    def show(self, views: dict[str, str], view: str, terms: Sequence[str], term: str, facts: Sequence[str]) -> None:
        """views: titles by name; terms: [] where none is to be chosen; facts: the most important one first."""
        now = (views, view, list(terms), term, list(facts))
        if now != (self._views, self._view, self._terms, self._term, self._facts):
            self._views, self._view, self._terms, self._term, self._facts = now
            self.refresh()

    def render(self) -> Text:
        text = Text(no_wrap=True, end="")
        for label, style, action in self._parts():
            text.append(label, style + Style.from_meta({"@click": action}) if action else style)
        return text

    def jump_targets(self) -> list[Target]:
        """The kinds of display and the terms that have a place in the line."""
        x, y = self.region.offset
        found, column = [], 0
        for label, _, action in self._parts():
            if action:
                found.append(Target(x + column + 1, y, partial(self.app.run_action, action, self.screen)))
            column += width_of(label)
        return found

    def _parts(self) -> list[Part]:
        """The whole line: what is written, how, and what a click runs."""
        width = self.size.width
        parts: list[Part] = []
        for name, title in self._views.items():
            here = Style(bold=True, underline=True) if name == self._view else Style(dim=True)
            parts.append((f" {title} ", here, f"screen.show_view('{name}')"))
        if self._terms:
            parts.append(("│" if self.unicode else "|", Style(dim=True), ""))
        told = self._told(width - _width(parts))
        parts += self._term_parts(width - _width(parts) - (width_of(told) + 2 if told else 0))
        if told:
            parts.append((" " * (width - _width(parts) - width_of(told) - 1) + told, Style(dim=True), ""))
        return parts

    def _told(self, room: int) -> str:
        """As many facts as fit beside the shown term."""
        facts = list(self._facts)
        term = min(_TERM, width_of(self._term)) + 4 if self._terms else 0
        while facts and width_of(self._joined(facts)) + 2 + term > room:
            facts[-2:] = [] if len(facts) < 2 else ["…" if self.unicode else "~"]
        return self._joined(facts)

    def _joined(self, facts: Sequence[str]) -> str:
        return (" · " if self.unicode else ", ").join(facts)

    def _term_parts(self, room: int) -> list[Part]:
        """The shown term and those around it, as many as fit; "…" where there are more."""
        labels = [f" {plain(term, _TERM, unicode=self.unicode)} " for term in self._terms]
        at = self._terms.index(self._term) if self._term in self._terms else 0
        first, last = 0, len(labels)
        while last - first > 1 and sum(map(width_of, labels[first:last])) + 2 > room:
            first, last = (first + 1, last) if at - first > last - 1 - at else (first, last - 1)
        more: Part = ("…" if self.unicode else "~", Style(dim=True), "")
        shown: list[Part] = [
            (labels[place], _HERE if place == at else Style(), f"screen.show_term({place})")
            for place in range(first, last)
        ]
        return [*([more] if first else []), *shown, *([more] if last < len(labels) else [])]


def _width(parts: Sequence[Part]) -> int:
    return sum(width_of(label) for label, _, _ in parts)
