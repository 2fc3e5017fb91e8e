"""The keys that work on every screen: copying, saving, jumping, themes, the mouse, messages, remembering."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.app import App
from textual.pilot import Pilot

from aetui import keys
from aetui.app import AetuiApp
from aetui.follow.sources import Sources
from aetui.screens.jump import JumpScreen
from aetui.screens.messages import MessagesScreen
from aetui.settings import Settings
from aetui.terminal.capabilities import render_of
from aetui.themes import NAMES
from export.errors import ToolError
from trainer.runs.folder import RunFolder

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]
Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]


async def test_y_copies_what_the_screen_is_about(shown: Shown, make_run: MakeRun) -> None:
    make_run("my-run")
    async with shown() as (app, pilot):
        for number in range(1, len(keys.SCREENS) + 1):
            await pilot.press(str(number), "y")
            await pilot.pause()
            page = app.page()
            assert page is not None
            assert app.clipboard == page.copied() != ""


async def test_s_saves_the_screen_as_svg(shown: Shown, make_run: MakeRun, tmp_path: Path, until: Until) -> None:
    make_run("my-run")
    async with shown() as (app, pilot):
        app.settings = replace(app.settings, save_dir=str(tmp_path))
        await pilot.press("s")
        await until(pilot, lambda: list(tmp_path.glob("aetui-runs-*.svg")))
    (saved,) = tmp_path.glob("*.svg")
    assert "my-run" in saved.read_text().replace("&#160;", " ")


async def test_where_there_are_no_pictures_shift_s_says_so(shown: Shown, tmp_path: Path, text_of: TextOf) -> None:
    async with shown() as (app, pilot):
        app.settings = replace(app.settings, save_dir=str(tmp_path))
        await pilot.press("1", "S")
        await pilot.pause(0.2)
        assert "no pictures here" in text_of(app)


async def test_a_folder_that_cannot_be_written_is_told(shown: Shown, tmp_path: Path) -> None:
    async with shown() as (app, pilot):
        app.settings = replace(app.settings, save_dir=str(tmp_path / "none"))
        await pilot.press("s")
        await pilot.pause(0.2)
        assert [message.severity for message in app.messages.all] == ["error"]


async def test_shift_t_goes_through_the_themes_and_the_pictures_follow(shown: Shown, make_run: MakeRun) -> None:
    make_run("my-run")
    async with shown() as (app, pilot):
        seen = []
        for _ in NAMES:
            await pilot.press("T")
            await pilot.pause()
            seen.append((app.theme, app.look.dark))
            assert app.messages.all[-1].text == next(name for name, theme in NAMES.items() if theme == app.theme)
        assert {theme for theme, _ in seen} == set(NAMES.values())
        assert all(dark == app.available_themes[theme].dark for theme, dark in seen)


async def test_r_goes_through_the_ways_of_drawing(shown: Shown, make_run: MakeRun) -> None:
    make_run("my-run")
    async with shown() as (app, pilot):
        first = app.look
        looks = []
        for _ in range(10):
            await pilot.press("r")
            looks.append(app.look)
            assert app.messages.all[-1].text == render_of(app.look)
            if app.look == first:
                break
        assert looks[-1] == first
        assert any(not look.unicode for look in looks)


async def test_what_was_copied_is_told_in_one_line(shown: Shown) -> None:
    async with shown() as (app, _):
        app.copy("one\ttwo\nthree")
        app.copy("one")
        app.copy("")
        told = [(message.title, message.text) for message in app.messages.all]
        assert told == [("copied 2 lines", ""), ("copied", "one"), ("nothing to copy", "")]


async def test_m_gives_the_mouse_away_and_takes_it_back(shown: Shown, text_of: TextOf) -> None:
    async with shown() as (app, pilot):
        await pilot.press("m")
        await pilot.pause(0.2)
        assert "the mouse is" in text_of(app)


async def test_e_shows_errors_whole_and_copies_them(shown: Shown, text_of: TextOf) -> None:
    async with shown((80, 24)) as (app, pilot):
        app.tell(ToolError("something is wrong", why="because " * 30, do="this\nand that"))
        await pilot.press("e")
        await pilot.pause(0.2)
        assert isinstance(app.screen, MessagesScreen)
        assert text_of(app).count("because") == 30, "whole, and no toast on top of it"
        await pilot.press("y")
        assert "something is wrong" in app.clipboard
        await pilot.press("escape")
        assert not isinstance(app.screen, MessagesScreen)


async def test_every_place_can_be_jumped_to(shown: Shown, make_run: MakeRun) -> None:
    make_run("my-run")
    async with shown((120, 40)) as (app, pilot):
        await pilot.press("semicolon")
        await pilot.pause()
        assert isinstance(app.screen, JumpScreen)
        await pilot.press("s")  # the second place: the tab of the second screen
        await pilot.pause()
        assert app.current_mode == "curves"
        await pilot.press("semicolon", "escape")
        await pilot.pause()
        assert not isinstance(app.screen, JumpScreen)
        assert app.current_mode == "curves"


async def test_the_last_line_names_the_keys_that_hold(shown: Shown, make_run: MakeRun, text_of: TextOf) -> None:
    make_run("my-run")
    async with shown((120, 40)) as (app, pilot):

        async def keys_after(*pressed: str) -> str:
            await pilot.press(*pressed)
            await pilot.pause(0.1)
            return text_of(app).split("\n")[-1].strip()

        page = await keys_after()
        assert page.endswith("? help  q quit")
        for opened, line in {
            "slash": "enter keep  esc as before  F1 grammar",
            "n": "esc close  ^s start  ^o more options  ^y copy",
            "e": "esc close  y copy",
            "D": "y yes  n no",
            "ctrl+p": "",
        }.items():
            assert await keys_after(opened) == line
            assert await keys_after("escape") == page


async def test_a_letter_that_leads_nowhere_ends_the_jump(shown: Shown) -> None:
    async with shown((120, 40)) as (app, pilot):
        await pilot.press("semicolon", "7")
        await pilot.pause()
        assert not isinstance(app.screen, JumpScreen)


async def test_what_arrives_after_the_letter_that_ended_the_jump_closes_nothing_more(shown: Shown) -> None:
    """Over a slow line keys come together: all of them reach the screen that was on top when the first one came."""
    async with shown((120, 40)) as (app, pilot):
        await pilot.press("semicolon")
        await pilot.pause()
        jump = app.screen
        for key in "7778":
            jump.post_message(events.Key(key, key))
        await pilot.pause()
        assert app.current_mode == "runs"
        assert len(app.screen_stack) == 1


async def test_keys_that_come_all_at_once_do_no_harm_to_the_palette(shown: Shown) -> None:
    async with shown((40, 10)) as (app, pilot):
        for keys_at_once in (
            ["ctrl+p", "pagedown"],
            ["ctrl+p", "pagedown", "pageup", "end"],
            ["ctrl+p", "down", "enter", "enter"],
            ["ctrl+p", "escape", "escape", "escape"],
        ):
            for key in keys_at_once:
                app.post_message(events.Key(key, None))
            await pilot.pause(0.2)
            while len(app.screen_stack) > 1:
                await pilot.press("escape")
        assert app.is_running


async def test_who_presses_ctrl_c_by_habit_is_told_what_leaves(shown: Shown) -> None:
    async with shown() as (app, pilot):
        await pilot.press("ctrl+c")
        assert [message.title for message in app.messages.all] == ["q leaves aetui (trainings go on)"]


async def test_what_was_shown_is_shown_again(make_run: MakeRun, runs_dir: Path, tmp_path: Path, until: Until) -> None:
    make_run("old", started=1.0)
    make_run("new", started=2.0)
    sources = Sources(runs_dir=runs_dir, folders=(runs_dir,))
    state = tmp_path / "state.json"
    app = AetuiApp(sources, provider="cpu", state_file=state)
    async with app.run_test() as pilot:
        await until(pilot, lambda: len(app.entries) == 2)
        await pilot.press("down", "2", "T")
        await pilot.pause()
        theme = app.theme
    again = AetuiApp(sources, provider="cpu", state_file=state)
    async with again.run_test() as pilot:
        await until(pilot, lambda: len(again.entries) == 2)
        await pilot.pause()
        assert again.current_mode == "curves"
        assert again.selection.path == runs_dir / "old"
        assert again.theme == theme


async def test_a_user_who_wants_nothing_remembered_is_obeyed(runs_dir: Path, tmp_path: Path, until: Until) -> None:
    sources = Sources(runs_dir=runs_dir, folders=(runs_dir,))
    state = tmp_path / "state.json"
    app = AetuiApp(sources, settings=Settings(remember=False), state_file=state)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.looked)
    assert not state.exists()


async def test_a_key_pressed_before_the_runs_are_there_is_not_lost(runs_dir: Path, until: Until) -> None:
    app = AetuiApp(Sources(runs_dir=runs_dir, folders=(runs_dir,)))
    async with app.run_test() as pilot:
        app.action_go("latent")
        await until(pilot, lambda: app.current_mode == "latent")


@pytest.mark.parametrize("name", NAMES)
async def test_every_theme_of_the_settings_can_be_had(runs_dir: Path, name: str) -> None:
    app = AetuiApp(Sources(runs_dir=runs_dir, folders=(runs_dir,)), settings=Settings(theme=name))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.theme == NAMES[name]
        assert app.look.dark == app.available_themes[app.theme].dark


@pytest.mark.parametrize(("kind", "screen"), [("runs", "curves"), ("bundles", "reconstructions")])
async def test_who_names_one_run_or_bundle_sees_it_at_once(
    make_run: MakeRun, tmp_path: Path, until: Until, kind: str, screen: str
) -> None:
    run = make_run("a", live=True)
    sources = Sources(runs_dir=tmp_path, **{kind: (run.path if kind == "runs" else run.live,)})  # type: ignore[arg-type]
    app = AetuiApp(sources, provider="cpu")
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.entries and app.current_mode == screen)
