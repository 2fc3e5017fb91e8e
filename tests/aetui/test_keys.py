"""The table of keys is what binds, what is shown, and what can be found."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from textual.app import App
from textual.binding import Binding
from textual.screen import Screen

from aetui import keys
from aetui.app import AetuiApp
from aetui.screens.curves import CurvesScreen
from aetui.screens.help import HelpScreen, help_text
from aetui.screens.latent import LatentScreen
from aetui.screens.reconstructions import ReconstructionsScreen
from aetui.screens.runs import RunsScreen
from aetui.screens.start import StartScreen
from aetui.sources import Sources

OWNERS: dict[str, type[App[int]] | type[Screen[None]] | type[Screen[str | None]]] = {
    keys.EVERYWHERE: AetuiApp,
    "runs": RunsScreen,
    "curves": CurvesScreen,
    "reconstructions": ReconstructionsScreen,
    "latent": LatentScreen,
    "dialog": StartScreen,
    "help": HelpScreen,
}


@pytest.mark.parametrize("where", OWNERS)
def test_every_binding_is_made_from_the_table_and_nothing_else(where: str) -> None:
    found = {(b.key, b.action) for b in OWNERS[where].BINDINGS if isinstance(b, Binding)}
    assert found == {(",".join(key.keys), key.action) for key in keys.keys_of(where)}


def test_every_row_of_the_table_belongs_to_a_screen_that_exists() -> None:
    assert {key.where for key in keys.TABLE} == set(OWNERS)


def test_the_screens_of_the_table_are_the_modes_of_the_app() -> None:
    assert list(keys.SCREENS) == list(AetuiApp.MODES)


@pytest.mark.parametrize("key", keys.TABLE, ids=lambda key: f"{key.where}-{key.keys[0]}")
def test_every_key_has_an_action_to_run_and_a_line_of_help_that_fits(key: keys.Key) -> None:
    name = key.action.partition("(")[0]
    assert hasattr(OWNERS[key.where], f"action_{name}")
    assert key.label
    assert len(key.help) <= 56


@pytest.mark.parametrize("where", keys.SCREENS)
def test_no_key_means_two_things_on_a_screen(where: str) -> None:
    pressed = [one for key in (*keys.keys_of(where), *keys.keys_of(keys.EVERYWHERE)) for one in key.keys]
    assert [one for one, count in Counter(pressed).items() if count > 1] == []


@pytest.mark.parametrize("where", keys.SCREENS)
def test_the_help_has_a_line_for_every_key(where: str) -> None:
    lines = help_text(where).plain.splitlines()
    for key in keys.TABLE:
        names = "  ".join(keys.NAMES.get(one, one) for one in key.keys)
        assert any(line.strip().startswith(names) and line.endswith(key.help) for line in lines), key


def test_the_help_begins_with_the_screen_that_it_was_opened_from() -> None:
    assert help_text("latent").plain.startswith("Latent")


@pytest.mark.parametrize("where", keys.SCREENS)
def test_a_wide_footer_shows_every_key_that_is_meant_for_it(where: str) -> None:
    labels = {label for _, label, _ in keys.footer(where, 400)}
    rows = (*keys.keys_of(where), *keys.keys_of(keys.EVERYWHERE))
    assert labels == {key.label for key in rows if key.footer}


@pytest.mark.parametrize("where", keys.SCREENS)
@pytest.mark.parametrize("width", [0, 10, 20, 40, 80, 120])
def test_a_footer_never_exceeds_its_width_and_keeps_quit_longest(where: str, width: int) -> None:
    places = keys.footer(where, width)
    assert sum(len(name) + len(label) + 3 for name, label, _ in places) <= width
    if width >= 20:
        assert [label for _, label, _ in places][-2:] == ["help", "quit"]


def test_an_ascii_footer_is_ascii() -> None:
    for where in keys.SCREENS:
        assert all((name + label).isascii() for name, label, _ in keys.footer(where, 400, ascii_only=True))


@pytest.mark.parametrize("where", keys.SCREENS)
async def test_the_palette_offers_every_key_that_is_meant_for_it(tmp_path: Path, where: str) -> None:
    app = AetuiApp(Sources(runs_dir=tmp_path, folders=(tmp_path,)))
    async with app.run_test() as pilot:
        app.action_go(where)
        await pilot.pause()
        offered = {command.help for command in app.get_system_commands(app.screen)}
    for key in (*keys.keys_of(where), *keys.keys_of(keys.EVERYWHERE)):
        assert (f"{key.help} ({keys.shown(key)})" in offered) == key.palette
