"""Screen 1: what trains, what is done, and how to start, pause and stop it."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from aetui import keys
from aetui.columns import details
from aetui.entries import Entry
from aetui.screens.curves import chart_series
from aetui.screens.page import Page
from aetui.screens.start import StartScreen
from aetui.terminal.outside_text import outside, plain
from aetui.widgets.chart import Chart
from aetui.widgets.run_table import RunTable
from export.errors import from_os_error
from trainer.runs.control import ask
from trainer.runs.folder import RunFolder

_FRAME_ROWS = 7
_PREVIEW_ROWS = 9
_DETAILS_FROM = 14

EMPTY = """no runs in {folder}

start one here:      press n
or from a shell:     aetrain fit
                     (trains the four variants on the digits)
a run elsewhere:     aetui FOLDER
"""


class RunsScreen(Page):
    """The table of all runs, with the selected one spelled out below."""

    where = "runs"
    CSS_PATH = "runs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("runs")]

    def __init__(self) -> None:
        super().__init__()
        self._drawn: tuple[object, ...] | None = None
        self._kept: Entry | None = None

    def body(self) -> ComposeResult:
        yield Static("", id="empty", markup=False)
        yield RunTable(id="table")
        yield Chart(id="preview")
        yield Static("", id="details", markup=False)

    def entries_changed(self) -> None:
        entries, unicode = self.ui.entries, self.ui.look.unicode
        table, empty = self.query_one(RunTable), self.query_one("#empty", Static)
        table.display, empty.display = bool(entries), not entries
        self.query_one(Chart).display = self.query_one(Chart).display and bool(entries)
        if not entries:
            folder = plain(str(self.ui.sources.runs_dir.absolute()), unicode=unicode)
            empty.update(Text(EMPTY.format(folder=folder) if self.ui.looked else "looking for runs"))
            self.query_one("#details", Static).display = False
            return
        self._share_rows(len(entries))
        self.query_one("#details").display = self.size.height >= _DETAILS_FROM
        table.show(entries, self.ui.selection.path, self.ui.selection.marked, unicode=unicode)
        self.query_one("#details", Static).update(self._details(self.entry()))

    def _share_rows(self, count: int) -> None:
        """Where the table leaves enough rows, the curve of the selected run is drawn below it."""
        rows = self.size.height - _FRAME_ROWS
        preview, table, entry = self.query_one(Chart), self.query_one(RunTable), self.entry()
        preview.display = rows - count - 1 >= _PREVIEW_ROWS
        table.styles.height = count + 2 if preview.display else "1fr"
        key = None if entry is None else (entry.path, id(entry.series), self.ui.look)
        if preview.display and entry is not None and key != self._drawn:
            self._drawn, self._kept = key, entry
            preview.set_series(chart_series([entry], "loss", unicode=self.ui.look.unicode))

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.update)

    def _details(self, entry: Entry | None) -> Text:
        text = Text(no_wrap=True, end="")
        if entry is None:
            return text
        room = max(1, self.size.width - 10)
        for number, (label, value) in enumerate(details(entry)):
            text.append(("\n" if number else "") + f" {label:<6} ", Style(dim=True))
            text.append_text(outside(value, room, unicode=self.ui.look.unicode))
        return text

    def describe(self, entry: Entry | None) -> str:
        marked = len(self.ui.selection.marked)
        running = sum(found.state == "running" for found in self.ui.entries)
        count = len(self.ui.entries)
        runs = f"{count} run{'' if count == 1 else 's'}, {running} running"
        return f"{runs}, {marked} marked" if marked else runs

    def on_run_table_moved(self, message: RunTable.Moved) -> None:
        self.ui.select(message.path)

    def on_run_table_opened(self) -> None:
        self.action_open_run()

    def action_open_run(self) -> None:
        entry = self.entry()
        if entry is not None:
            self.ui.select(entry.path)
            self.ui.action_go("reconstructions" if entry.state == "bundle" else "curves")

    def action_move(self, by: int) -> None:
        path = self.query_one(RunTable).path_at(by)
        if path is not None:
            self.ui.select(path)

    def action_move_page(self, by: int) -> None:
        self.action_move(by * self.query_one(RunTable).page())

    def action_mark(self) -> None:
        entry = self.entry()
        if entry is not None:
            self.ui.selection.toggle_mark(entry.path)
            self.update()
            self.action_move(1)

    def action_unmark(self) -> None:
        self.ui.selection.marked.clear()
        self.update()

    def action_pause(self) -> None:
        entry = self.entry()
        if entry is not None:
            self._ask_trainer(entry, "unpause" if entry.state == "paused" else "pause")

    def action_stop(self) -> None:
        entry = self.entry()
        if entry is not None:
            self._ask_trainer(entry, "stop")

    def _ask_trainer(self, entry: Entry, verb: str) -> None:
        """Only a run that trains can answer; the others get told so."""
        name = plain(entry.name, 30)
        if entry.state not in ("running", "paused"):
            self.notify(f"{name} is {entry.state}: nothing to {verb}", markup=False, severity="warning")
            return
        try:
            ask(RunFolder(entry.path), verb)
        except OSError as error:
            self.ui.tell(from_os_error(error))
            return
        self.notify(f"asked {name} to {verb}", markup=False)

    def action_new_run(self) -> None:
        self.app.push_screen(StartScreen(self.ui.sources.runs_dir), self._started)

    def _started(self, name: str | None) -> None:
        if name:
            self.notify(name, title="started", markup=False)
