"""``FactLine``: a line of text about what is drawn; it may come from outside, and is cut to the width."""

from __future__ import annotations

from rich.text import Text
from textual.widget import Widget

from aetui.paint.look import Look
from aetui.terminal.outside_text import plain


class FactLine(Widget):
    """``say(text)`` shows a text from now on; of several parts those that do not fit are left out, the last first."""

    DEFAULT_CSS = """
    FactLine { height: 1; width: 1fr; color: $text-muted; }
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
        look = getattr(self.app, "look", None)
        unicode = look.unicode if isinstance(look, Look) else True
        line = ""
        for part in (plain(part, unicode=unicode) for part in self._parts if part):
            longer = f"{line}  {part}" if line else part
            if line and len(longer) > self.size.width:
                break
            line = longer
        return Text(plain(line, max(1, self.size.width), unicode=unicode), no_wrap=True)
