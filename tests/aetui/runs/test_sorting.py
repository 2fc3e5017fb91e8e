"""In which order the runs stand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.follow.entries import Entry
from aetui.follow.series import Series
from aetui.runs.columns import COLUMNS, GAP, cells, difference, lay_out, row_texts
from aetui.runs.sorting import SORTABLE, Order, next_order, ordered


def entry(name: str, **facts: Any) -> Entry:
    return Entry(**{"path": Path(name), "name": name, "state": "finished", "variant": "sparse", "data": "x", **facts})


def names(entries: list[Entry]) -> str:
    return "".join(one.name for one in entries)


LOSSES = st.lists(st.one_of(st.none(), st.floats()), max_size=12)


@given(LOSSES, st.booleans())
def test_a_run_without_a_value_comes_last_either_way(losses: list[float | None], descending: bool) -> None:
    entries = [entry(str(i), loss=loss) for i, loss in enumerate(losses)]
    found = [one.loss for one in ordered(entries, Order("loss", descending))]
    have = [loss for loss in losses if loss is not None and not math.isnan(loss)]
    assert found[: len(have)] == sorted(have, reverse=descending)
    assert all(loss is None or math.isnan(loss) for loss in found[len(have) :])


@given(LOSSES, st.sampled_from([column.title for column in SORTABLE]), st.booleans())
def test_sorting_loses_nobody(losses: list[float | None], by: str, descending: bool) -> None:
    entries = [entry(str(i), loss=loss) for i, loss in enumerate(losses)]
    assert sorted(map(id, ordered(entries, Order(by, descending)))) == sorted(map(id, entries))


def test_runs_that_are_equal_stay_as_they_come() -> None:
    entries = [entry(name, loss=1.0) for name in "cab"]
    assert names(ordered(entries, Order("loss"))) == "cab"
    assert names(ordered(entries, Order())) == "cab"
    assert names(ordered(entries, Order("", descending=True))) == "bac"


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("name", "abc"),
        ("state", "cab"),
        ("epoch", "abc"),
        ("loss", "bca"),
        ("ETA", "cab"),
        ("device", "bac"),
        ("started", "cba"),
        ("images/s", "acb"),
    ],
)
def test_every_column_sorts_by_what_stands_in_it(by: str, expected: str) -> None:
    entries = [
        entry("a", state="paused", epoch=1.0, loss=3.0, device="cuda", started=1.0, images_per_s=1.0),
        entry("b", epoch=2.0, loss=1.0, device="cpu", started=2.0, images_per_s=3.0),
        entry("c", state="running", epoch=10.0, loss=2.0, started=3.0, images_per_s=2.0, eta_s=5.0),
    ]
    descending = by == "started"
    assert names(ordered(entries, Order(by, descending))) == expected


def test_the_keys_go_through_all_columns_and_round() -> None:
    order, seen = Order(), [""]
    for _ in SORTABLE:
        order = next_order(order, 1)
        seen.append(order.by)
    assert seen == ["", *(column.title for column in SORTABLE)]
    assert next_order(order, 1) == Order()
    assert next_order(Order(), -1) == order
    assert next_order(Order("gone"), 1) == Order()
    assert next_order(Order("loss"), -1) == Order("epoch", descending=True)


def test_a_difference_is_told_only_where_losses_are_sums_of_the_same() -> None:
    base = entry("base", loss=2.0)
    assert difference(entry("a", loss=1.5), base) == -0.5
    assert difference(entry("a", loss=1.5, variant="denoising"), base) is None
    assert difference(entry("a", loss=1.5, data="y"), base) is None
    assert difference(entry("a"), base) is None
    assert difference(entry("a", loss=1.0), None) is None
    place = [column.title for column in COLUMNS].index("vs base")
    shown = [row_texts(one, unicode=True, baseline=base)[place] for one in (base, entry("a", loss=2.5))]
    assert shown == ["baseline", "+0.5"]


@given(st.integers(1, 200), st.integers(0, 12))
def test_columns_that_are_passed_over_bring_in_others_and_the_name_stays(width: int, skip: int) -> None:
    rows = [row_texts(entry("a" * 20, loss=1.0, epoch=3.0, eta_s=9.0, device="cpu", started=1e9), unicode=True)]
    layout = lay_out(rows, width, skip=skip)
    assert layout.shown[0] == 0
    assert list(layout.shown) == sorted(set(layout.shown))
    whole = lay_out(rows, 10_000)
    assert layout.hidden == len(whole.shown) - len(layout.shown)


def test_the_curve_gets_narrower_before_a_column_gives_way() -> None:
    values = Series(np.arange(1.0, 101), 100 / np.arange(1.0, 101))
    facts = {"loss": 1.0, "epoch": 3.0, "eta_s": 9.0, "series": {("train", "loss"): values}}
    rows = [row_texts(entry("a" * 20, **facts), unicode=True)]
    whole = lay_out(rows, 10_000)
    curve = [column.title for column in COLUMNS].index("curve")
    needed = sum(whole.widths[i] + GAP for i in whole.shown) - GAP
    narrow = lay_out(rows, needed - 4)
    assert narrow.shown == whole.shown
    assert narrow.widths[curve] == whole.widths[curve] - 4
    text = cells(rows[0], narrow, unicode=True)[narrow.shown.index(curve)]
    assert (text[0], text[-1], len(text)) == (rows[0][curve][0], rows[0][curve][-1], 6)
    data = [column.title for column in COLUMNS].index("data")
    assert set(whole.shown) - set(lay_out(rows, needed - 6).shown) == {data}
