"""Screen 1: what trains, what is done, and how to start, pause and stop it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.widgets import Static

from aetui import keys
from aetui.columns import COLUMNS
from aetui.entries import Entry
from aetui.filter import ALL, FilterError, parse
from aetui.paint.series import Series
from aetui.run_facts import details
from aetui.run_summary import Summary
from aetui.screens.details import DetailsScreen
from aetui.screens.run_control import RunControl
from aetui.screens.run_texts import EMPTY, GRAMMAR, NOTHING_PASSES, about, clipped, wrapped
from aetui.sorting import SORTABLE, Order, next_order, ordered
from aetui.terminal.outside_text import plain
from aetui.widgets.bars import KeyBar
from aetui.widgets.chart import Chart
from aetui.widgets.filter_line import FilterLine
from aetui.widgets.run_table import RunTable, Shown

_FRAME_ROWS = 7
_PREVIEW_ROWS = 9
_DETAILS_FROM = 14
_FAR_APART = 20
_SIDE_BY_SIDE = 130
"""So many columns have room for the details beside the curve, and for more of them."""


class RunsScreen(RunControl):
    """The table of all runs, with the selected one spelled out below."""

    where = "runs"
    CSS_PATH = "runs.tcss"
    AUTO_FOCUS = ""  # the only thing that could take the focus is the filter's line, which is not always there
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("runs")]

    def __init__(self) -> None:
        super().__init__()
        self._drawn: tuple[object, ...] | None = None
        self._kept: list[Entry] = []
        self._shown: list[Entry] = []
        self._order = Order()
        self._skip = 0
        self._filter = ALL
        self._wanted = ""
        """The filter's text as it was typed or remembered; ``_filter`` is the last one that could be read."""
        self._passed = ALL
        self._before = ""
        self._terms: frozenset[str] = frozenset()
        self._summary = Summary()

    def body(self) -> ComposeResult:
        yield FilterLine()
        yield Static("", id="empty", markup=False)
        yield RunTable(id="table")
        with Container(id="below"):
            yield Chart(id="preview")
            yield Static("", id="details", markup=False)

    def places(self) -> tuple[str, ...]:
        line = self.query(FilterLine)
        return ("filter",) if line and line.first().editing else (self.where,)

    # What is shown

    def entries_changed(self) -> None:
        self._read_filter()
        self._shown = ordered(self._passing(), self._order)
        self._keep_cursor()
        self.ui.selection.order = [entry.path for entry in self._shown] if self._is_narrowed() else []
        self._say_why_empty()
        if not self._shown:
            return
        self._share_rows(len(self._shown))
        self._show_table()
        self._show_details()

    def _passing(self) -> list[Entry]:
        """The runs that pass; while the filter is being typed, those that passed last where none does: ``loss<1``
        begins as a word that no run has."""
        for text in (self._filter, self._passed) if self.query_one(FilterLine).editing else (self._filter,):
            found = [entry for entry in self.ui.entries if text.matches(entry)]
            if found:
                self._passed = text
                return found
        return []

    def _keep_cursor(self) -> None:
        """The run under the cursor is one that is shown: where it went, the one that took its place."""
        selection, paths = self.ui.selection, [entry.path for entry in self._shown]
        if self.awaited in paths:
            selection.path, selection.chosen, self.awaited = self.awaited, True, None
        if paths and selection.path not in paths:
            before = self.query_one(RunTable).cursor
            selection.path = paths[min(before, len(paths) - 1)]

    def _is_narrowed(self) -> bool:
        return self._filter is not ALL or self._order != Order()

    def _say_why_empty(self) -> None:
        some = bool(self._shown)
        self.query_one(RunTable).display = some
        self.query_one("#below").display = some
        empty = self.query_one("#empty", Static)
        empty.display = not some
        if not some:
            unicode = self.ui.look.unicode
            if self.ui.entries:
                text = NOTHING_PASSES.format(
                    count=len(self.ui.entries), filter=plain(self._filter.text, unicode=unicode)
                )
            else:
                folder = plain(str(self.ui.sources.runs_dir.absolute()), unicode=unicode)
                text = EMPTY.format(folder=folder) if self.ui.looked else "looking for runs"
            empty.update(Text(text))

    def _show_table(self) -> None:
        selection, ui = self.ui.selection, self.ui
        baseline = next((entry for entry in ui.entries if entry.path == selection.baseline), None)
        colours = {entry.path: selection.colour_of(entry) for entry in self._shown}
        shown = Shown(
            selection.path, frozenset(selection.marked), baseline, colours, self._order, self._skip, look=ui.look
        )
        self.query_one(RunTable).show(self._shown, shown)

    def _share_rows(self, count: int) -> None:
        """Where the table leaves enough rows, the curves of the run (or the marked ones) are drawn below it."""
        typing = 2 if self.query_one(FilterLine).editing else 0
        rows = self.size.height - _FRAME_ROWS - typing
        wide = self.size.width >= _SIDE_BY_SIDE
        table, below, preview = self.query_one(RunTable), self.query_one("#below"), self.query_one(Chart)
        least = _PREVIEW_ROWS - (3 if wide else 0)
        table_rows = min(count + 2, max(rows // 2, rows - 2 * least)) if rows >= 3 * least else count + 2
        preview.display = rows - table_rows + 1 >= least
        below.set_class(wide, "wide")
        below.set_class(preview.display, "roomy")
        table.styles.height = table_rows if preview.display else "1fr"
        self.query_one("#details").display = self.size.height >= _DETAILS_FROM
        if preview.display:
            self._draw_preview()

    def _draw_preview(self) -> None:
        entry = self.entry()
        subjects = self.ui.marked_entries() or ([entry] if entry is not None else [])
        key = (*((one.path, id(one.series), self.ui.selection.colour_of(one)) for one in subjects), self.ui.look)
        if key != self._drawn:
            self._drawn, self._kept = key, subjects
            chart, series = self.query_one(Chart), preview(subjects, self.ui)
            chart.log_y = len(subjects) > 1 and far_apart(subjects)
            chart.set_series(series)

    def _show_details(self) -> None:
        """As many lines of it as there are rows; beside the curve also the options and the evaluation."""
        entry, pane = self.entry(), self.query_one("#details", Static)
        if entry is None:
            pane.update("")
            return
        selection, ui = self.ui.selection, self.ui
        baseline = next((one for one in ui.entries if one.path == selection.baseline), None)
        wide = self.query_one("#below").has_class("wide") and self.query_one("#below").has_class("roomy")
        lines = details(entry, baseline)
        if wide:
            lines = [*lines, *self._summary.lines(entry, ui.marked_entries())]
            pane.update(wrapped(lines, unicode=ui.look.unicode))
        else:
            pane.update(clipped(lines, self.size.width - 2, unicode=ui.look.unicode))

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.update)

    def describe(self, entry: Entry | None) -> str:
        return about(self.ui.entries, self._shown, self.ui.selection.marked, self._order, self._filter.text)

    def copied(self) -> str:
        """The table, with tabs between its columns, for a spreadsheet."""
        return self.query_one(RunTable).text() if self._shown else ""

    # The filter

    def _read_filter(self) -> FilterError | None:
        """Read what is wanted, where that is new, or the logged terms are; the last good one stays where it is bad."""
        terms = frozenset(term for entry in self.ui.entries for term in entry.terms())
        if self._wanted == self._filter.text and terms <= self._terms:
            return None
        self._terms = terms | self._terms
        try:
            self._filter = parse(self._wanted, self._terms)
        except FilterError as error:
            return error
        return None

    def action_filter(self) -> None:
        self._before = self._filter.text
        self.query_one(FilterLine).edit(self._before)
        self._filter_typed(self._before)
        self.query_one(KeyBar).refresh()

    def on_filter_line_typed(self, message: FilterLine.Typed) -> None:
        self._filter_typed(message.text)

    def _filter_typed(self, text: str) -> None:
        self._wanted = text
        error = self._read_filter()
        self.update()
        line = self.query_one(FilterLine)
        if error is not None:
            line.say(str(error), error.at)
        else:
            count = len(self._shown) if self._passed is self._filter else 0
            line.say(f"{count} of {len(self.ui.entries)} runs   (F1: what a filter can say)")

    def on_filter_line_left(self, message: FilterLine.Left) -> None:
        self.query_one(FilterLine).close()
        self.set_focus(None)
        self.set_filter(self._filter.text if message.kept else self._before)
        self.query_one(KeyBar).refresh()

    def on_filter_line_grammar(self) -> None:
        self.app.push_screen(DetailsScreen("filter", GRAMMAR, unicode=self.ui.look.unicode))

    def set_filter(self, text: str) -> None:
        """Show the runs that pass; a text that cannot be read changes nothing."""
        self._wanted = text
        if self._read_filter() is not None:
            self._wanted = self._filter.text
        self.update()

    def action_clear_filter(self) -> None:
        self.set_filter("")

    # The cursor, the marks, the order

    def on_run_table_moved(self, message: RunTable.Moved) -> None:
        self.ui.select(message.path)

    def on_run_table_opened(self) -> None:
        self.action_open_run()

    def on_run_table_marked(self, message: RunTable.Marked) -> None:
        self.ui.selection.toggle_mark(message.path)
        self.update()

    def on_run_table_sorted(self, message: RunTable.Sorted) -> None:
        """A second click on a heading turns the order round."""
        if message.title == self._order.by:
            self.action_reverse()
        else:
            column = next(column for column in SORTABLE if column.title == message.title)
            self._sort(Order(column.title, column.descending))

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

    def action_mark_all(self) -> None:
        marked = self.ui.selection.marked
        marked += [entry.path for entry in self._shown if entry.path not in marked]
        self.update()

    def action_unmark(self) -> None:
        self.ui.selection.marked.clear()
        self.update()

    def action_baseline(self) -> None:
        entry = self.entry()
        if entry is not None:
            self.ui.selection.toggle_baseline(entry.path)
            self.update()

    def action_sort(self, by: int) -> None:
        self._sort(next_order(self._order, by))

    def action_reverse(self) -> None:
        self._sort(Order(self._order.by, not self._order.descending))

    def _sort(self, order: Order) -> None:
        self._order = order
        self.update()

    def action_columns(self, by: int) -> None:
        """Columns that have no room come in from the right, or those on the left come back."""
        if by < 0 or self.query_one(RunTable).hidden > self._skip:
            self._skip = max(0, self._skip + by)
            self.update()

    def action_details(self) -> None:
        entry = self.entry()
        if entry is not None:
            marked = self.ui.marked_entries()
            title, parts = self._summary.everything(entry, marked)
            self.app.push_screen(DetailsScreen(title, parts, unicode=self.ui.look.unicode))

    # Remembering

    def view_state(self) -> dict[str, Any]:
        return {
            "filter": self._filter.text,
            "sort": self._order.by,
            "descending": self._order.descending,
            "skip": self._skip,
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        if isinstance(state.get("filter"), str):
            self._wanted = state["filter"]
        by, skip = state.get("sort"), state.get("skip")
        if isinstance(by, str) and (by == "" or any(column.title == by for column in SORTABLE)):
            self._order = Order(by, state.get("descending") is True)
        if isinstance(skip, int) and 0 <= skip < len(COLUMNS):
            self._skip = int(skip)


def far_apart(subjects: Sequence[Entry]) -> bool:
    """Losses of so different a size that on a linear axis some of them would lie on its ground."""
    losses = [entry.loss for entry in subjects if entry.loss is not None]
    return bool(losses) and min(losses) > 0 and max(losses) > _FAR_APART * min(losses)


def preview(subjects: Sequence[Entry], ui: Any) -> list[Series]:
    """The loss of each run in its colour: on validation where it is measured; of a single run also on train."""
    made = []
    for entry in subjects:
        colour, name = ui.selection.colour_of(entry), plain(entry.name, 28, unicode=ui.look.unicode)
        validation, train = entry.series.get(("validation", "loss")), entry.series.get(("train", "loss"))
        if len(subjects) == 1 and train is not None:
            made.append(Series(train.steps, train.values, "train", colour, faint=validation is not None))
        if validation is not None:
            made.append(
                Series(validation.steps, validation.values, "validation" if len(subjects) == 1 else name, colour)
            )
        elif train is not None and len(subjects) > 1:
            made.append(Series(train.steps, train.values, f"{name} (train)", colour))
    return made
