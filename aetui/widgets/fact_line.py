"""``FactLine``: a line of text about what is drawn; it may come from outside, and is cut to the width."""

from __future__ import annotations

from rich.text import Text

from aetui.terminal.outside_text import plain
from aetui.widgets.bars import Bar


class FactLine(Bar):
    """``say(text)`` shows a text from now on; of several parts those that do not fit are left out, the last first."""

    DEFAULT_CSS = """
    FactLine { color: $text-muted; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._parts: tuple[str, ...] = ()

    def say(self, *parts: str) -> None:
        """The most important part first."""
        if parts != self._parts:
            self._parts = parts
            self.refresh()

    def render(self) -> Text:
        line = ""
        for part in (plain(part, unicode=self.unicode) for part in self._parts if part):
            longer = f"{line}  {part}" if line else part
            if line and len(longer) > self.size.width:
                break
            line = longer
        return Text(plain(line, max(1, self.size.width), unicode=self.unicode), no_wrap=True)
