"""Which runs screen 1 shows, in which order, and where its cursor and marks are."""

from __future__ import annotations

from typing import Any

from aetui.follow.entries import Entry
from aetui.runs.columns import COLUMNS
from aetui.runs.filter import ALL, FilterError, parse
from aetui.runs.sorting import SORTABLE, Order, next_order, ordered
from aetui.screens.details import DetailsScreen
from aetui.screens.run_control import RunControl
from aetui.screens.run_texts import GRAMMAR
from aetui.widgets.filter_line import FilterLine
from aetui.widgets.run_table import RunTable


class RunChoice(RunControl):
    """The actions of the keys that look at other runs, or in another order."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[Entry] = []
        self._order = Order()
        self._skip = 0
        self._filter = ALL
        self._wanted = ""
        """The filter's text as it was typed or remembered; ``_filter`` is the last one that could be read."""
        self._passed = ALL
        self._before = ""
        self._terms: frozenset[str] = frozenset()

    def choose_shown(self) -> None:
        """The runs that pass, in order, are those that are shown, and that the other screens step through."""
        self._read_filter()
        self._shown = ordered(self._passing(), self._order)
        self._keep_cursor()
        self.ui.selection.order = [entry.path for entry in self._shown] if self._is_narrowed() else []

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
        elif any(entry.path == self.awaited for entry in self.ui.entries):
            self.awaited = None
            self.ui.say("the filter hides the new run", "F shows all runs")
        if paths and selection.path not in paths:
            before = self.query_one(RunTable).cursor
            selection.path = paths[min(before, len(paths) - 1)]

    def _is_narrowed(self) -> bool:
        return self._filter is not ALL or self._order != Order()

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
