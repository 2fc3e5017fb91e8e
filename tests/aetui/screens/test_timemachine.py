"""Screen 7 on a training of ten frames: at the step s the reconstruction is s / 100 as bright as the image."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from textual.app import App
from textual.pilot import Pilot

from aetui.app import AetuiApp
from aetui.screens.timemachine import TimeMachineScreen
from aetui.widgets.moment_view import MomentView
from aetui.widgets.scatter_plot import ScatterPlot
from aetui.widgets.step_chart import StepChart
from trainer.runs.folder import RunFolder
from trainer.runs.probe import read_probe
from trainer.runs.samples import Sample, path_of, read_sample, write_sample

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]
Told = Callable[[AetuiApp], str]
Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]

STEPS = list(range(10, 101, 10))


def add_frames(run: RunFolder, steps: list[int], *, width: int = 3, wide: bool = False) -> RunFolder:
    """Codes of 60 images that grow with the steps, and the probe's images as bright as the training is long."""
    images = read_probe(run.probe).images
    codes = np.random.default_rng(0).normal(size=(60, width)) * np.arange(width, 0, -1)
    run.samples.mkdir(exist_ok=True)
    for step in steps:
        sample = Sample(
            latent=(codes * step / 100).astype(np.float16),
            labels=np.arange(60) % 10,
            index=np.arange(60),
            reconstruction=np.asarray(images * (step / 100), np.uint8),
            units=np.arange(32) if wide else None,
        )
        write_sample(path_of(run.samples, step), sample)
    return run


@contextlib.asynccontextmanager
async def opened(
    shown: Shown, make_run: MakeRun, until: Until, size: tuple[int, int] = (80, 24), **more: Any
) -> AsyncIterator[tuple[AetuiApp, Pilot[int], TimeMachineScreen]]:
    add_frames(make_run("a", rows=100, **more), STEPS)
    async with shown(size) as (app, pilot):
        await pilot.press("7")
        await until(pilot, lambda: isinstance(app.screen, TimeMachineScreen))
        screen = app.screen
        assert isinstance(screen, TimeMachineScreen)
        await until(pilot, lambda: screen._moment is not None)
        yield app, pilot, screen


def shown_step(screen: TimeMachineScreen) -> int | None:
    return screen._moment.step if screen._moment is not None else None


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_curves_pictures_and_map_are_those_of_one_step(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, size: tuple[int, int]
) -> None:
    async with opened(shown, make_run, until, size) as (app, pilot, screen):
        await until(pilot, lambda: "frame 10/10  step 100" in text_of(app) and "0.0000" in text_of(app))
        for _ in range(5):
            await pilot.press("left")
        await until(pilot, lambda: shown_step(screen) == 50)
        assert screen.query_one(StepChart).cursor == 50
        text = text_of(app)
        assert "frame 5/10  step 50" in text
        # The first probe image has 4 bright pixels of 64, and half of their brightness is missing.
        assert f"{4 / 64 * (1 - 127 / 255) ** 2:.4f}"[1:5] in text
        plot = screen.query_one("#map", ScatterPlot)
        assert plot._given_points is not None
        half = np.ptp(plot._given_points.points[:, 0])
        await pilot.press("end")
        await until(pilot, lambda: shown_step(screen) == 100)
        assert np.ptp(plot._given_points.points[:, 0]) == pytest.approx(2 * half, rel=0.01)


async def test_frames_are_stepped_through_and_end_at_the_ends(shown: Shown, make_run: MakeRun, until: Until) -> None:
    async with opened(shown, make_run, until) as (_, pilot, screen):
        for key, step in (
            ("home", 10),
            ("left", 10),
            ("right", 20),
            ("shift+right", 100),
            ("right", 100),
            ("shift+left", 10),
            ("end", 100),
        ):
            await pilot.press(key)
            assert screen.step == step
        await until(pilot, lambda: shown_step(screen) == 100)


async def test_playing_begins_again_at_the_end_and_stops_there(shown: Shown, make_run: MakeRun, until: Until) -> None:
    async with opened(shown, make_run, until) as (_, pilot, screen):
        seen: list[int] = []
        went = screen._go

        def go(index: int) -> None:
            seen.append(index)
            went(index)

        screen._go = go  # type: ignore[method-assign]
        await pilot.press("plus", "plus", "plus", "space")
        assert screen.player.playing
        await until(pilot, lambda: not screen.player.playing)
        assert seen == list(range(10))
        assert shown_step(screen) == 100
        await pilot.press("space", "space")
        assert not screen.player.playing
        await pilot.press(*["minus"] * 9)
        assert screen.player.speed == 0


async def test_a_training_that_goes_on_is_followed_until_one_scrubs(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    async with opened(shown, make_run, until, state="running", step=100, steps_total=1000) as (app, pilot, screen):
        assert screen.follows()
        await until(pilot, lambda: "following" in text_of(app))
        run = RunFolder(screen.history.folder.parent)  # type: ignore[union-attr]
        add_frames(run, [110])
        screen._key = None
        await pilot.press("f", "f")
        await until(pilot, lambda: shown_step(screen) == 110)
        await pilot.press("left")
        assert not screen.follows()
        add_frames(run, [120])
        screen._latest.ask()
        await until(pilot, lambda: screen.history.steps[-1] == 120)
        assert screen.step == 100
        await pilot.press("f")
        await until(pilot, lambda: shown_step(screen) == 120)


async def test_dimensions_are_chosen_and_never_twice_the_same(shown: Shown, make_run: MakeRun, until: Until) -> None:
    async with opened(shown, make_run, until) as (_, pilot, screen):
        plot = screen.query_one("#map", ScatterPlot)

        def names() -> tuple[str, str]:
            assert plot._given_points is not None
            return plot._given_points.x_name, plot._given_points.y_name

        assert names() == ("PC 1", "PC 2")
        await pilot.press("x")
        assert names() == ("PC 3", "PC 2")
        await pilot.press("v")
        assert names() == ("PC 3", "PC 1")
        await pilot.press("X", "V")
        assert names() == ("PC 2", "PC 3")
        await pilot.press("p")
        assert names() == ("z 2", "z 3")
        await pilot.press("p")
        assert names() == ("PC 2", "PC 3")


async def test_a_wide_code_has_its_stored_components(shown: Shown, make_run: MakeRun, until: Until) -> None:
    add_frames(make_run("a"), STEPS, width=40, wide=True)
    async with shown() as (app, pilot):
        await pilot.press("7")
        await until(pilot, lambda: getattr(app.screen, "_moment", None) is not None)
        screen = app.screen
        assert isinstance(screen, TimeMachineScreen)
        await pilot.press("X")
        assert screen.pair == (7, 1)
        plot = screen.query_one("#map", ScatterPlot)
        assert plot._given_points is not None
        assert plot._given_points.x_name == "PC 8"
        await pilot.press("p")
        assert plot._given_points.x_name == "PC 8"


async def test_t_shows_the_next_term_and_l_its_logarithm(shown: Shown, make_run: MakeRun, until: Until) -> None:
    async with opened(shown, make_run, until) as (_, pilot, screen):
        chart = screen.query_one(StepChart)
        titles = [chart.title]
        for _ in range(3):
            await pilot.press("t")
            titles.append(chart.title)
        assert sorted(titles[:3]) == ["kl", "loss", "reconstruction"]
        assert titles[3] == titles[0]
        await pilot.press("l")
        assert chart.log_y
        await pilot.press("l")
        assert not chart.log_y


async def test_a_colours_the_map_by_something_else(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    run = make_run("a")
    add_frames(run, [10])
    plain = read_sample(path_of(run.samples, 10))
    known = replace(plain, attributes=np.linspace(0, 1, 60, dtype=np.float32)[:, None])
    write_sample(path_of(run.samples, 10), known)
    async with shown() as (app, pilot):
        await pilot.press("7")
        await until(pilot, lambda: "by class" in text_of(app))
        await pilot.press("a")
        await until(pilot, lambda: "by attribute 1" in text_of(app))
        await pilot.press("a")
        await until(pilot, lambda: "by class" in text_of(app))


async def test_pages_show_other_images(shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf) -> None:
    async with opened(shown, make_run, until) as (_, pilot, screen):
        count = screen.query_one(MomentView).places.images
        await pilot.press("pagedown")
        assert screen.first == count
        await pilot.press(*["pagedown"] * 20)
        assert screen.first == 16 - count
        await pilot.press(*["pageup"] * 20)
        assert screen.first == 0


async def test_a_press_on_the_curves_goes_to_the_nearest_frame(shown: Shown, make_run: MakeRun, until: Until) -> None:
    async with opened(shown, make_run, until) as (_, pilot, screen):
        chart = screen.query_one(StepChart)
        plot = chart.frame()
        column = plot.column_of(42.0)
        assert column is not None
        await pilot.click(StepChart, offset=(column, 2))
        await until(pilot, lambda: shown_step(screen) == 40)
        await pilot.hover(StepChart, offset=(column + 20, 2))
        await pilot.pause(0.1)
        assert screen.step == 40
        assert chart.cursor == 40


async def test_c_shows_a_marked_run_beside_it(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, runs_dir: Any
) -> None:
    add_frames(make_run("b", rows=100, started=1.0), [20, 70])
    async with opened(shown, make_run, until, (120, 40), started=2.0) as (app, pilot, _):
        await pilot.press("c")
        await until(pilot, lambda: "nothing to compare" in text_of(app))
        app.selection.toggle_mark(runs_dir / "b")
        app.update_page()
        await until(pilot, lambda: "beside b at step 70" in text_of(app))
        await pilot.press("home")
        await until(pilot, lambda: "beside b at step 20" in text_of(app))
        await pilot.press("c")
        await until(pilot, lambda: "beside b" not in text_of(app))


async def test_another_run_has_its_own_frames(shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf) -> None:
    add_frames(make_run("b", started=1.0), [20, 70])
    make_run("c", started=0.5)
    async with opened(shown, make_run, until, started=2.0) as (app, pilot, screen):
        await pilot.press("home")
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "frame 2/2  step 70" in text_of(app))
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "no frames yet" in text_of(app))
        await pilot.press("left", "right", "space", "home", "x", "p", "t", "pagedown", "f", "c")
        assert screen.frames() is None
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "/2  step" in text_of(app))


async def test_the_animation_has_a_picture_for_every_frame_and_y_a_line(
    shown: Shown, make_run: MakeRun, until: Until
) -> None:
    async with opened(shown, make_run, until) as (_, _, screen):
        frames = screen.frames()
        assert frames is not None
        assert len(frames.images) == len(STEPS)
        # Ink grows with the training.
        ink = np.where(frames.images < 1, frames.images, 0).sum(axis=(1, 2, 3))
        assert (np.diff(ink[:-1]) > 0).all()
        lines = screen.copied().splitlines()
        assert lines[0].split("\t")[0] == "step"
        assert [line.split("\t")[0] for line in lines[1:]] == [str(step) for step in STEPS]
        at_50 = dict(zip(lines[0].split("\t"), lines[5].split("\t"), strict=True))
        assert at_50["train loss"] == "2"


async def test_a_damaged_frame_is_said_and_the_others_are_shown(
    shown: Shown, make_run: MakeRun, until: Until, told: Told
) -> None:
    async with opened(shown, make_run, until) as (app, pilot, screen):
        assert screen.history.folder is not None
        path_of(screen.history.folder, 10).write_bytes(b"no archive")
        await pilot.press("home")
        await until(pilot, lambda: "cannot be read" in told(app))
        await pilot.press("right")
        await until(pilot, lambda: shown_step(screen) == 20)


async def test_what_was_set_comes_back_and_nonsense_does_no_harm(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    async with opened(shown, make_run, until) as (_, pilot, screen):
        await pilot.press("x", "p", "t", "l", "plus", "c")
        state = screen.view_state()
        await pilot.press("x", "p", "t", "l", "minus", "c")
        screen.restore_state(state)
        assert screen.view_state() == state
        nonsense: list[Any] = [None, "x", -1, 1e99, float("nan"), [1], [1, 2, 3], ["a", {}], [10**9, -5], {}, True]
        for bad in nonsense:
            screen.restore_state(dict.fromkeys(state, bad))
            screen.update()
            await pilot.press("left", "x", "v")
        await until(pilot, lambda: screen._moment is not None)


async def test_empty_states_say_what_to_do(shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf) -> None:
    async with shown() as (app, pilot):
        await pilot.press("7")
        await until(pilot, lambda: "aetrain fit" in text_of(app))
        for key in ("left", "space", "f", "c", "x", "V", "p", "t", "l", "pagedown", "plus", "end"):
            await pilot.press(key)
        make_run("young", rows=3)
        await until(pilot, lambda: "no frames yet" in text_of(app))


@pytest.mark.parametrize("size", [(1, 1), (10, 4), (30, 8), (59, 14), (300, 100)])
async def test_no_size_is_too_small_or_too_large(shown: Shown, make_run: MakeRun, size: tuple[int, int]) -> None:
    add_frames(make_run("a"), STEPS, width=1)
    async with shown(size) as (_, pilot):
        await pilot.press("7")
        await pilot.pause(0.4)
        await pilot.press("left", "x", "p", "t", "pagedown", "home")
        await pilot.pause(0.2)
