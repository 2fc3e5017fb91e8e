"""``RunTable``: the runs, one per line, with a cursor and marks; scrolls by itself, without bars."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from aetui.columns import table
from aetui.entries import Entry

_MARK_WIDTH = 2


class RunTable(Widget, can_focus=True):
    """``show(entries, cursor, marked)``; arrow keys, mouse and wheel move the cursor."""

    DEFAULT_CSS = """
    RunTable { height: 1fr; width: 1fr; }
    """
    BINDINGS: list[BindingType] = [  # noqa: RUF012
        ("up,k", "move(-1)"),
        ("down,j", "move(1)"),
        ("pageup", "move_page(-1)"),
        ("pagedown", "move_page(1)"),
        ("home", "move(-1000000)"),
        ("end", "move(1000000)"),
    ]

    class Moved(Message):
        """The cursor is on another run now."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    class Opened(Message):
        """A double click."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._entries: Sequence[Entry] = ()
        self._marked: Sequence[Path] = ()
        self._cursor = 0
        self._top = 0
        self._unicode = True
        self._lines: list[Text] = []

    def show(self, entries: Sequence[Entry], cursor: Path | None, marked: Sequence[Path], *, unicode: bool) -> None:
        """Show ``entries``, the cursor on the one with the path ``cursor``."""
        paths = [entry.path for entry in entries]
        self._entries, self._marked, self._unicode = entries, marked, unicode
        self._cursor = paths.index(cursor) if cursor in paths else 0
        self._paint()

    def on_resize(self, event: events.Resize) -> None:
        self._paint()

    def _paint(self) -> None:
        before, self._lines = self._lines, self._render_lines()
        if len(before) != len(self._lines):
            self.refresh()
            return
        for y, (old, new) in enumerate(zip(before, self._lines, strict=True)):
            if old != new or old.spans != new.spans or old.style != new.style:
                self.refresh(Region(0, y, self.size.width, 1))

    def _render_lines(self) -> list[Text]:
        width, height = self.size
        rows = max(1, height - 1)
        self._top = max(0, min(self._top, self._cursor, len(self._entries) - rows), self._cursor - rows + 1)
        heading, *texts = table(list(self._entries), max(1, width - _MARK_WIDTH), unicode=self._unicode)
        lines = [Text(" " * _MARK_WIDTH + heading, Style(bold=True), no_wrap=True)]
        shown = slice(self._top, self._top + rows)
        for i, text in list(enumerate(texts))[shown]:
            mark = self._mark(i)
            style = Style(reverse=True) if i == self._cursor else Style()
            lines.append(Text(f"{mark} {text}".ljust(width), style, no_wrap=True))
        return lines

    def _mark(self, i: int) -> str:
        if self._entries[i].path in self._marked:
            return "●" if self._unicode else "*"
        return ("›" if self._unicode else ">") if i == self._cursor else " "

    def render_line(self, y: int) -> Strip:
        if y >= len(self._lines):
            return Strip.blank(self.size.width, self.rich_style)
        segments = list(self._lines[y].render(self.app.console))
        strip = Strip([segment for segment in segments if segment.text]).apply_style(self.rich_style)
        return strip.adjust_cell_length(self.size.width, self.rich_style)

    def action_move(self, by: int) -> None:
        if self._entries:
            at = max(0, min(len(self._entries) - 1, self._cursor + by))
            self.post_message(self.Moved(self._entries[at].path))

    def action_move_page(self, by: int) -> None:
        self.action_move(by * max(1, self.size.height - 2))

    def on_click(self, event: events.Click) -> None:
        at = self._top + event.y - 1
        if event.y > 0 and at < len(self._entries):
            self.post_message(self.Moved(self._entries[at].path))
            if event.chain == 2:
                self.post_message(self.Opened())

    def on_mouse_scroll_down(self) -> None:
        self.action_move(1)

    def on_mouse_scroll_up(self) -> None:
        self.action_move(-1)
