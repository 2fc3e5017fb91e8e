"""Screen 4: the way from one image to another."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from aetui.app import AetuiApp
from aetui.screens.latent import LatentScreen
from trainer.runs.folder import RunFolder

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]

Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]

SIZES = [(80, 24), (200, 60)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("variant", ["undercomplete", "variational"])
async def test_the_way_from_a_to_b_is_decoded(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, size: tuple[int, int], variant: str
) -> None:
    make_run("a", variant=variant, live=True)
    async with shown(size) as (app, pilot):
        await pilot.press("4")
        screen = app.screen
        assert isinstance(screen, LatentScreen)
        await until(pilot, lambda: screen._frames is not None)
        frames = screen._frames
        assert frames is not None
        # Image 1 has 4 bright pixels and image 2 has 8; the network halves them: four pixels go from 0 to 1/2.
        assert frames[:, 0].reshape(len(frames), -1)[:, 5] == pytest.approx([i / 120 for i in range(61)], abs=1e-6)
        assert frames[:, 0].reshape(len(frames), -1)[:, 0] == pytest.approx([0.5] * 61)
        await until(pilot, lambda: "t = 0.00" in text_of(app) and "64 wide" in text_of(app))


async def test_play_scrub_speed_and_way(shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        await pilot.press("4")
        screen = app.screen
        assert isinstance(screen, LatentScreen)
        await until(pilot, lambda: screen._frames is not None)
        await pilot.press("right")
        assert screen.position == pytest.approx(0.05)
        await pilot.press("left", "left")
        assert screen.position == 0
        await pilot.press("plus", "space")
        assert screen.playing
        await until(pilot, lambda: screen.position > 0.2)
        await pilot.press("space")
        stopped = screen.position
        await pilot.pause(0.3)
        assert screen.position == stopped
        await pilot.press("i")
        assert screen.way == "slerp"
        await until(pilot, lambda: "slerp" in text_of(app))


async def test_a_and_b_go_through_the_images(shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        await pilot.press("4")
        await until(pilot, lambda: "image 2 (1)" in text_of(app))
        await pilot.press("a", "a", "b", "B", "B", "B")
        await until(pilot, lambda: "A  image 3 (2)" in text_of(app) and "B  image 16 (5)" in text_of(app))


async def test_a_variational_run_is_preferred_until_one_is_chosen(
    shown: Shown, make_run: MakeRun, runs_dir: Path, until: Until
) -> None:
    make_run("vae", variant="variational", live=True, started=1.0)
    make_run("other", live=True, started=2.0)
    async with shown() as (app, pilot):
        await pilot.press("4")
        screen = app.screen
        assert isinstance(screen, LatentScreen)
        entry = screen.entry()
        assert entry is not None
        assert entry.name == "vae"
        await pilot.press("right_square_bracket")
        assert app.selection.path == runs_dir / "other"


async def test_a_screen_that_is_left_does_not_play_on(shown: Shown, make_run: MakeRun, until: Until) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        await pilot.press("4")
        screen = app.screen
        assert isinstance(screen, LatentScreen)
        await until(pilot, lambda: screen._frames is not None)
        await pilot.press("space", "1")
        await pilot.pause(0.2)
        stopped = screen.position
        await pilot.pause(0.3)
        assert screen.position == stopped
