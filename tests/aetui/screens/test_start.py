"""The form for a new run, and what it starts."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from aetui.app import AetuiApp
from aetui.paint.look import Look
from aetui.runs.form import arguments, shown_fields
from aetui.screens.start import StartScreen
from aetui.widgets.choice import Choice
from aetui.widgets.option_row import OptionRow

Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]

Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]


async def open_form(pilot: Pilot[int]) -> None:
    """Press n, and wait until the form is there."""
    await pilot.press("n")
    for _ in range(200):
        await pilot.pause(0.02)
        if isinstance(pilot.app.screen, StartScreen) and pilot.app.screen.focused is not None:
            await pilot.pause(0.1)
            return
    raise AssertionError("no form")


async def test_the_form_becomes_a_command_line(shown: Shown, runs_dir: Path, text_of: TextOf) -> None:
    async with shown() as (app, pilot):
        await open_form(pilot)
        assert isinstance(app.screen, StartScreen)
        app.screen.query_one("#epochs", Input).value = "3"
        app.screen.query_one("#name", Input).value = "--odd"
        await pilot.pause()
        expected = ["fit", "variational", "--epochs=3", "--name=--odd", f"--runs-dir={runs_dir}"]
        assert arguments(app.screen.draft) == expected
        assert "aetrain fit variational --epochs=3" in text_of(app)
        await pilot.press("escape")
        assert app.current_mode == "runs"


async def test_the_error_of_a_start_is_shown_in_the_form(shown: Shown, until: Until, text_of: TextOf) -> None:
    async with shown() as (app, pilot):
        await open_form(pilot)
        app.screen.query_one("#latent-dim", Input).value = "64"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "error:" in text_of(app), seconds=60)
        assert "--latent-dim 64 is no bottleneck" in text_of(app)
        assert "why:" in text_of(app)
        assert "do:" in text_of(app)
        assert isinstance(app.screen, StartScreen)


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_letters_typed_into_the_form_are_text(shown: Shown, size: tuple[int, int]) -> None:
    async with shown(size) as (app, pilot):
        await open_form(pilot)
        app.screen.query_one("#name").focus()
        await pilot.press("q", "1", "question_mark", "n")
        assert app.screen.query_one("#name", Input).value == "q1?n"


async def test_a_run_that_is_started_here_trains_by_itself_and_is_followed(
    shown: Shown, runs_dir: Path, until: Until
) -> None:
    async with shown() as (app, pilot):
        await open_form(pilot)
        app.screen.query_one("#epochs", Input).value = "2"
        app.screen.query_one("#name", Input).value = "mine"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: [entry.name for entry in app.entries] == ["mine"], seconds=120)
        await until(pilot, lambda: not isinstance(app.screen, StartScreen), seconds=30)
        await until(pilot, lambda: app.entries[0].state == "finished", seconds=120)
        assert ("validation", "kl") in app.entries[0].series
        assert (runs_dir / "mine" / "live").is_symlink()


def form(app: AetuiApp) -> StartScreen:
    assert isinstance(app.screen, StartScreen)
    return app.screen


async def test_a_mistake_is_told_below_its_line_while_it_is_typed(shown: Shown, text_of: TextOf) -> None:
    async with shown() as (app, pilot):
        await open_form(pilot)
        form(app).query_one("#epochs", Input).focus()
        await pilot.press("2", "full_stop", "5")
        await pilot.pause()
        assert "must be a whole number at least 1" in text_of(app)
        await pilot.press("ctrl+s")
        await pilot.pause(0.2)
        assert form(app).focused is form(app).query_one("#epochs")
        await pilot.press("backspace", "backspace")
        await pilot.pause()
        assert "must be" not in text_of(app)


async def test_arrows_go_through_the_lines_and_choose_among_values(shown: Shown) -> None:
    async with shown() as (app, pilot):
        await open_form(pilot)
        await pilot.press("down")
        arch = form(app).query_one("#arch", Choice)
        assert form(app).focused is arch
        await pilot.press("right")
        assert arch.value == "lecture"
        await pilot.press("space")
        assert arch.value == "conv"
        await pilot.press("left", "left", "left")
        assert arch.value == "conv"
        await pilot.pause()
        assert "--arch=conv" in arguments(form(app).draft)
        await pilot.press("up")
        assert form(app).focused is form(app).query_one("#data")


async def test_a_click_chooses_a_value(shown: Shown) -> None:
    async with shown() as (app, pilot):
        await open_form(pilot)
        await pilot.click("#arch", offset=(7, 0))
        await pilot.pause()
        assert form(app).query_one("#arch", Choice).value == "lecture"


async def test_options_of_a_variant_are_there_while_it_is_ticked(shown: Shown, until: Until, text_of: TextOf) -> None:
    async with shown((100, 50)) as (app, pilot):
        await open_form(pilot)
        assert "sparse:" not in text_of(app)
        assert "kl warmup" in text_of(app)
        form(app).query_one("#variant-sparse").focus()
        await pilot.press("space")
        await until(pilot, lambda: "sparse:" in text_of(app))
        form(app).query_one("#sparse-l1", Input).value = "0.25"
        form(app).query_one("#variant-variational").focus()
        await pilot.press("space")
        await until(pilot, lambda: "kl warmup" not in text_of(app))
        assert arguments(form(app).draft)[:3] == ["fit", "sparse", "--sparse.l1=0.25"]


async def test_without_a_variant_nothing_starts(shown: Shown, until: Until, text_of: TextOf) -> None:
    async with shown() as (app, pilot):
        await open_form(pilot)
        form(app).query_one("#variant-variational").focus()
        await pilot.press("space")
        await until(pilot, lambda: "tick at least one variant" in text_of(app))
        await pilot.press("ctrl+s")
        await pilot.pause(0.2)
        assert isinstance(app.screen, StartScreen)


async def test_the_other_options_unfold_and_fold(shown: Shown, until: Until) -> None:
    async with shown((100, 60)) as (app, pilot):
        await open_form(pilot)
        assert not form(app).query("#optimizer")
        await pilot.press("ctrl+o")
        await until(pilot, lambda: form(app).query("#optimizer"))
        shown_keys = {row.field.key for row in form(app).query(OptionRow)}
        assert shown_keys == {field.key for field in shown_fields(form(app).draft)}
        form(app).query_one("#optimizer", Choice).step(1)
        await pilot.pause()
        assert "--optimizer=adamw" in arguments(form(app).draft)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: not form(app).query_one("#more").display)
        assert "--optimizer=adamw" in arguments(form(app).draft)


async def test_the_hint_of_the_line_with_the_focus_is_shown_whole(shown: Shown, text_of: TextOf) -> None:
    async with shown((110, 40)) as (app, pilot):
        await open_form(pilot)
        form(app).query_one("#lr").focus()
        await pilot.pause()
        text = " ".join(text_of(app).replace("│", " ").split())
        assert "--lr: Adam's highest learning rate, > 0; default 0.003 (lecture: 0.006); auto tries some" in text
        form(app).query_one("#name").focus()
        await pilot.pause()
        assert "Several variants: each adds its own" in " ".join(text_of(app).replace("│", " ").split())


async def test_the_command_line_is_copied(shown: Shown, runs_dir: Path) -> None:
    async with shown() as (app, pilot):
        await open_form(pilot)
        form(app).query_one("#epochs", Input).value = "3"
        await pilot.press("ctrl+y")
        await pilot.pause()
        assert app.clipboard == f"aetrain fit variational --epochs=3 --runs-dir={runs_dir}"


@pytest.mark.parametrize("size", [(80, 24), (80, 20), (60, 14)])
async def test_command_and_buttons_stay_on_the_screen_whatever_is_unfolded(
    shown: Shown, text_of: TextOf, until: Until, size: tuple[int, int]
) -> None:
    async with shown(size) as (app, pilot):
        await open_form(pilot)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: form(app).query("#optimizer"))
        form(app).query_one("#data", Input).value = "nowhere"
        await pilot.pause(0.3)
        text = text_of(app)
        assert "aetrain fit variational" in text
        assert "start (^s)" in text
        form(app).query(Input).last().focus()
        await pilot.press("up", "down")
        assert text_of(app) != text
        assert "start (^s)" in text_of(app)


async def test_the_form_is_ascii_where_only_ascii_arrives(shown: Shown, text_of: TextOf) -> None:
    async with shown((100, 60)) as (app, pilot):
        app.look = Look(unicode=False, pixels="characters")
        await open_form(pilot)
        await pilot.press("ctrl+o")
        await pilot.pause(0.3)
        form(app).query_one("#variational-variance").focus()
        await pilot.pause()
        assert "Fixed variance sigma^2" in text_of(app)
