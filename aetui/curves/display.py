"""What the curves screen shows for a ``Choice``: charts, their table, and what is said where there is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from aetui.curves.overlay import (
    TOTAL,
    Choice,
    Line,
    Split,
    Subject,
    areas,
    drawn,
    stack_lines,
    term_lines,
    terms_of,
    total_name,
)
from aetui.curves.values import stack_table, term_table
from aetui.paint.look import Look
from aetui.paint.panels import Panel
from aetui.paint.read_out import Table
from aetui.paint.series import Legend
from aetui.paint.text import clip_middle

_NAME = 24
"""So much of a run's name stands above its stack: its terms have to stand there too."""


@dataclass(frozen=True, eq=False)
class Display:
    """panels, and the legend on top of each; groups: the lines in the table, of stacks one group per run."""

    subjects: Sequence[Subject]
    choice: Choice
    panels: list[Panel]
    legend: Legend
    groups: list[list[Line]]

    def table(self, x: float | None, look: Look) -> Table:
        """The values at x, the last ones for None."""
        if self.choice.kind == "stack":
            return stack_table(self.groups, x, self.choice, look)
        return term_table(self.subjects, self.groups[0], x, self.choice, look)

    def exported_terms(self) -> list[str]:
        """The terms that are shown."""
        if self.choice.kind == "lines":
            return [shown_term(self.subjects, self.choice)]
        return terms_of(self.subjects)

    def empty(self) -> str:
        """What to do where there is nothing to draw."""
        if not self.subjects:
            return "no run yet: press 1, then n, or aetrain fit"
        if not any(one.entry.series for one in self.subjects):
            bundle = all(one.entry.state == "bundle" for one in self.subjects)
            return "a bundle has no curves: open its run" if bundle else "nothing logged yet"
        if self.choice.kind == "stack":
            return "no reconstruction was logged: tab, for the curves"
        if any(line.subject.entry.series for lines in self.groups for line in lines):
            return f"the log does not say the {self.choice.axis} of its rows: press x"
        return "nothing logged yet" if self.choice.split == "both" else f"no {self.choice.split} values: press v"


def shown_term(subjects: Sequence[Subject], choice: Choice) -> str:
    """The term that was asked for, where these runs have it; else their first one."""
    terms = terms_of(subjects)
    return choice.term if choice.term in terms else terms[0]


def display(subjects: Sequence[Subject], choice: Choice, marks: tuple[float, ...], *, unicode: bool) -> Display:
    """marks: where alerts are on the x axis."""
    if choice.kind == "stack":
        groups = [lines for one in subjects if (lines := stack_lines(one, choice))]
        several = len(subjects) > 1
        panels = [
            Panel(areas(lines), _stack_title(lines, several, unicode=unicode), stacked=True, marks=marks)
            for lines in groups
        ]
        return Display(subjects, choice, panels, "names", groups)
    if choice.kind == "all":
        lines = term_lines(subjects, TOTAL, choice)
        return Display(subjects, choice, _panels(subjects, choice, marks), "values", [lines])
    lines = term_lines(subjects, shown_term(subjects, choice), choice)
    return Display(subjects, choice, [Panel(drawn(lines, choice), marks=marks)], "none", [lines])


def _stack_title(lines: Sequence[Line], several: bool, *, unicode: bool) -> str:
    one = lines[0].subject
    total = f"{total_name(one.entry, unicode=unicode)} ="
    return (
        f"{clip_middle(one.name, _NAME, '…' if unicode else '~')}  {total}" if several else f"{lines[0].split} {total}"
    )


def _panels(subjects: Sequence[Subject], choice: Choice, marks: tuple[float, ...]) -> list[Panel]:
    """A chart per term; of several runs one per term and split, so that each holds one curve per run."""
    made = []
    for term in terms_of(subjects):
        lines = term_lines(subjects, term, choice)
        if len(subjects) < 2:
            made.append(Panel(drawn(lines, choice), term, marks=marks))
            continue
        for split in choice.splits():
            of_split = [line for line in lines if line.split == split]
            if of_split:
                alone = replace(choice, split=cast(Split, split))
                made.append(Panel(drawn(of_split, alone), f"{term} {split}", marks=marks))
    return made
