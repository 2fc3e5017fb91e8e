"""``RunTable``: the runs, one per line, with a cursor, marks and colours; scrolls by itself, without bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from aetui.follow.entries import Entry
from aetui.jump import Target
from aetui.paint.colours import series_colour
from aetui.paint.look import Look
from aetui.runs.columns import COLUMNS, GAP, TITLES, Layout, cells, lay_out, names_say_variants, row_texts
from aetui.runs.sorting import SORTABLE, Order
from aetui.terminal.outside_text import plain
from aetui.terminal.styles import cell_style, rich_colour

_LEAD = 3
"""Cells before the name: the cursor or the baseline's mark, the run's colour, a space."""

_STATE = next(i for i, column in enumerate(COLUMNS) if column.title == "state")
_GREEN, _YELLOW, _RED = (114, 28, 10, 2), (220, 136, 11, 3), (203, 160, 9, 1)
_STATE_COLOURS = {"running": _GREEN, "paused": _YELLOW, "failed": _RED, "stale": _RED, "unreadable": _RED}
"""State → the palette colour of its word: on dark, on light, and the same of 16 colours; others are plain text."""

Line = tuple[tuple[str, Style], ...]


@dataclass(frozen=True)
class Shown:
    """What the table shows besides the runs. cursor, baseline: paths. colours: path → series colour, 0 …

    skip: columns after the name that are passed over, for narrow terminals.
    """

    cursor: Path | None = None
    marked: frozenset[Path] = frozenset()
    baseline: Entry | None = None
    colours: Mapping[Path, int] = field(default_factory=dict)
    order: Order = field(default_factory=Order)
    skip: int = 0
    look: Look = field(default_factory=Look)


class RunTable(Widget):
    """``show(entries, shown)`` shows them; mouse and wheel ask with messages for another cursor, mark or order."""

    DEFAULT_CSS = """
    RunTable { height: 1fr; width: 1fr; }
    """

    class Moved(Message):
        """The cursor is to go to another run."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    class Opened(Message):
        """A double click."""

    class Marked(Moved):
        """A click on a run's mark."""

    class Sorted(Message):
        """A click on a heading: the title of its column."""

        def __init__(self, title: str) -> None:
            super().__init__()
            self.title = title

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._entries: Sequence[Entry] = ()
        self._shown = Shown()
        self._rows: dict[Path, tuple[Entry, tuple[object, ...], tuple[str, ...]]] = {}
        self._layout = Layout((0,), tuple(len(column.title) for column in COLUMNS), 0)
        self._cursor = 0
        self._top = 0
        self._lines: list[Line] = []

    @property
    def cursor(self) -> int:
        """The place of the run under the cursor, from 0."""
        return self._cursor

    @property
    def hidden(self) -> int:
        """How many columns have something to say, but no room."""
        return self._layout.hidden

    def show(self, entries: Sequence[Entry], shown: Shown) -> None:
        """Show ``entries`` in their order, the cursor on ``shown.cursor`` (or where it was, if that is gone)."""
        at = next((i for i, entry in enumerate(entries) if entry.path == shown.cursor), self._cursor)
        self._entries, self._shown = entries, shown
        self._cursor = max(0, min(at, len(entries) - 1))
        self._paint()

    def on_resize(self, event: events.Resize) -> None:
        self._paint()

    def _paint(self) -> None:
        """Write all lines anew, and have those drawn that differ from before."""
        before, self._lines = self._lines, self._written()
        if len(before) != len(self._lines):
            self.refresh()
            return
        for y, (old, new) in enumerate(zip(before, self._lines, strict=True)):
            if old != new:
                self.refresh(Region(0, y, self.size.width, 1))

    def _written(self) -> list[Line]:
        """What stands in each row of the widget, and how."""
        width, height = self.size
        rows = max(1, height - 1)
        self._top = max(0, min(self._top, self._cursor, len(self._entries) - rows), self._cursor - rows + 1)
        texts = self._texts()
        room = max(1, width - _LEAD)
        said = names_say_variants(self._entries)
        self._layout = lay_out(texts, room, titles=self._titles(), name_says_variant=said, skip=self._shown.skip)
        lines = [self._heading(width)]
        lines += [self._line(i, texts[i]) for i in range(self._top, min(self._top + rows, len(texts)))]
        return lines

    def _texts(self) -> list[tuple[str, ...]]:
        """The cells of every run; those that did not change are kept."""
        kept, found = self._rows, []
        self._rows = {}
        context = (self._shown.baseline and (self._shown.baseline.path, self._shown.baseline.loss), self._shown.look)
        for entry in self._entries:
            before = kept.get(entry.path)
            facts = (*_facts(entry), context)
            if before is None or before[0].series is not entry.series or before[1] != facts:
                texts = row_texts(entry, unicode=self._shown.look.unicode, baseline=self._shown.baseline)
                before = (entry, facts, texts)
            self._rows[entry.path] = before
            found.append(before[2])
        return found

    def _titles(self) -> list[str]:
        order = self._shown.order
        arrow = ("▼" if order.descending else "▲") if self._shown.look.unicode else (" v" if order.descending else " ^")
        return [f"{title}{arrow}" if title == order.by else title for title in TITLES]

    def _heading(self, width: int) -> Line:
        """The titles; the one that the runs are sorted by with an arrow. ``+2`` at the end: so many are hidden."""
        unicode = self._shown.look.unicode
        parts: list[tuple[str, Style]] = [(" " * _LEAD, Style())]
        for text in cells(self._titles(), self._layout, unicode=unicode):
            parts += [(text, Style(bold=True)), (" " * GAP, Style())]
        used = sum(len(text) for text, _ in parts)
        more = f"+{self.hidden}"
        if self.hidden and used - GAP + len(more) + 1 <= width:
            parts.append((" " * (width - used - len(more)), Style()))
            parts.append((more, Style(dim=True)))
        return tuple(parts)

    def _line(self, i: int, texts: tuple[str, ...]) -> Line:
        entry, look = self._entries[i], self._shown.look
        here = Style(reverse=True) if i == self._cursor else Style()
        parts = [(self._sign(i), Style(bold=True)), self._swatch(entry), (" ", Style())]
        for place, (column, text) in enumerate(
            zip(self._layout.shown, cells(texts, self._layout, unicode=look.unicode), strict=True)
        ):
            style = _state_style(entry.state, look) if column == _STATE and not here else here
            parts += [(" " * GAP if place else "", here), (text, style)]
        return tuple(parts)

    def _sign(self, i: int) -> str:
        baseline, unicode = self._shown.baseline, self._shown.look.unicode
        if baseline is not None and self._entries[i].path == baseline.path:
            return "◆" if unicode else "="
        return ("›" if unicode else ">") if i == self._cursor else " "

    def _swatch(self, entry: Entry) -> tuple[str, Style]:
        """The run's mark, in the colour of its curve: full where it is marked."""
        marked, look = entry.path in self._shown.marked, self._shown.look
        sign = ("●" if marked else "○") if look.unicode else ("*" if marked else "o")
        colour = series_colour(self._shown.colours.get(entry.path, 0), look)
        return sign, cell_style(colour, -1) + Style(bold=marked)

    def render_line(self, y: int) -> Strip:
        line = self._lines[y] if y < len(self._lines) else ()
        base = self.rich_style
        here = bool(line) and y == self._cursor - self._top + 1
        end = base + Style(reverse=True) if here else base
        strip = Strip([Segment(text, base + style) for text, style in line if text])
        return strip.adjust_cell_length(self.size.width, end)

    def path_at(self, by: int) -> Path | None:
        """The run ``by`` lines below the cursor, or the last one before the end; None where there is none."""
        if not self._entries:
            return None
        return self._entries[max(0, min(len(self._entries) - 1, self._cursor + by))].path

    def page(self) -> int:
        """How many runs are seen at a time."""
        return max(1, self.size.height - 2)

    def text(self) -> str:
        """The whole table as text, for the clipboard."""
        rows = [TITLES, *(self._rows[entry.path][2] for entry in self._entries if entry.path in self._rows)]
        return "\n".join("\t".join(plain(text) for text in row) for row in rows)

    # Mouse and jumping

    def on_click(self, event: events.Click) -> None:
        at = self._top + event.y - 1
        if event.y == 0:
            title = self._title_at(event.x)
            if title:
                self.post_message(self.Sorted(title))
        elif at < len(self._entries):
            path = self._entries[at].path
            if event.x < _LEAD:
                self.post_message(self.Marked(path))
                return
            self._go_to(path)
            if event.chain == 2:
                self.post_message(self.Opened())

    def _title_at(self, x: int) -> str:
        start = _LEAD
        for i in self._layout.shown:
            start += self._layout.widths[i] + GAP
            if x < start:
                return COLUMNS[i].title if COLUMNS[i] in SORTABLE else ""
        return ""

    def on_mouse_scroll_down(self) -> None:
        self._scroll(1)

    def on_mouse_scroll_up(self) -> None:
        self._scroll(-1)

    def _scroll(self, by: int) -> None:
        path = self.path_at(by)
        if path is not None:
            self._go_to(path)

    def jump_targets(self) -> list[Target]:
        """Every run that is seen."""
        x, y = self.region.offset
        seen = self._entries[self._top : self._top + len(self._lines) - 1]
        return [Target(x, y + 1 + row, partial(self._go_to, entry.path)) for row, entry in enumerate(seen)]

    def _go_to(self, path: Path) -> None:
        self.post_message(self.Moved(path))


def _state_style(state: str, look: Look) -> Style:
    colours = _STATE_COLOURS.get(state)
    if colours is None or look.depth == "mono":
        return Style()
    return Style(color=rich_colour(colours[(not look.dark) + 2 * (look.depth == "16")]))


def _facts(entry: Entry) -> tuple[object, ...]:
    """Everything of an entry that stands in the table, but for its curve."""
    return (
        *(entry.name, entry.variant, entry.data, entry.state, entry.epoch, entry.epochs, entry.loss),
        *(entry.images_per_s, entry.eta_s, entry.device, entry.started),
    )
