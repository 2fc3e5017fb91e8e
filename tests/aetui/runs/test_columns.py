"""Lines of text: the table of runs, the bars, ASCII; none wider than asked, none that drives a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aetui.follow.entries import Entry
from aetui.follow.series import Series
from aetui.paint.text import width_of
from aetui.runs.columns import curve_of, table
from aetui.runs.run_facts import details
from aetui.runs.spark import sparkline
from aetui.terminal.ascii_filter import to_ascii
from aetui.widgets.bars import status_line, tab_line, title_tabs


def entry(name: str, **facts: Any) -> Entry:
    return Entry(
        **{"path": Path(name), "name": name, "state": "running", "variant": "sparse", "data": "digits", **facts}
    )


@given(st.integers(1, 200), st.booleans())
def test_no_line_of_the_table_is_wider_than_asked(width: int, unicode: bool) -> None:
    entries = [
        entry("a" * 100, loss=0.123, eta_s=50.0, images_per_s=1e4, device="cuda:0"),
        entry("漢字" * 20),
        entry(""),
    ]
    assert all(width_of(line) <= width for line in table(entries, width, unicode=unicode))


def test_on_eighty_columns_the_table_has_what_matters_most() -> None:
    facts = {"loss": 0.123, "epoch": 12.0, "epochs": 100.0, "eta_s": 50.0, "images_per_s": 1e4, "device": "cuda:0"}
    heading, line = table([entry("a-rather-long-name-of-a-run", **facts)], 78)
    assert {"name", "variant", "state", "epoch", "loss", "ETA"} <= set(heading.split())
    assert {"a-rather-long-name-of-a-run", "sparse", "running", "12/100", "0.123", "50s"} <= set(line.split())


def test_a_variant_that_every_name_says_makes_room_for_the_curve() -> None:
    facts = {"loss": 0.123, "epoch": 12.0, "epochs": 167.0, "eta_s": 50.0}
    dated = entry("sparse-digits-20261122-220928", series={}, **facts)
    assert "ETA" in table([dated], 64)[0]
    assert "variant" not in table([dated], 64)[0]
    assert "variant" in table([dated, entry("another-name-of-the-same-width", **facts)], 64)[0]


def test_the_runs_of_a_sweep_can_be_told_apart_on_eighty_columns_and_hidden_columns_are_counted() -> None:
    names = [f"sweep-digits-20261125-141955-undercomplete-latent-dim-{dim}" for dim in (2, 5, 12)]
    lines = table([entry(name, variant="undercomplete", loss=1.0) for name in names], 80)
    for name, line in zip(names, lines[1:], strict=True):
        assert line.startswith("sweep-")
        assert name.rpartition("latent")[2] in line


def test_a_wide_table_has_every_column() -> None:
    facts = {"loss": 0.123, "epoch": 12.0, "epochs": 100.0, "eta_s": 50.0, "images_per_s": 1e4, "device": "cuda:0"}
    heading, *_ = table([entry("a", **facts), entry("b", **facts)], 200)
    assert {"name", "variant", "data", "state", "epoch", "loss", "images/s", "ETA", "device"} <= set(heading.split())


def test_text_from_outside_cannot_drive_the_terminal() -> None:
    hostile = "\x1b[31m[/red]\x9b2J\u202e\n"
    for line in table([entry(hostile, variant=hostile, data=hostile, device=hostile)], 200):
        assert line.isprintable()


def test_the_details_of_a_failed_run_say_why() -> None:
    assert ("error", "loss is not finite") in details(entry("a", error="loss is not finite"))


@given(st.integers(0, 200), st.text(max_size=80), st.text(max_size=80))
def test_the_status_fills_its_width_and_not_more(width: int, provider: str, run: str) -> None:
    assert width_of(status_line(provider, run, width, unicode=True)) <= max(2, width)


def test_on_eighty_columns_the_status_names_the_run_and_the_provider() -> None:
    shown = status_line(
        "CPU: no NVIDIA driver (libcuda.so.1 not found)", "a-rather-long-name  sparse  running", 80, unicode=True
    )
    assert "a-rather-long-name" in shown
    assert "CPU: no NVIDIA" in shown


def test_a_narrow_title_keeps_the_name_of_the_screen_that_is_shown() -> None:
    assert tab_line(title_tabs("curves", 200)).plain.split()[:4] == ["1", "Runs", "2", "Curves"]
    assert tab_line(title_tabs("curves", 30)).plain.split() == ["1", "2", "Curves", "3", "4", "5", "6", "7"]
    assert tab_line(title_tabs("curves", 10)).plain.split() == ["2", "Curves"]


@given(st.text())
def test_the_ascii_filter_leaves_ascii_alone_and_lets_nothing_else_through(text: str) -> None:
    assert to_ascii(text).isascii()
    assert to_ascii("a b#") == "a b#"


def test_frames_stay_frames_in_ascii() -> None:
    assert to_ascii("╭─╮│●…█▀") == "+-+|*~# "


def test_of_a_long_curve_some_points_are_drawn_and_of_a_short_one_all() -> None:
    for count, drawn in ((1500, 1500), (1_000_000, 1000)):
        steps = np.arange(count, dtype=float)
        found = entry("a", series={("train", "loss"): Series(steps, steps)})
        assert len(curve_of(found)) == drawn
        assert sparkline(curve_of(found), 10) == sparkline(steps, 10)
