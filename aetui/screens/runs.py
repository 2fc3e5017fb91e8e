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
from aetui.follow.entries import Entry
from aetui.paint.series import Series
from aetui.runs.run_facts import details
from aetui.runs.run_summary import Summary
from aetui.screens.details import DetailsScreen
from aetui.screens.run_choice import RunChoice
from aetui.screens.run_texts import EMPTY, NOTHING_PASSES, about, clipped, wrapped
from aetui.terminal.outside_text import plain, short_name
from aetui.widgets.chart import Chart
from aetui.widgets.filter_line import FilterLine
from aetui.widgets.run_table import RunTable, Shown

_FRAME_ROWS = 7
_PREVIEW_ROWS = 9
_DETAILS_FROM = 14
_FAR_APART = 20
_SHORT_NAME, _LONG_NAME = 12, 28
"""The least and the most cells of a run's name in the legend."""
_SIDE_BY_SIDE = 130
"""So many columns have room for the details beside the curve, and for more of them."""


class RunsScreen(RunChoice):
    """The table of all runs, with the selected one spelled out below."""

    where = "runs"
    CSS_PATH = "runs.tcss"
    AUTO_FOCUS = ""  # the only thing that could take the focus is the filter's line, which is not always there
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("runs")]

    def __init__(self) -> None:
        super().__init__()
        self._drawn: tuple[object, ...] | None = None
        self._kept: list[Entry] = []
        self._said: tuple[object, ...] = ()
        self._summary = Summary()

    def body(self) -> ComposeResult:
        yield FilterLine()
        yield Static("", id="empty", markup=False)
        yield RunTable(id="table")
        with Container(id="below"):
            yield Chart(id="preview")
            yield Static("", id="details", markup=False)

    # What is shown

    def entries_changed(self) -> None:
        self.choose_shown()
        self._say_why_empty()
        if not self._shown:
            return
        self._share_rows(len(self._shown))
        self._show_table()
        self._show_details()

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
        chart = self.query_one(Chart)
        drawn = ((one.path, id(one.series), self.ui.selection.colour_of(one)) for one in subjects)
        key = (*drawn, self.ui.look, chart.size.width)
        if key != self._drawn:
            self._drawn, self._kept = key, subjects
            series = preview(subjects, self.ui, chart.size.width)
            bundles = all(one.state == "bundle" for one in subjects)
            chart.empty = "a bundle has no curves: enter shows its pictures" if bundles else "nothing logged yet"
            chart.log_y = len(subjects) > 1 and far_apart(subjects)
            chart.set_series(series)

    def _show_details(self) -> None:
        """As many lines of it as there are rows; beside the curve also the options and the evaluation."""
        entry, pane = self.entry(), self.query_one("#details", Static)
        if entry is None:
            return
        selection, ui = self.ui.selection, self.ui
        baseline = next((one for one in ui.entries if one.path == selection.baseline), None)
        wide = self.query_one("#below").has_class("wide") and self.query_one("#below").has_class("roomy")
        lines = details(entry, baseline)
        if wide:
            lines = [*lines, *self._summary.lines(entry, ui.marked_entries())]
        said = (lines, wide, self.size, ui.look)
        if said != self._said:  # an update lays the whole screen out
            self._said = said
            unicode = ui.look.unicode
            pane.update(
                wrapped(lines, unicode=unicode) if wide else clipped(lines, self.size.width - 2, unicode=unicode)
            )

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.update)

    def describe(self, entry: Entry | None) -> str:
        return about(self.ui.entries, self._shown, self.ui.selection.marked, self._order, self._filter.text)

    def copied(self) -> str:
        """The table, with tabs between its columns, for a spreadsheet."""
        return self.query_one(RunTable).text() if self._shown else ""

    def action_details(self) -> None:
        entry = self.entry()
        if entry is not None:
            marked = self.ui.marked_entries()
            title, parts = self._summary.everything(entry, marked)
            self.app.push_screen(DetailsScreen(title, parts, unicode=self.ui.look.unicode))


def far_apart(subjects: Sequence[Entry]) -> bool:
    """Losses of so different a size that on a linear axis some of them would lie on its ground."""
    losses = [entry.loss for entry in subjects if entry.loss is not None]
    return bool(losses) and min(losses) > 0 and max(losses) > _FAR_APART * min(losses)


def preview(subjects: Sequence[Entry], ui: Any, columns: int) -> list[Series]:
    """The loss of each run in its colour: on validation where it is measured; of a single run also on train.

    columns: for the legend, where each name gets its share.
    """
    made, share = [], max(_SHORT_NAME, min(_LONG_NAME, columns // max(1, len(subjects)) - 4))
    for entry in subjects:
        colour, name = ui.selection.colour_of(entry), short_name(entry.name, share, unicode=ui.look.unicode)
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
