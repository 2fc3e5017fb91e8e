"""Which lines are shown of several runs, and the numbers behind them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from aetui.curves.display import display
from aetui.curves.files import file_name
from aetui.curves.overlay import Choice, Subject, areas, between_axes, drawn, stack_lines, term_lines
from aetui.curves.values import csv_text, place_of, term_table, value_at
from aetui.follow.entries import Entry
from aetui.follow.series import Series
from aetui.paint.look import Look
from aetui.paint.smoothing import smooth


def series(steps: list[float], values: list[float]) -> Series:
    at = np.array(steps, np.float64)
    return Series(at, np.array(values, np.float64), at / 10, at - at[0])


def subject(name: str, variant: str = "variational", *, baseline: bool = False, **terms: Series) -> Subject:
    """terms: ``validation_loss=…``."""
    found = {(split, term): one for key, one in terms.items() for split, _, term in [key.partition("_")]}
    return Subject(
        Entry(path=Path(name), name=name, state="finished", variant=variant, series=found), name, 3, baseline
    )


STEPS = [1.0, 2.0, 3.0]


def test_validation_is_in_front_and_train_faint_in_the_colour_of_the_run() -> None:
    runs = [
        subject("a", train_loss=series(STEPS, [3, 2, 1]), validation_loss=series([3.0], [2])),
        subject("b", train_loss=series(STEPS, [6, 5, 4])),
    ]
    made = drawn(term_lines(runs, "loss", Choice()), Choice())
    assert [(one.name, one.faint, one.colour) for one in made] == [("a", False, 3), ("", True, 3), ("b", False, 3)]


def test_one_run_names_its_splits() -> None:
    runs = [subject("a", train_loss=series(STEPS, [3, 2, 1]), validation_loss=series([3.0], [2]))]
    made = drawn(term_lines(runs, "loss", Choice()), Choice())
    assert [one.name for one in made] == ["validation", "train"]


def test_validation_is_averaged_over_as_many_steps_as_train() -> None:
    steps = np.arange(1.0, 101)
    rare = [10.0, 20, 30, 40]
    run = subject(
        "a", train_loss=series(steps.tolist(), (1 / steps).tolist()), validation_loss=series(rare, [4, 3, 2, 1])
    )
    validation, train = term_lines([run], "loss", Choice(weight=0.9))
    np.testing.assert_allclose(train.ys, smooth(1 / steps, 0.9))
    np.testing.assert_allclose(validation.ys, smooth(np.array([4.0, 3, 2, 1]), 0.9**10))


def test_the_elbo_is_reconstruction_and_kl_whatever_beta_is() -> None:
    run = subject(
        "a",
        train_loss=series(STEPS, [10.0, 9, 8]),
        train_reconstruction=series(STEPS, [6.0, 5, 4]),
        train_kl=series(STEPS, [1.0, 1, 1]),
    )
    lines = stack_lines(run, Choice())
    assert [(line.name, line.values.tolist()) for line in lines] == [("kl", [1, 1, 1]), ("reconstruction", [6, 5, 4])]
    assert [one.colour for one in areas(lines)] == [1, 0]


def test_another_penalty_counts_as_it_does_in_the_loss() -> None:
    run = subject(
        "a",
        "sparse",
        train_loss=series(STEPS, [10.0, 9, 8]),
        train_reconstruction=series(STEPS, [6.0, 5, 4]),
        train_l1=series(STEPS, [40.0, 40, 40]),
    )
    penalty, _ = stack_lines(run, Choice())
    assert (penalty.name, penalty.values.tolist()) == ("l1 (weighted)", [4, 4, 4])
    assert stack_lines(subject("b", train_loss=series(STEPS, [1, 2, 3])), Choice()) == []


def test_points_that_are_nowhere_on_the_axis_are_left_out() -> None:
    odd = Series(np.array(STEPS), np.array([1.0, 2, 3]), np.array([np.nan, 0.2, 0.3]), None)
    (line,) = term_lines([subject("a", train_loss=odd)], "loss", Choice(axis="epoch"))
    assert line.values.tolist() == [2, 3]
    (line,) = term_lines([subject("a", train_loss=odd)], "loss", Choice(axis="time"))
    assert len(line.xs) == 0


@pytest.mark.parametrize(
    ("x", "expected"), [(None, 3), (1.0, 1), (1.4, 1), (1.6, 2), (0.9, None), (5.1, None), (5.0, np.nan)]
)
def test_the_value_is_that_of_the_nearest_point(x: float | None, expected: float | None) -> None:
    found = value_at(np.array([1.0, 2, 3, 5]), np.array([1.0, 2, 3, np.nan]), x)
    assert found == expected or (found is not None and expected is not None and np.isnan([found, expected]).all())


def test_the_difference_is_to_the_baseline_in_the_same_split() -> None:
    runs = [
        subject("base", baseline=True, train_loss=series(STEPS, [4, 4, 4]), validation_loss=series([3.0], [5])),
        subject("a", train_loss=series(STEPS, [3, 2, 1])),
    ]
    table = term_table(runs, term_lines(runs, "loss", Choice()), 2.0, Choice(), Look())
    assert table.title == "step 2"
    assert [line.values for line in table.lines] == [(None, 4, None, None), (None, 2, -2, -0.5)]


def test_up_to_where_the_run_is_the_last_value_holds() -> None:
    run = subject("a", train_loss=series(STEPS, [4, 4, 1]), validation_loss=series([2.5, 9.0], [5, 6]))
    rows = [
        term_table([run], term_lines([run], "loss", Choice()), x, Choice(), Look()).lines[0].values
        for x in (1.0, 8.0, 9.5)
    ]
    assert rows == [(None, 4), (6, 1), (None, None)]


def test_two_runs_of_one_colour_are_told_apart() -> None:
    one = subject("a", train_loss=series(STEPS, [1, 2, 3]))
    two = replace(one, twin=1)
    lines = term_lines([one, two], "loss", Choice())
    assert [made.twin for made in drawn(lines, Choice())] == [0, 1]
    for look in (Look(), Look(depth="mono"), Look(unicode=False)):
        first, second = term_table([one, two], lines, None, Choice(), look).lines
        assert first.mark != second.mark


def test_places_are_told_in_the_unit_of_the_axis() -> None:
    assert place_of(1234.4, Choice()) == "step 1234"
    assert place_of(1.5, Choice(axis="epoch")) == "epoch 1.5"
    assert place_of(3723, Choice(axis="time")) == "time 1:02:03"


def test_between_axes_is_where_the_run_was_then() -> None:
    run = subject("a", train_loss=series([10, 20, 30], [1, 1, 1])).entry
    assert between_axes(run, np.array([10.0, 15, 40]), "step", "epoch").tolist() == [1, 1.5, 3]
    assert between_axes(run, np.array([2.0]), "epoch", "time").tolist() == [10]
    assert between_axes(run, np.array([99.0]), "step", "step").tolist() == [99]
    assert np.isnan(between_axes(subject("b").entry, np.array([15.0]), "step", "epoch")).all()


def test_the_csv_has_what_is_seen_raw_and_quoted() -> None:
    odd = Series(np.array(STEPS), np.array([1 / 3, np.nan, 3e300]), None, None)
    text = csv_text([subject('a "run", so', train_loss=odd)], ["loss", "kl"], Choice(weight=0.9), (1.5, 3))
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[1:] == [
        ['a "run", so', "train", "loss", "2", "", "", ""],
        ['a "run", so', "train", "loss", "3", "", "", "3e+300"],
    ]
    whole = csv_text([subject("a", train_loss=odd)], ["loss"], Choice(), None)
    assert whole.splitlines()[1] == f"a,train,loss,1,,,{1 / 3!r}"


@pytest.mark.parametrize(
    ("name", "safe"),
    [("a-loss", "a-loss"), ("../x/y", "x-y"), ("a\x1b b", "a-b"), ("", "curves"), ("ä" * 200, "ä" * 80)],
)
def test_a_file_name_means_nothing_else(name: str, safe: str) -> None:
    assert file_name(name) == safe


def test_where_nothing_is_shown_it_says_what_to_do() -> None:
    empty = Entry(path=Path("x"), name="x", state="finished")
    bundle = Entry(path=Path("x"), name="x", state="bundle")
    train_only = subject("a", train_loss=series(STEPS, [1, 2, 3]))
    for subjects, choice, expected in (
        ([], Choice(), "aetrain fit"),
        ([Subject(empty, "x", 0)], Choice(), "nothing logged yet"),
        ([Subject(bundle, "x", 0)], Choice(), "a bundle has no curves"),
        ([train_only], Choice(kind="stack"), "no reconstruction"),
        ([train_only], Choice(split="validation"), "press v"),
        ([subject("a", train_loss=Series(np.ones(1), np.ones(1)))], Choice(axis="time"), "does not say the time"),
    ):
        assert expected in display(subjects, choice, (), unicode=True).empty()
