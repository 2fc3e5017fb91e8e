"""The table of keys is what binds, what is shown, and what can be found."""

from __future__ import annotations

import importlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from textual.binding import Binding

from aetui import keys
from aetui.app import AetuiApp
from aetui.follow.sources import Sources
from aetui.screens.help import HelpScreen, help_text
from aetui.screens.jump import JumpScreen
from aetui.screens.messages import MessagesScreen
from aetui.screens.page import Page


def _pages() -> dict[str, type[Page]]:
    """The screens by their names, the classes that the app's modes make."""
    found: dict[str, type[Page]] = {}
    for name in keys.SCREENS:
        module = importlib.import_module(f"aetui.screens.{name}")
        classes = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, Page)]
        found[name] = next(one for one in classes if one.__module__ == module.__name__)
    return found


PAGES = _pages()
VIEWS: dict[str, Any] = {f"{name}/{view}": made for name, page in PAGES.items() for view, made in page.views.items()}
DIALOGS: dict[str, Any] = {"help": HelpScreen, "messages": MessagesScreen, "jump": JumpScreen}


def _owners() -> dict[str, Any]:
    from aetui.screens.confirm import ConfirmScreen
    from aetui.screens.details import DetailsScreen
    from aetui.screens.learning_rate import LearningRateScreen
    from aetui.screens.start import StartScreen
    from aetui.widgets.filter_line import FilterLine
    from aetui.widgets.go_to_line import GoToLine

    runs = {
        "goto": GoToLine,
        "dialog": StartScreen,
        "filter": FilterLine,
        "confirm": ConfirmScreen,
        "rate": LearningRateScreen,
        "details": DetailsScreen,
    }
    return {keys.EVERYWHERE: AetuiApp, **PAGES, **VIEWS, **DIALOGS, **runs}


OWNERS = _owners()
PLACES = [(name,) for name, page in PAGES.items() if not page.views] + [(view, view.split("/")[0]) for view in VIEWS]


@pytest.mark.parametrize("where", OWNERS)
def test_every_binding_is_made_from_the_table_and_nothing_else(where: str) -> None:
    found = {(b.key, b.action) for b in OWNERS[where].BINDINGS if isinstance(b, Binding)}
    assert len(found) == len(OWNERS[where].BINDINGS)
    assert found == {(",".join(key.keys), key.action) for key in keys.keys_of(where)}


def test_every_row_of_the_table_belongs_to_a_place_that_exists() -> None:
    assert {key.where for key in keys.TABLE} <= set(OWNERS)


def test_the_screens_of_the_table_are_the_modes_of_the_app() -> None:
    assert ["opening", *keys.SCREENS] == list(AetuiApp.MODES)


def test_a_view_and_its_keys_have_one_name() -> None:
    assert {where: view.where for where, view in VIEWS.items()} == {where: where for where in VIEWS}


@pytest.mark.parametrize("key", keys.TABLE, ids=lambda key: f"{key.where}-{key.keys[0]}")
def test_every_key_has_an_action_to_run_and_a_line_of_help_that_fits(key: keys.Key) -> None:
    name = key.action.partition("(")[0]
    assert hasattr(OWNERS[key.where], f"action_{name}")
    assert key.label
    assert len(key.help) <= 56


@pytest.mark.parametrize("places", PLACES, ids="-".join)
def test_no_key_means_two_things_at_a_time(places: tuple[str, ...]) -> None:
    pressed = [one for where in (*places, keys.EVERYWHERE) for key in keys.keys_of(where) for one in key.keys]
    assert [one for one, count in Counter(pressed).items() if count > 1] == []


@pytest.mark.parametrize("places", PLACES, ids="-".join)
def test_the_help_has_a_line_for_every_key_those_of_here_first(places: tuple[str, ...]) -> None:
    text = help_text(places).plain
    lines = text.splitlines()
    for key in keys.TABLE:
        names = "  ".join(keys.name_of(one) for one in key.keys)
        assert any(line.strip().startswith(names) and line.endswith(key.help) for line in lines), key
    first = [key.help for where in places for key in keys.keys_of(where)]
    assert next(line for line in lines if line.startswith("  ")).endswith(first[0])


@pytest.mark.parametrize("places", PLACES, ids="-".join)
def test_a_wide_footer_shows_every_key_that_is_meant_for_it(places: tuple[str, ...]) -> None:
    labels = {key.label for _, key in keys.footer(places, 1000)}
    rows = [key for where in (*places, keys.EVERYWHERE) for key in keys.keys_of(where)]
    assert labels == {key.label for key in rows if key.footer}


@pytest.mark.parametrize("places", PLACES, ids="-".join)
@pytest.mark.parametrize("width", [0, 10, 20, 40, 80, 120])
def test_a_footer_never_exceeds_its_width_and_keeps_quit_longest(places: tuple[str, ...], width: int) -> None:
    found = keys.footer(places, width)
    assert sum(len(name) + len(key.label) + 3 for name, key in found) <= width
    if width >= 20:
        assert [key.label for _, key in found][-2:] == ["help", "quit"]


@pytest.mark.parametrize("where", keys.TITLES)
def test_the_footer_under_a_dialog_names_the_dialogs_keys_alone(where: str) -> None:
    assert OWNERS[where].where == where
    assert {key.where for _, key in keys.footer((where,), 1000)} == {where}


def test_an_ascii_footer_is_ascii() -> None:
    for places in PLACES:
        assert all((name + key.label).isascii() for name, key in keys.footer(places, 1000, ascii_only=True))


@pytest.mark.parametrize("places", PLACES, ids="-".join)
async def test_the_palette_offers_every_key_that_is_meant_for_it(tmp_path: Path, places: tuple[str, ...]) -> None:
    screen = places[-1]
    app = AetuiApp(Sources(runs_dir=tmp_path, folders=(tmp_path,)))
    async with app.run_test() as pilot:
        while not app.looked:
            await pilot.pause(0.02)
        app.action_go(screen)
        await pilot.pause()
        page = app.page()
        assert page is not None
        if len(places) > 1:
            page.show_view(places[0].split("/")[1])
        offered = {command.help for command in app.get_system_commands(app.screen)}
    for key in (key for where in (*places, keys.EVERYWHERE) for key in keys.keys_of(where)):
        assert (f"{key.help} ({keys.shown(key)})" in offered) == key.palette


@pytest.mark.parametrize("places", [places for places in PLACES if len(places) > 1], ids="-".join)
def test_at_80_columns_the_footer_tells_how_to_reach_the_next_view(places: tuple[str, ...]) -> None:
    labels = [key.label for _, key in keys.footer(places, 80)]
    assert "next view" in labels
    own = [key.label for where in places for key in keys.keys_of(where) if key.footer]
    assert labels[0] == own[0]
