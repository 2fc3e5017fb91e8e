"""Screen 2: the losses, live."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from aetui.app import AetuiApp
from aetui.screens.curves import CurvesScreen
from aetui.widgets.chart import Chart
from trainer.runs.folder import RunFolder

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]

Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]

SIZES = [(80, 24), (200, 60)]


@pytest.mark.parametrize("size", SIZES)
async def test_the_curves_follow_the_log(
    shown: Shown,
    make_run: MakeRun,
    until: Until,
    log_more: Callable[[RunFolder, int, int], None],
    size: tuple[int, int],
) -> None:
    run = make_run("a", state="running", rows=5)
    async with shown(size) as (app, pilot):
        await pilot.press("2")

        def last_step() -> float:
            return max(entry.series["train", "loss"].steps[-1] for entry in app.entries)

        assert last_step() == 5
        log_more(run, 6, 9)
        await until(pilot, lambda: last_step() == 9)


async def test_t_and_tab_go_through_the_terms_and_l_changes_the_axis(
    shown: Shown, make_run: MakeRun, text_of: TextOf
) -> None:
    make_run("a")
    async with shown() as (app, pilot):
        await pilot.press("2")
        screen = app.screen
        assert isinstance(screen, CurvesScreen)
        seen = [screen.shown_term()]
        for key in ("t", "tab", "t", "shift+tab"):
            await pilot.press(key)
            seen.append(screen.shown_term())
        assert seen == ["loss", "reconstruction", "kl", "loss", "kl"]
        await pilot.press("l")
        await pilot.pause()
        assert screen.query_one(Chart).log_y
        assert "logarithmic" in text_of(app)


async def test_the_cursor_reads_values(shown: Shown, make_run: MakeRun, text_of: TextOf) -> None:
    make_run("a", rows=10)
    async with shown() as (app, pilot):
        await pilot.press("2", "left")
        await pilot.pause(0.1)
        cursor = app.screen.query_one(Chart).cursor
        assert cursor is not None
        assert "step 10" in text_of(app)
        assert "train 10" in text_of(app)
        assert "validation 20" in text_of(app)


async def test_marked_runs_are_overlaid(shown: Shown, make_run: MakeRun, text_of: TextOf) -> None:
    for number, name in enumerate(("one", "two", "three")):
        make_run(name, started=float(-number))
    async with shown() as (app, pilot):
        await pilot.press("space", "space", "2")
        await pilot.pause(0.1)
        text = text_of(app)
        assert "one" in text
        assert "two" in text
        assert "three" not in text
        await pilot.press("1", "u", "2")
        await pilot.pause(0.1)
        assert "validation" in text_of(app)


async def test_a_run_without_a_log_is_no_error(shown: Shown, make_run: MakeRun, text_of: TextOf) -> None:
    make_run("a", rows=0)
    async with shown() as (app, pilot):
        await pilot.press("2")
        await pilot.pause(0.1)
        assert "nothing logged yet" in text_of(app)
