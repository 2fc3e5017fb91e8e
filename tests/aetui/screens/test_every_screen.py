"""What holds for all screens: every size, every key, help, palette, errors, the engine."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from aetui import keys
from aetui.app import AetuiApp
from aetui.follow.sources import Sources
from aetui.paint.look import Look
from aetui.screens.help import HelpScreen
from aetui.screens.page import Page
from aetui.screens.reconstructions import ReconstructionsScreen
from aetui.widgets.gallery import Gallery
from export.errors import ExitCode, ToolError
from trainer.runs.folder import RunFolder
from trainer.runs.samples import Sample, path_of, write_sample

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]

Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]


def with_frames(run: RunFolder) -> RunFolder:
    """Three moments of its training, for the last screen."""
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


@pytest.mark.parametrize("size", [(20, 6), (200, 60)])
async def test_every_key_of_every_screen_works_at_every_size(
    shown: Shown, make_run: MakeRun, text_of: TextOf, size: tuple[int, int]
) -> None:
    make_run("a", live=True, variant="variational")
    make_run("b", live=True, variant="denoising", options={"corruption": "gaussian", "level": 0.3})
    async with shown(size) as (app, pilot):
        for number, where in enumerate(keys.SCREENS, start=1):
            for one in (one for key in keys.keys_of(where) for one in key.keys):
                if app.current_mode != where:
                    await pilot.press(str(number))
                await pilot.press(one)
                if len(app.screen_stack) > 1 or isinstance(app.focused, Input):
                    await pilot.press("escape")
        app.clear_notifications()
        for number, title in enumerate(keys.SCREENS.values(), start=1):
            await pilot.press(str(number))
            lines = text_of(app).splitlines()
            assert len(lines) == size[1]
            assert f"{number} {title}" in lines[0]
            assert "quit" in lines[-1]


async def visit(app: AetuiApp, pilot: Pilot[int]) -> None:
    """Every screen, its second view, and what begins to move there."""
    for number, where in enumerate(keys.SCREENS, start=1):
        await pilot.press(str(number))
        assert app.current_mode == where
        await pilot.press("tab", "right", "space", "space")
        while len(app.screen_stack) > 1 or isinstance(app.focused, Input):
            await pilot.press("escape")


async def test_resizing_down_to_one_cell_and_back_breaks_nothing(shown: Shown, make_run: MakeRun) -> None:
    with_frames(make_run("a", live=True, variant="denoising"))
    async with shown() as (app, pilot):
        for size in ((20, 6), (5, 2), (1, 1), (3, 40), (120, 3), (200, 60), (80, 24)):
            await pilot.resize_terminal(*size)
            await visit(app, pilot)
        assert not app.messages.all


async def test_no_screen_has_a_scroll_bar(shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf) -> None:
    with_frames(make_run("a", live=True, variant="sparse"))
    async with shown() as (app, pilot):
        for size in ((80, 24), (200, 60), (30, 10)):
            await pilot.resize_terminal(*size)
            for number in range(1, len(keys.SCREENS) + 1):
                await pilot.press(str(number))
                screen = app.screen
                assert isinstance(screen, Page)
                for _ in range(max(1, len(screen.views))):
                    await until(pilot, lambda: "asking the" not in text_of(app))
                    assert not any(any(widget.scrollbars_enabled) for widget in (screen, *screen.query("*")))
                    await pilot.press("tab")


LOOKS = [
    Look(depth="truecolor", exact=True),
    Look(depth="16"),
    Look(depth="16", dark=False),
    Look(depth="mono"),
    Look(pixels="characters", depth="mono", unicode=False),
]


async def test_every_depth_of_colour_is_drawn(shown: Shown, make_run: MakeRun) -> None:
    with_frames(make_run("a", live=True, variant="sparse"))
    async with shown((100, 30)) as (app, pilot):
        for look in LOOKS:
            app.look = look
            app.update_page()
            await visit(app, pilot)
        assert not app.messages.all


async def test_help_opens_over_every_screen_and_closes(shown: Shown, make_run: MakeRun, text_of: TextOf) -> None:
    make_run("a")
    async with shown() as (app, pilot):
        for number, title in enumerate(keys.SCREENS.values(), start=1):
            await pilot.press(str(number), "question_mark")
            assert isinstance(app.screen, HelpScreen)
            assert title in text_of(app)
            await pilot.press("escape")
            assert not isinstance(app.screen, HelpScreen)


async def test_the_palette_runs_what_it_finds(shown: Shown, make_run: MakeRun, until: Until) -> None:
    make_run("a")
    async with shown() as (app, pilot):
        await pilot.press("ctrl+p", *"latent")
        await until(pilot, lambda: app.screen.query_one(OptionList).option_count == 1)
        await pilot.press("enter")
        await until(pilot, lambda: app.current_mode == "latent")


async def test_q_leaves_and_takes_the_engine_with_it(shown: Shown, make_run: MakeRun, until: Until) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        await until(pilot, lambda: app.status().startswith("CPU"))
        engine = app._desk.engine
        assert engine is not None
        pid = engine.pid
        assert pid is not None
        await pilot.press("q")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_an_engine_that_is_killed_is_started_again(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    import signal

    make_run("a", live=True)
    async with shown() as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "mse" in text_of(app))
        engine = app._desk.engine
        assert engine is not None
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGKILL)
        await pilot.pause(0.2)
        await pilot.press("c")
        await until(pilot, lambda: "gaussian" in text_of(app) or app.messages.all)
        await pilot.press("n")
        await until(pilot, lambda: "gaussian" in text_of(app))


async def test_an_error_is_told_once_and_harmlessly(shown: Shown, text_of: TextOf) -> None:
    async with shown((120, 40)) as (app, pilot):
        for _ in range(5):
            app.tell(ToolError("[red]odd\x1b", why="w[/]", do="d", exit_code=ExitCode.FAILED))
        await pilot.pause(0.3)
        assert text_of(app).count("[red]odd␛") == 1


async def test_in_ascii_every_screen_is_ascii(make_run: MakeRun, runs_dir: Path, text_of: TextOf, until: Until) -> None:
    with_frames(make_run("ü", live=True, variant="sparse"))
    app = AetuiApp(Sources(runs_dir=runs_dir, folders=(runs_dir,)), provider="cpu", render="ascii")
    pressed = "1 2 left 3 v 4 question_mark escape 1 n escape 5 v enter tab c 6 space space tab 7 left c p ctrl+p"
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: app.entries)
        for key in pressed.split():
            await pilot.press(key)
            await until(pilot, lambda: "asking the" not in text_of(app))
            assert text_of(app).isascii(), key


async def test_a_bundle_opens_with_its_reconstructions(
    make_run: MakeRun, tmp_path: Path, until: Until, text_of: TextOf
) -> None:
    import shutil

    run = make_run("a", live=True)
    bundle = tmp_path / "bundle"
    shutil.copytree(run.live, bundle)
    shutil.copy(run.probe, bundle / "probe.npz")
    assert json.loads((bundle / "manifest.json").read_text())["name"] == "a"
    app = AetuiApp(Sources(runs_dir=tmp_path, bundles=(bundle,)), provider="cpu")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.entries)
        await pilot.press("enter")
        assert isinstance(app.screen, ReconstructionsScreen)
        await until(pilot, lambda: "0.0156" in text_of(app))
        assert app.screen.query_one(Gallery).display
