"""What holds for the last three screens together: resizes, scroll bars, ASCII, every colour depth."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.app import App
from textual.pilot import Pilot

from aetui.app import AetuiApp
from aetui.follow.sources import Sources
from aetui.paint.look import Look
from trainer.runs.folder import RunFolder
from trainer.runs.samples import Sample, path_of, write_sample

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]
Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]

KEYS = "567"


def with_frames(run: RunFolder) -> RunFolder:
    run.samples.mkdir()
    for step in (1, 10, 100):
        sample = Sample(
            latent=np.random.default_rng(step).normal(size=(50, 64)).astype(np.float16),
            labels=np.arange(50) % 10,
            index=np.arange(50),
            reconstruction=np.full((16, 1, 8, 8), step, np.uint8),
        )
        write_sample(path_of(run.samples, step), sample)
    return run


async def visit(pilot: Pilot[int]) -> None:
    for key in KEYS:
        await pilot.press(key)
        await pilot.pause(0.2)
        for more in ("tab", "right", "space", "space"):
            await pilot.press(more)
        await pilot.pause(0.1)


async def test_resizing_down_to_one_cell_and_back_breaks_nothing(shown: Shown, make_run: MakeRun) -> None:
    with_frames(make_run("a", live=True, variant="denoising"))
    async with shown() as (app, pilot):
        for size in ((20, 6), (5, 2), (1, 1), (3, 40), (120, 3), (200, 60), (80, 24)):
            await pilot.resize_terminal(*size)
            await visit(pilot)
        assert app.is_running


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (30, 10)])
async def test_there_is_no_scroll_bar(shown: Shown, make_run: MakeRun, size: tuple[int, int]) -> None:
    with_frames(make_run("a", live=True, variant="sparse"))
    async with shown(size) as (app, pilot):
        for key in KEYS:
            await pilot.press(key)
            for _ in range(3):
                await pilot.pause(0.3)
                widgets = [app.screen, *app.screen.query("*")]
                assert not any(any(widget.scrollbars_enabled) for widget in widgets)
                await pilot.press("tab")


async def test_in_ascii_they_are_ascii(make_run: MakeRun, runs_dir: Path, text_of: TextOf, until: Until) -> None:
    with_frames(make_run("ü", live=True, variant="sparse"))
    app = AetuiApp(Sources(runs_dir=runs_dir, folders=(runs_dir,)), provider="cpu", render="ascii")
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: app.entries)
        for key in ("5", "v", "enter", "tab", "c", "6", "space", "space", "tab", "7", "left", "c", "p"):
            await pilot.press(key)
            await pilot.pause(0.3)
            assert text_of(app).isascii(), key


LOOKS = [
    Look(depth="truecolor", exact=True),
    Look(depth="16"),
    Look(depth="16", dark=False),
    Look(depth="mono"),
    Look(pixels="characters", depth="mono", unicode=False),
]


@pytest.mark.parametrize(
    "look", LOOKS, ids=lambda look: f"{look.depth}-{look.pixels}-{'dark' if look.dark else 'light'}"
)
async def test_every_depth_of_colour_is_drawn(shown: Shown, make_run: MakeRun, look: Look) -> None:
    with_frames(make_run("a", live=True, variant="sparse"))
    async with shown((100, 30)) as (app, pilot):
        app.look = replace(look)
        app.update_page()
        await visit(pilot)
        assert not app.messages.all
