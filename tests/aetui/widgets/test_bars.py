"""The lines of tabs at the top: what fits, and where a click goes."""

from __future__ import annotations

import pytest

from aetui import keys
from aetui.widgets.bars import tab_line, title_tabs, view_tabs

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
