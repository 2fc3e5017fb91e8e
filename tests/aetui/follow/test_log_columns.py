"""Columns hold what the rows say, however they come, and what was handed out stays."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aetui.follow.log_columns import MOST_SPLITS, MOST_TERMS, LogColumns

NUMBERS = st.one_of(
    st.integers(0, 40),
    st.floats(),
    st.none(),
    st.sampled_from((10**400, True, "7", "nan", [1], {"a": 1}, 2**63, -(2**70))),
)
ROWS = st.fixed_dictionaries(
    {"step": NUMBERS, "split": st.sampled_from(("train", "validation", None, 3, ["train"]))},
    optional=dict.fromkeys(("epoch", "time", "loss", "kl", "reconstruction"), NUMBERS),
)
REGULAR = st.integers(0, 100).map(
    lambda step: {
        "step": step,
        "split": "train",
        "epoch": step / 10,
        "time": 1e9 + step,
        "loss": 1 / (step + 1),
        "kl": 2,
    }
)


def columns_of(*batches: list[dict[str, Any]]) -> LogColumns:
    columns = LogColumns()
    for batch in batches:
        columns.add(batch)
    return columns


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(ROWS, REGULAR), max_size=30), st.lists(st.integers(0, 30), max_size=5))
def test_columns_are_the_points_of_the_rows_however_they_come(
    plain: Any, rows: list[dict[str, Any]], cuts: list[int]
) -> None:
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    columns = columns_of(*(rows[a:b] for a, b in itertools.pairwise(edges)))
    assert plain.same(columns.series(), plain.points(rows))


def row(step: int, split: str = "train", **terms: Any) -> dict[str, Any]:
    return {"step": step, "epoch": step / 10, "time": 5000.0 + 2 * step, "split": split, **terms}


def test_the_axes_are_steps_epochs_and_seconds_since_the_first_row() -> None:
    series = columns_of([row(1, loss=3.0), row(1, "validation", loss=5.0), row(4, loss=2.0)]).series()
    train = series["train", "loss"]
    assert train.along("step").tolist() == [1, 4]
    assert train.along("epoch").tolist() == [0.1, 0.4]
    assert train.along("time").tolist() == [0, 6]
    assert series["validation", "loss"].along("time").tolist() == [0]


def test_terms_of_the_same_rows_share_their_axes() -> None:
    series = columns_of([row(step, loss=1.0, kl=2.0) for step in range(100)]).series()
    for axis in ("step", "epoch", "time"):
        assert np.shares_memory(series["train", "loss"].along(axis), series["train", "kl"].along(axis))


def test_a_term_that_is_not_in_every_row_has_no_gaps_but_fewer_points() -> None:
    series = columns_of([row(1, loss=1.0, kl=1.0), row(2, loss=2.0), row(3, loss=3.0, kl=3.0)]).series()
    assert series["train", "loss"].steps.tolist() == [1, 2, 3]
    assert series["train", "kl"].steps.tolist() == [1, 3]
    assert series["train", "kl"].values.tolist() == [1, 3]


def test_a_term_that_comes_later_or_stops_is_no_harm_to_the_others() -> None:
    columns = columns_of([row(1, loss=1.0, kl=1.0)], [row(2, loss=2.0, l1=5.0)], [row(3, loss=3.0, l1=6.0)])
    series = columns.series()
    assert series["train", "loss"].values.tolist() == [1, 2, 3]
    assert series["train", "kl"].steps.tolist() == [1]
    assert series["train", "l1"].steps.tolist() == [2, 3]


def test_what_is_not_finite_is_a_gap() -> None:
    values = [1.0, None, float("nan"), float("inf"), -float("inf"), 10**400, 2.0]
    found = columns_of([row(step, loss=value) for step, value in enumerate(values)]).series()["train", "loss"]
    assert np.array_equal(found.values, [1, *[np.nan] * 5, 2], equal_nan=True)
    assert found.last == 2.0


def test_what_was_handed_out_is_never_written_again() -> None:
    columns, seen = LogColumns(), []
    for step in range(0, 700, 7):
        columns.add([row(step + i, loss=float(step + i), kl=1.0) for i in range(7)])
        found = columns.series()["train", "loss"]
        seen.append((found, found.values.copy(), found.along("time").copy()))
    for found, values, times in seen:
        assert np.array_equal(found.values, values)
        assert np.array_equal(found.along("time"), times)
        with pytest.raises(ValueError, match="read-only"):
            found.values[0] = 1.0


def test_appending_goes_on_in_the_same_buffer_until_it_is_full() -> None:
    columns = columns_of([row(step, loss=1.0) for step in range(1000)])
    before = columns.series()["train", "loss"].values
    columns.add([row(1000, loss=1.0)])
    after = columns.series()["train", "loss"].values
    assert not np.shares_memory(before, after)  # a full buffer is left to those who look at it
    columns.add([row(1001, loss=1.0)])
    assert np.shares_memory(after, columns.series()["train", "loss"].values)


def test_a_log_full_of_names_is_not_followed_for_ever() -> None:
    rows = [row(step, f"split {step}", loss=1.0) for step in range(2 * MOST_SPLITS)]
    rows += [row(step, "split 0", **{f"term {step}": 1.0}) for step in range(2 * MOST_TERMS)]
    series = columns_of(rows[:300], rows[300:]).series()
    assert len({split for split, _ in series}) == MOST_SPLITS
    assert len([term for split, term in series if split == "split 0"]) == MOST_TERMS


def test_a_row_full_of_names_leaves_the_terms_that_are_known() -> None:
    rubbish = {f"term {number}": 1.0 for number in range(3 * MOST_TERMS)}
    columns = columns_of([row(1, loss=1.0, kl=2.0)], [row(2, **rubbish, loss=3.0, kl=4.0), row(3, loss=5.0)])
    series = columns.series()
    assert series["train", "loss"].values.tolist() == [1, 3, 5]
    assert series["train", "kl"].values.tolist() == [2, 4]
    assert len(series) == MOST_TERMS
