"""Screen 1: what trains, what is done, and asking trainers for something."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from aetui.app import AetuiApp
from aetui.follow.sources import Sources
from aetui.screens.curves import CurvesScreen
from aetui.widgets.run_table import RunTable
from trainer.runs.control import requests
from trainer.runs.folder import RunFolder

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]

Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]

SIZES = [(80, 24), (200, 60)]


@pytest.mark.parametrize("size", SIZES)
async def test_the_table_shows_every_run_with_its_state_and_loss(
    shown: Shown, make_run: MakeRun, text_of: TextOf, size: tuple[int, int]
) -> None:
    make_run("trains", variant="sparse", state="running", step=50)
    make_run("failed", state="failed", error="the loss is not finite")
    make_run("dead", state="running", pid=2**22 + 12345)
    async with shown(size) as (app, _):
        lines = text_of(app).splitlines()
    assert len(lines) == size[1]
    row = {line.split()[1]: line for line in (line.replace("›", " ") for line in lines[2:5])}
    assert re.search(r"sparse .*running .*5\.0/10 .*1\.5", row["trains"])
    assert "failed" in row["failed"]
    assert "stale" in row["dead"]


async def test_an_empty_folder_says_what_to_do(shown: Shown, text_of: TextOf) -> None:
    async with shown() as (app, _):
        assert "aetrain fit" in text_of(app)
        assert "press n" in text_of(app)


async def test_a_run_that_appears_is_shown_and_one_that_vanishes_is_not(
    shown: Shown, make_run: MakeRun, runs_dir: Path, until: Until, text_of: TextOf
) -> None:
    async with shown() as (app, pilot):
        run = make_run("late")
        await until(pilot, lambda: "late" in text_of(app))
        os.rename(run.path, runs_dir.parent / "gone")
        await until(pilot, lambda: "late" not in text_of(app))
        assert app.selection.path is None


async def test_broken_and_hostile_folders_are_shown_harmlessly(
    shown: Shown, make_run: MakeRun, text_of: TextOf
) -> None:
    make_run("\x1b[31m[b]red[\x9b", variant="[/]")
    make_run("broken").status.write_text("{")
    make_run("odd").metrics.write_bytes(b"\x00\xff\n" * 10)
    async with shown() as (app, pilot):
        for key in ("1", "down", "2", "3", "4", "1", "down", "2", "3", "4"):
            await pilot.press(key)
            await pilot.pause(0.1)
        await pilot.press("1")
        text = text_of(app)
    assert "␛[31m[b]red[" in text
    assert "\x1b" not in text
    assert "unreadable" in text


async def test_where_there_is_no_curve_the_chart_says_why(
    make_run: MakeRun, tmp_path: Path, until: Until, text_of: TextOf
) -> None:
    sources = Sources(runs_dir=tmp_path, runs=(make_run("a", rows=0).path,), bundles=(make_run("b", live=True).live,))
    app = AetuiApp(sources, provider="cpu")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: len(app.entries) == 2)
        await pilot.press("1")
        for entry in app.entries:
            app.select(entry.path)
            said = "a bundle has no curves: enter shows its pictures"
            said = said if entry.state == "bundle" else "nothing logged yet"
            await until(pilot, lambda said=said: said in text_of(app))


async def test_enter_opens_the_curves_and_escape_goes_back(shown: Shown, make_run: MakeRun, runs_dir: Path) -> None:
    make_run("a", started=2.0)
    make_run("b", started=1.0)
    async with shown() as (app, pilot):
        await pilot.press("down", "enter")
        assert isinstance(app.screen, CurvesScreen)
        assert app.selection.path == runs_dir / "b"
        await pilot.press("escape")
        assert app.current_mode == "runs"


async def test_pause_unpause_and_stop_ask_the_trainer(
    shown: Shown,
    make_run: MakeRun,
) -> None:
    run = make_run("a", state="running")
    async with shown() as (_, pilot):
        await pilot.press("p", "x")
        assert [request.verb for request in requests(run)] == ["pause", "stop"]


async def test_a_run_that_is_over_is_not_asked(shown: Shown, make_run: MakeRun, text_of: TextOf) -> None:
    run = make_run("a", state="finished")
    async with shown() as (app, pilot):
        await pilot.press("x")
        await pilot.pause(0.2)
        assert "nothing to stop" in text_of(app)
        assert "it is finished, not running or paused" in text_of(app)
    assert requests(run) == []


async def test_a_hundred_runs_scroll_with_the_cursor(
    shown: Shown, make_run: MakeRun, runs_dir: Path, text_of: TextOf
) -> None:
    for number in range(100):
        make_run(f"run-{number:03}", started=float(1000 - number), rows=0)
    async with shown() as (app, pilot):
        assert "run-000" in text_of(app)
        for _ in range(12):
            await pilot.press("pagedown")
        await pilot.pause(0.1)
        assert "run-099" in text_of(app)
        assert "run-000" not in text_of(app)
        for _ in range(12):
            await pilot.press("pageup")
        await pilot.pause(0.1)
        assert app.selection.path == runs_dir / "run-000"


async def test_a_click_selects_a_run(shown: Shown, make_run: MakeRun, runs_dir: Path) -> None:
    make_run("a", started=2.0)
    make_run("b", started=1.0)
    async with shown() as (app, pilot):
        await pilot.click(RunTable, offset=(4, 2))
        await pilot.pause()
        assert app.selection.path == runs_dir / "b"


async def test_keys_that_come_at_once_each_mark_a_run(shown: Shown, make_run: MakeRun, runs_dir: Path) -> None:
    for number, name in enumerate("abc"):
        make_run(name, started=float(-number))
    async with shown() as (app, pilot):
        for _ in range(2):
            await app.run_action("mark", app.screen)
        await pilot.pause()
        assert app.selection.marked == [runs_dir / "a", runs_dir / "b"]
