"""Runs on top of each other: which lines the curves screen shows of them, and how they are drawn.

``term_lines`` of one term, ``stack_lines`` of what a run's loss is made of; ``drawn`` and ``area`` make them drawable;
``Choice`` says what the user wants to see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from aetui.follow.entries import Entry
from aetui.follow.series import Axis, Series
from aetui.paint.series import Series as Drawn
from aetui.paint.smoothing import Values, smooth

Split = Literal["both", "validation", "train"]
SPLITS: tuple[Split, ...] = ("both", "validation", "train")
Kind = Literal["lines", "stack", "all"]
KINDS: dict[Kind, str] = {"lines": "curves", "stack": "stacked", "all": "all terms"}
"""The kinds of display with their titles."""
TOTAL = "loss"
RECONSTRUCTION = "reconstruction"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """kind: curves of one term, a stack of what the loss is made of, or a chart per term. term: of the curves. axis:
    what x is. split: whose values. weight: of the moving average from one row of training to the next,
    in [0, 1)."""

    kind: Kind = "lines"
    term: str = TOTAL
    axis: Axis = "step"
    split: Split = "both"
    weight: float = 0.0

    def splits(self) -> tuple[str, ...]:
        """Those wanted, the one in front first."""
        return ("validation", "train") if self.split == "both" else (self.split,)


@dataclass(frozen=True, eq=False)
class Subject:
    """A run that is shown. name: made harmless; colour: index of its series colour; baseline: the others are compared
    with it; twin: how many of those before have its colour."""

    entry: Entry
    name: str
    colour: int
    baseline: bool = False
    twin: int = 0


@dataclass(frozen=True, eq=False)
class Line:
    """One term of one run, xs finite. values: as logged (or what a penalty adds to the loss); ys: smoothed."""

    subject: Subject
    split: str
    name: str
    xs: Values
    values: Values
    ys: Values


def terms_of(subjects: Sequence[Subject]) -> list[str]:
    """The terms of all runs that are shown, ``loss`` first."""
    return list(dict.fromkeys(term for one in subjects for term in one.entry.terms())) or [TOTAL]


def term_lines(subjects: Sequence[Subject], term: str, choice: Choice) -> list[Line]:
    """The lines of one term, run by run, validation before train."""
    return [
        _line(one, split, term, series, series.values, choice)
        for one in subjects
        for split in choice.splits()
        if (series := one.entry.series.get((split, term))) is not None
    ]


def stack_lines(one: Subject, choice: Choice) -> list[Line]:
    """What the loss is made of: what the code costs, then the reconstruction; [] where a run has no such terms.

    Variational: KL and reconstruction, whose sum is −ELBO whatever β is. With one other penalty: what it adds to the
    loss, so weight and all; with more, the terms as they were logged.
    """
    entry = one.entry
    splits = choice.splits()[::-1]  # train has more to see: the code's price before the first epoch is over
    split = next((split for split in splits if (split, RECONSTRUCTION) in entry.series), None)
    if split is None:
        return []
    named = {term: series for (of, term), series in entry.series.items() if of == split}
    reconstruction, loss = named[RECONSTRUCTION], named.get(TOTAL)
    penalties = [term for term in named if term not in (TOTAL, RECONSTRUCTION)]
    lines = [_line(one, split, term, named[term], named[term].values, choice) for term in penalties]
    weighted = entry.variant != "variational" and len(penalties) == 1
    if weighted and loss is not None and np.array_equal(loss.steps, reconstruction.steps):
        added = loss.values - reconstruction.values
        lines = [_line(one, split, f"{penalties[0]} (weighted)", loss, added, choice)]
    return [*lines, _line(one, split, RECONSTRUCTION, reconstruction, reconstruction.values, choice)]


def _line(one: Subject, split: str, name: str, series: Series, values: Values, choice: Choice) -> Line:
    xs = series.along(choice.axis)
    known = np.isfinite(xs)
    if not known.all():
        xs, values = xs[known], values[known]
    return Line(one, split, name, xs, values, smooth(values, choice.weight ** _rarity(one.entry, series)))


def _rarity(entry: Entry, series: Series) -> float:
    """How many rows of training there are for one of this series, at least 1.

    The average is over as much of the training for validation, which is logged once in hundreds of steps, as for train;
    else it would lag by epochs. Source: the "time weighted" average of Weights & Biases.
    """
    train = entry.series.get(("train", TOTAL))
    if train is None or min(len(train.steps), len(series.steps)) < 2:
        return 1.0
    spacings = [(one.steps[-1] - one.steps[0]) / (len(one.steps) - 1) for one in (series, train)]
    return max(1.0, float(spacings[0] / spacings[1]))


def drawn(lines: Sequence[Line], choice: Choice) -> list[Drawn]:
    """The lines of one term as curves: each run's first split in front, the other one faint behind it.

    Smoothed ones have their raw values behind them: faint where nothing else is, gray where another is faint already.
    """
    several = len({id(line.subject) for line in lines}) > 1
    made: list[Drawn] = []
    before: Subject | None = None
    for line in lines:
        one, behind = line.subject, line.subject is before
        name = line.split if not several else "" if behind else one.name
        dashed = several and one.baseline and not behind
        twin = 0 if behind else one.twin
        made.append(Drawn(line.xs, line.ys, name, one.colour, faint=behind, dashed=dashed, twin=twin))
        if choice.weight > 0:
            alone = choice.split != "both"
            made.append(Drawn(line.xs, line.values, "", one.colour, faint=alone, ghost=not alone))
        before = one
    return made


def areas(lines: Sequence[Line]) -> list[Drawn]:
    """The parts of one run's loss as areas; the reconstruction has the first colour in every run."""
    last = len(lines) - 1
    return [Drawn(line.xs, line.ys, line.name, 0 if place == last else 1 + place) for place, line in enumerate(lines)]


def total_name(entry: Entry, *, unicode: bool) -> str:
    """What the sum of a stack is called."""
    if entry.variant == "variational":
        return "\N{MINUS SIGN}ELBO" if unicode else "-ELBO"
    return TOTAL


def between_axes(entry: Entry, xs: Values, before: Axis, after: Axis) -> Values:
    """Where a run was on another axis when it was at each of ``xs`` on this one; NaN where that cannot be said."""
    if before == after:
        return xs
    longest = max(entry.series.values(), key=lambda series: len(series.steps), default=None)
    if longest is None:
        return np.full(len(xs), np.nan)
    here, there = longest.along(before), longest.along(after)
    known = np.isfinite(here) & np.isfinite(there)
    return np.interp(xs, here[known], there[known]) if known.any() else np.full(len(xs), np.nan)
