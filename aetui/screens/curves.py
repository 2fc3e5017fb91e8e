"""Screen 2: loss curves, live; one run, or the marked runs on top of each other."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from aetui import keys
from aetui.entries import Entry
from aetui.paint.chart import Series
from aetui.screens.page import Page
from aetui.terminal.outside_text import plain
from aetui.widgets.chart import Chart


class CurvesScreen(Page):
    """One loss term at a time. One run: train and validation; several: validation, with train faintly behind."""

    where = "curves"
    CSS_PATH = "curves.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("curves")]

    def __init__(self) -> None:
        super().__init__()
        self._term = "loss"
        self._shown: tuple[object, ...] | None = None

    def body(self) -> ComposeResult:
        yield Static("", id="terms", markup=False)
        yield Chart(id="chart")

    def subjects(self) -> list[Entry]:
        """The marked runs, or the selected one where none is marked."""
        marked = self.ui.marked_entries()
        entry = self.entry()
        return marked or ([entry] if entry is not None else [])

    def terms(self) -> list[str]:
        """The terms of all runs that are shown."""
        return list(dict.fromkeys(term for entry in self.subjects() for term in entry.terms())) or ["loss"]

    def shown_term(self) -> str:
        """The term that was asked for, where these runs have it."""
        terms = self.terms()
        return self._term if self._term in terms else terms[0]

    def entries_changed(self) -> None:
        subjects, term, look = self.subjects(), self.shown_term(), self.ui.look
        drawn = tuple((entry.path, id(entry.series)) for entry in subjects)
        key = (drawn, term, look)
        if key != self._shown:
            self._shown = key
            series = chart_series(subjects, term, unicode=look.unicode)
            self._kept = subjects
            chart = self.query_one(Chart)
            chart.title = self._title(subjects, bool(series))
            chart.set_series(series)
        self.query_one("#terms", Static).update(self._term_line())

    def describe(self, entry: Entry | None) -> str:
        marked = self.ui.marked_entries()
        return f"{len(marked)} marked runs" if len(marked) > 1 else super().describe(entry if not marked else marked[0])

    def _title(self, subjects: list[Entry], drawn: bool) -> str:
        if not subjects:
            return "no run yet: press 1, then n, or aetrain fit"
        if not drawn:
            return "nothing logged yet"
        if len(subjects) > 1:
            return "validation in front, train behind"
        bad = subjects[0].bad_lines
        return f"{bad} unreadable lines of the log left out" if bad else ""

    def _term_line(self) -> Text:
        shown = self.shown_term()
        text = Text(no_wrap=True, end="")
        for term in self.terms():
            style = Style(bold=True, reverse=True) if term == shown else Style()
            text.append(f" {plain(term, 24, unicode=self.ui.look.unicode)} ", style)
        text.append("   y: logarithmic" if self.query_one(Chart).log_y else "   y: linear", Style(dim=True))
        return text

    def action_step_term(self, by: int) -> None:
        terms = self.terms()
        self._term = terms[(terms.index(self.shown_term()) + by) % len(terms)]
        self.update()

    def action_log_y(self) -> None:
        chart = self.query_one(Chart)
        chart.log_y = not chart.log_y
        self.update()

    def action_move_cursor(self, columns: int) -> None:
        self.query_one(Chart).move_cursor(columns)


def chart_series(subjects: list[Entry], term: str, *, unicode: bool) -> list[Series]:
    """The curves of one term. One run: train and validation, a colour each; several: a colour per run."""
    made = []
    for colour, entry in enumerate(subjects):
        name = plain(entry.name, 28, unicode=unicode)
        validation, train = entry.series.get(("validation", term)), entry.series.get(("train", term))
        if len(subjects) == 1:
            for index, (split, found) in enumerate((("train", train), ("validation", validation))):
                if found is not None:
                    made.append(Series(found.steps, found.values, split, index))
        elif validation is not None:
            if train is not None:
                made.append(Series(train.steps, train.values, "", colour, faint=True))
            made.append(Series(validation.steps, validation.values, name, colour))
        elif train is not None:
            made.append(Series(train.steps, train.values, f"{name} (train)", colour))
    return made
