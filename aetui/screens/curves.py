"""Screen 2: loss curves, live; one run, or the marked runs on top of each other."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import BindingType

from aetui import keys
from aetui.curves.display import Display, display, shown_term
from aetui.curves.files import save_chart, save_csv
from aetui.curves.overlay import KINDS, SPLITS, Choice, Subject, between_axes, terms_of
from aetui.curves.values import csv_text
from aetui.follow.entries import Entry
from aetui.follow.series import AXES
from aetui.paint.chart_svg import chart_svg
from aetui.paint.read_out import Table, as_text
from aetui.paint.smoothing import WEIGHTS
from aetui.screens.page import Page
from aetui.terminal.outside_text import short_name
from aetui.widgets.alert_line import AlertLine
from aetui.widgets.chart import Chart
from aetui.widgets.choice_bar import ChoiceBar
from aetui.widgets.read_out import ReadOut

_NAME = 60


class CurvesScreen(Page):
    """One term as curves, the loss as a stack of its terms, or a chart per term; in front validation, train behind."""

    where = "curves"
    CSS_PATH = "curves.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("curves")]

    def __init__(self) -> None:
        super().__init__()
        self._choice = Choice()
        self._display = display([], self._choice, (), unicode=False)
        self._shown: tuple[object, ...] = ()

    def body(self) -> ComposeResult:
        yield ChoiceBar(id="choice")
        yield Chart(id="chart")
        yield AlertLine(id="alerts")
        yield ReadOut(id="values")

    def on_mount(self) -> None:
        self._choice = Choice(weight=self.ui.settings.smoothing)
        self.chart.log_y = self.ui.settings.log_y

    @property
    def chart(self) -> Chart:
        return self.query_one(Chart)

    # What is shown

    def entries_shown(self) -> list[Entry]:
        """The marked runs, or the selected one where none is marked; and the baseline."""
        marked, entry = self.ui.marked_entries(), self.entry()
        shown = marked or ([entry] if entry is not None else [])
        pinned = [one for one in self.ui.entries if one.path == self.ui.selection.baseline and one not in shown]
        return [*shown, *pinned]

    def shown_term(self) -> str:
        """The term that was asked for, where these runs have it."""
        return shown_term(self._display.subjects, self._choice)

    def entries_changed(self) -> None:
        selection, look = self.ui.selection, self.ui.look
        subjects: list[Subject] = []
        for entry in self.entries_shown():
            name, colour = short_name(entry.name, _NAME, unicode=look.unicode), selection.colour_of(entry)
            twin = sum(one.colour == colour for one in subjects)
            subjects.append(Subject(entry, name, colour, entry.path == selection.baseline, twin))
        drawn_now = tuple((one.entry.path, id(one.entry.series), one.colour, one.baseline) for one in subjects)
        alerts = self.query_one(AlertLine)
        alerts.follow(subjects, self._choice)
        marks = tuple(at for at, _, _ in alerts.placed())
        shown = (drawn_now, look, self._choice, marks)
        if shown != self._shown:
            self._shown = shown
            self._draw(display(subjects, self._choice, marks, unicode=look.unicode))
        self._show_facts()

    def _draw(self, found: Display) -> None:
        chart, axis = self.chart, self._choice.axis
        self._display = found
        chart.x_label, chart.x_time = axis, axis == "time"
        chart.legend, chart.empty = found.legend, found.empty()
        chart.set_panels(found.panels)
        self._show_values()
        self.call_after_refresh(self._show_facts)  # how many charts fit depends on what the table takes

    def _show_values(self) -> None:
        cursor = self.chart.cursor
        table = self._display.table(cursor, self.ui.look)
        self.query_one(ReadOut).set_table(table if table.lines else Table(""), max(2, self.size.height // 4))
        self.query_one(AlertLine).point(cursor)

    def _show_facts(self) -> None:
        choice, chart = self._choice, self.chart
        subjects = self._display.subjects
        bad = sum(one.entry.bad_lines for one in subjects)
        facts = [
            f"{bad} unreadable lines" if bad else "",
            f"page {chart.shown_page() + 1}/{chart.page_count()}" if chart.page_count() > 1 else "",
            f"smooth {choice.weight:g}" if choice.weight else "",
            f"{choice.split} only" if choice.split != "both" else "",
            "log y" if chart.log_y and choice.kind != "stack" else "",
            "no outliers" if chart.robust else "",
        ]
        terms = terms_of(subjects) if choice.kind == "lines" else []
        views = {str(kind): title for kind, title in KINDS.items()}
        self.query_one(ChoiceBar).show(views, choice.kind, terms, self.shown_term(), [one for one in facts if one])

    def describe(self, entry: Entry | None) -> str:
        marked = self.ui.marked_entries()
        one = marked[0] if marked else entry
        if len(marked) > 1:
            return f"{len(marked)} marked runs"
        return f"{one.state}  {one.name}  {one.error}" if one is not None and one.error else super().describe(one)

    def on_chart_cursor_moved(self) -> None:
        self._show_values()

    def on_alert_line_found(self) -> None:
        self.update()

    def on_resize(self) -> None:
        self.call_after_refresh(self.update)
        self.call_after_refresh(self._show_values)

    # Keys: what is shown

    def _choose(self, **what: Any) -> None:
        self._choice = replace(self._choice, **what)
        self.update()

    def action_show_view(self, name: str) -> None:
        if name in KINDS:
            self.chart.page = 0
            self._choose(kind=name)

    def action_step_view(self, by: int) -> None:
        names = list(KINDS)
        self.action_show_view(names[(names.index(self._choice.kind) + by) % len(names)])

    def action_show_term(self, number: int) -> None:
        terms = terms_of(self._display.subjects)
        self._choose(term=terms[number % len(terms)])

    def action_step_term(self, by: int) -> None:
        self.action_show_term(terms_of(self._display.subjects).index(self.shown_term()) + by)

    def action_step_axis(self) -> None:
        """The next axis; the cursor and the part that is seen stay where they are in the training of the first run."""
        before, chart, subjects = self._choice.axis, self.chart, self._display.subjects
        after = AXES[(AXES.index(before) + 1) % len(AXES)]
        places = np.array([*(chart.x_range or ()), *(() if chart.cursor is None else (chart.cursor,))])
        if subjects:
            places = between_axes(subjects[0].entry, places, before, after)
        moved = [place for place in places.tolist() if math.isfinite(place)]
        zoomed, pointed = chart.x_range is not None, chart.cursor is not None
        chart.x_range = None
        self._choose(axis=after)
        whole = len(moved) == len(places)
        chart.x_range = (moved[0], moved[1]) if zoomed and whole and moved[0] < moved[1] else None
        chart.put_cursor(moved[-1] if pointed and whole else None)

    def action_step_split(self) -> None:
        self._choose(split=SPLITS[(SPLITS.index(self._choice.split) + 1) % len(SPLITS)])

    def action_smooth(self, by: int) -> None:
        nearest = min(range(len(WEIGHTS)), key=lambda place: abs(WEIGHTS[place] - self._choice.weight))
        self._choose(weight=WEIGHTS[max(0, min(nearest + by, len(WEIGHTS) - 1))])

    def action_log_y(self) -> None:
        self.chart.log_y = not self.chart.log_y
        self.update()

    def action_robust(self) -> None:
        self.chart.robust = not self.chart.robust
        self.update()

    def action_step_baseline(self) -> None:
        """None, then each of the shown runs."""
        paths = [None, *(one.entry.path for one in self._display.subjects)]
        selection = self.ui.selection
        selection.baseline = paths[(paths.index(selection.baseline) + 1) % len(paths)]
        self.update()

    # Keys: which part is seen

    def action_move_cursor(self, columns: int) -> None:
        self.chart.move_cursor(columns)

    def action_cursor_to(self, end: int) -> None:
        self.chart.put_cursor(self.chart.frame().x_range[end])

    def action_drop_cursor(self) -> None:
        self.chart.put_cursor(None)

    def action_next_alert(self) -> None:
        at = self.query_one(AlertLine).after(self.chart.cursor)
        if at is None:
            self.ui.say("The trainer has found nothing wrong with these runs.")
        else:
            self.chart.show_x(at)
            self.chart.put_cursor(at)

    def action_zoom(self, factor: float) -> None:
        self.chart.zoom(factor)

    def action_page(self, by: int) -> None:
        chart = self.chart
        if chart.page_count() > 1:
            chart.page = (chart.shown_page() + by) % chart.page_count()
            self.update()
        else:
            chart.pan(by / 2)

    def action_fit(self) -> None:
        self.chart.reset_view()

    def action_scroll(self, by: int) -> None:
        self.query_one(ReadOut).scroll_lines(by)

    # Files

    async def action_save_csv(self) -> None:
        found = self._display
        text = csv_text(found.subjects, found.exported_terms(), self._choice, self.chart.x_range)
        await self._save(save_csv, text, f"{text.count(chr(10)) - 1} rows, raw values")

    async def action_save_chart(self) -> None:
        chart = self.chart
        name = self._display.subjects[0].name if len(self._display.subjects) == 1 else ""
        charts = []
        for number in range(len(chart.panels())):
            view = chart.panel_view(number)
            title = f"{name}  {view.title}".strip() if view.title else self._file_name(" ")
            charts.append((chart.curves(number), replace(view, title=title, cursor=None)))
        await self._save(save_chart, chart_svg(charts), "the chart as a drawing")

    def _file_name(self, between: str = "-") -> str:
        """The run and the term, or how many runs."""
        subjects, choice = self._display.subjects, self._choice
        runs = subjects[0].entry.name if len(subjects) == 1 else f"{len(subjects)}{between}runs"
        return f"{runs}{between}{self.shown_term() if choice.kind == 'lines' else KINDS[choice.kind]}"

    async def _save(self, write: Callable[[str, Path, str], Path], text: str, what: str) -> None:
        if not any(one.entry.series for one in self._display.subjects):
            self.ui.say("There is nothing to save yet.")
            return
        try:
            path = await asyncio.to_thread(write, text, Path(self.ui.settings.save_dir), self._file_name())
        except OSError as error:
            self.ui.tell(error)
        else:
            self.ui.say("Saved", f"{path}: {what}")

    # What the app asks for

    def copied(self) -> str:
        return as_text(self.query_one(ReadOut).table)

    def view_state(self) -> dict[str, Any]:
        choice = self._choice
        kept = {"kind": choice.kind, "term": choice.term, "axis": choice.axis, "split": choice.split}
        return {**kept, "smoothing": choice.weight, "log_y": self.chart.log_y, "robust": self.chart.robust}

    def restore_state(self, state: dict[str, Any]) -> None:
        for name, known in (("kind", [*KINDS]), ("axis", [*AXES]), ("split", [*SPLITS])):
            if state.get(name) in known:
                self._choice = replace(self._choice, **{name: state[name]})
        term, weight = state.get("term"), state.get("smoothing")
        if isinstance(term, str):
            self._choice = replace(self._choice, term=term)
        if isinstance(weight, float | int) and 0 <= weight < 1:
            self._choice = replace(self._choice, weight=float(weight))
        for name in ("log_y", "robust"):
            if isinstance(state.get(name), bool):
                setattr(self.chart, name, state[name])
