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
from aetui.form import arguments
from aetui.screens.start import StartScreen

Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]

Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]


async def test_the_form_becomes_a_command_line(shown: Shown, runs_dir: Path, text_of: TextOf) -> None:
    async with shown() as (app, pilot):
        await pilot.press("n")
        await pilot.pause()
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
        await pilot.press("n")
        await pilot.pause()
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
        await pilot.press("n")
        await pilot.pause()
        app.screen.query_one("#name").focus()
        await pilot.press("q", "1", "question_mark", "n")
        assert app.screen.query_one("#name", Input).value == "q1?n"


async def test_a_run_that_is_started_here_trains_by_itself_and_is_followed(
    shown: Shown, runs_dir: Path, until: Until
) -> None:
    async with shown() as (app, pilot):
        await pilot.press("n")
        await pilot.pause()
        app.screen.query_one("#epochs", Input).value = "2"
        app.screen.query_one("#name", Input).value = "mine"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: [entry.name for entry in app.entries] == ["mine"], seconds=120)
        await until(pilot, lambda: not isinstance(app.screen, StartScreen), seconds=30)
        await until(pilot, lambda: app.entries[0].state == "finished", seconds=120)
        assert ("validation", "kl") in app.entries[0].series
        assert (runs_dir / "mine" / "live").is_symlink()
