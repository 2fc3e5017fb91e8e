"""The lines of tabs at the top: what fits, and where a click goes; the status line, and what it says of the link."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aetui import keys
from aetui.paint.text import width_of
from aetui.terminal.pacing import Meter
from aetui.widgets.bars import link_text, rate_text, status_line, tab_line, title_tabs, view_tabs

VIEWS = {"deck": "Deck", "map": "Map", "manifold": "Manifold", "attributes": "Attributes"}


def text(width: int, where: str = "curves") -> str:
    return tab_line(title_tabs(where, width)).plain


def test_at_80_columns_every_screen_has_its_name() -> None:
    for where in keys.SCREENS:
        assert len(text(80, where)) <= 80
        assert all(title in text(80, where) for title in keys.SCREENS.values())


def test_narrow_lines_keep_the_digits_and_the_narrowest_the_shown_screen_alone() -> None:
    assert text(200).split()[:4] == ["1", "Runs", "2", "Curves"]
    assert text(30).split() == ["1", "2", "Curves", "3", "4", "5", "6", "7"]
    assert text(10).split() == ["2", "Curves"]


@pytest.mark.parametrize("where", keys.SCREENS)
@pytest.mark.parametrize("width", [10, 30, 76, 80, 200])
def test_every_tab_begins_where_it_says(where: str, width: int) -> None:
    tabs = title_tabs(where, width)
    line = tab_line(tabs).plain
    assert all(line[tab.start :].startswith(tab.label) for tab in tabs)
    assert [tab.label.strip().split(" ", 1)[-1] for tab in tabs if tab.here] == [keys.SCREENS[where]]


def test_all_views_are_named_where_there_is_room() -> None:
    assert tab_line(view_tabs(VIEWS, "map", 80, unicode=True)).plain.split() == list(VIEWS.values())


@pytest.mark.parametrize("shown", VIEWS)
@pytest.mark.parametrize("width", [12, 16, 24, 34, 80])
def test_narrow_lines_keep_the_shown_view_and_say_that_there_are_more(shown: str, width: int) -> None:
    tabs = view_tabs(VIEWS, shown, width, unicode=False)
    line = tab_line(tabs).plain
    assert len(line) <= max(width, len(VIEWS[shown]) + 4)
    assert [tab.label.strip(" ~") for tab in tabs if tab.here] == [VIEWS[shown]]
    assert line.startswith("~") == (not line.lstrip("~ ").startswith("Deck"))
    assert line.endswith("~") == (not line.rstrip("~ ").endswith("Attributes"))
    starts = [tab.start for tab in tabs]
    assert starts == sorted(set(starts))
    assert all(line[tab.start :].startswith(tab.label) for tab in tabs)


METER = Meter(frames_per_s=24.0, bytes_per_s=84_000.0, round_trip_s=0.104, grays=26, answers=True)


def test_while_something_moves_it_is_said_what_goes_over_the_link() -> None:
    assert link_text(METER, moving=True) == "24 fps  84 KB/s  104 ms"
    assert link_text(replace(METER, round_trip_s=0.0004), moving=True) == "24 fps  84 KB/s  <1 ms"
    assert link_text(replace(METER, grays=7), moving=True) == "24 fps  84 KB/s  104 ms  7 grays"


def test_at_rest_the_round_trip_is_said_alone() -> None:
    assert link_text(replace(METER, grays=7), moving=False) == "104 ms"


@pytest.mark.parametrize("meter", [replace(METER, answers=False), replace(METER, round_trip_s=None)])
def test_of_a_terminal_that_does_not_answer_no_round_trip_is_said(meter: Meter) -> None:
    assert link_text(meter, moving=True) == "24 fps  84 KB/s  no reports"
    assert link_text(meter, moving=False) == ""


def test_where_a_multiplexer_answers_it_is_named_and_its_round_trip_is_not_said() -> None:
    assert link_text(METER, moving=True, multiplexer="tmux") == "24 fps  84 KB/s  to tmux"
    assert link_text(METER, moving=False, multiplexer="tmux") == ""


@pytest.mark.parametrize(
    ("bytes_per_s", "text"),
    [
        (0.0, "0.0 KB/s"),
        (9_949.0, "9.9 KB/s"),
        (9_951.0, "10 KB/s"),
        (999_499.0, "999 KB/s"),
        (999_500.0, "1.0 MB/s"),
        (2_640_000.0, "2.6 MB/s"),
    ],
)
def test_a_rate_has_as_many_digits_as_it_needs(bytes_per_s: float, text: str) -> None:
    assert rate_text(bytes_per_s) == text


RUN, PROVIDER, LINK = (
    "running  a-run  step 7/100",
    "CPU: libcublasLt.so.13 not found; run aetrain doctor",
    "24 fps  104 ms",
)


@pytest.mark.parametrize("link", ["", LINK])
@pytest.mark.parametrize("width", [20, 40, 56, 80, 120, 200])
def test_the_status_line_fills_its_width(width: int, link: str) -> None:
    for run in (RUN, "running  名前名前名前名前名前名前"):
        assert width_of(status_line(run=run, provider=PROVIDER, width=width, link=link, unicode=True)) == width


def test_the_status_line_says_all_where_there_is_room() -> None:
    line = status_line(PROVIDER, RUN, 120, LINK, unicode=True)
    assert line.startswith(f" {RUN} ")
    assert line.endswith(f"{PROVIDER}  {LINK} ")


def test_where_there_is_little_room_the_link_gives_way_first_and_then_the_run() -> None:
    assert LINK not in status_line("CPU", RUN, 55, LINK, unicode=True)
    assert LINK in status_line("CPU", RUN, 56, LINK, unicode=True)
    narrow = status_line(PROVIDER, RUN, 40, unicode=True)
    assert narrow.startswith(" running")
    assert "CPU: libcublasLt" in narrow
