"""``RunTable``: the runs, one per line, with a cursor and marks; scrolls by itself, without bars."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from aetui.columns import table
from aetui.entries import Entry

_MARK_WIDTH = 2


class RunTable(Widget):
    """``show(entries, cursor, marked)`` shows them; mouse and wheel ask with ``Moved`` for another cursor."""

    DEFAULT_CSS = """
    RunTable { height: 1fr; width: 1fr; }
    """

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
        self._lines: list[tuple[str, Style]] = []

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
            if old != new:
                self.refresh(Region(0, y, self.size.width, 1))

    def _render_lines(self) -> list[tuple[str, Style]]:
        """What stands in each row of the widget, and how."""
        width, height = self.size
        rows = max(1, height - 1)
        self._top = max(0, min(self._top, self._cursor, len(self._entries) - rows), self._cursor - rows + 1)
        heading, *texts = table(list(self._entries), max(1, width - _MARK_WIDTH), unicode=self._unicode)
        lines = [(" " * _MARK_WIDTH + heading, Style(bold=True))]
        for i in range(self._top, min(self._top + rows, len(texts))):
            here = i == self._cursor
            lines.append((f"{self._mark(i)} {texts[i]}", Style(reverse=True) if here else Style()))
        return lines

    def _mark(self, i: int) -> str:
        if self._entries[i].path in self._marked:
            return "●" if self._unicode else "*"
        return ("›" if self._unicode else ">") if i == self._cursor else " "

    def render_line(self, y: int) -> Strip:
        text, style = self._lines[y] if y < len(self._lines) else ("", Style())
        style = self.rich_style + style
        return Strip([Segment(text, style)]).adjust_cell_length(self.size.width, style)

    def path_at(self, by: int) -> Path | None:
        """The run ``by`` lines below the cursor, or the last one before the end; None where there is none."""
        if not self._entries:
            return None
        return self._entries[max(0, min(len(self._entries) - 1, self._cursor + by))].path

    def page(self) -> int:
        """How many runs are seen at a time."""
        return max(1, self.size.height - 2)

    def on_click(self, event: events.Click) -> None:
        at = self._top + event.y - 1
        if event.y > 0 and at < len(self._entries):
            self.post_message(self.Moved(self._entries[at].path))
            if event.chain == 2:
                self.post_message(self.Opened())

    def on_mouse_scroll_down(self) -> None:
        self._scroll(1)

    def on_mouse_scroll_up(self) -> None:
        self._scroll(-1)

    def _scroll(self, by: int) -> None:
        path = self.path_at(by)
        if path is not None:
            self.post_message(self.Moved(path))
