"""The form for a new run, and what it starts."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from aetui.app import AetuiApp
from aetui.screens.start import StartScreen

Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]

Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]


async def test_the_form_becomes_a_command_line(shown: Shown, runs_dir: Path) -> None:
    async with shown() as (app, pilot):
        await pilot.press("n")
        await pilot.pause()
        assert isinstance(app.screen, StartScreen)
        app.screen.query_one("#epochs").value = "3"  # type: ignore[attr-defined]
        app.screen.query_one("#name").value = "--odd"  # type: ignore[attr-defined]
        assert app.screen.arguments() == [
            "fit",
            "variational",
            "--arch",
            "mlp",
            "--data=digits",
            "--epochs=3",
            "--name=--odd",
            f"--runs-dir={runs_dir}",
            "--detach",
        ]
        await pilot.press("escape")
        assert app.current_mode == "runs"


async def test_the_error_of_a_start_is_shown_in_the_form(shown: Shown, until: Until, text_of: TextOf) -> None:
    async with shown() as (app, pilot):
        await pilot.press("n")
        await pilot.pause()
        app.screen.query_one("#data").value = "dgits"  # type: ignore[attr-defined]
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "error:" in text_of(app), seconds=60)
        assert "dgits" in text_of(app)
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
        assert app.screen.query_one("#name").value == "q1?n"  # type: ignore[attr-defined]


async def test_a_run_that_is_started_here_trains_by_itself_and_is_followed(
    shown: Shown, runs_dir: Path, until: Until
) -> None:
    async with shown() as (app, pilot):
        await pilot.press("n")
        await pilot.pause()
        app.screen.query_one("#epochs").value = "2"  # type: ignore[attr-defined]
        app.screen.query_one("#name").value = "mine"  # type: ignore[attr-defined]
        await pilot.press("ctrl+s")
        await until(pilot, lambda: [entry.name for entry in app.entries] == ["mine"], seconds=120)
        await until(pilot, lambda: not isinstance(app.screen, StartScreen), seconds=30)
        await until(pilot, lambda: app.entries[0].state == "finished", seconds=120)
        assert ("validation", "kl") in app.entries[0].series
        assert (runs_dir / "mine" / "live").is_symlink()
