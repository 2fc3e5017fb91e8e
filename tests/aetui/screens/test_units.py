"""Screen 5 on a model whose unit i is pixel i, halved on the way out: its decoder column is 0.5 in that pixel."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from aetui.app import AetuiApp
from aetui.screens.units import AMOUNTS, UnitsScreen
from aetui.units.findings import Findings
from aetui.units.statistics import ORDERS
from aetui.views.units_all import UnitsAll
from aetui.views.units_fires import UnitsFires
from aetui.widgets.picture_row import PictureRow
from trainer.runs.folder import RunFolder
from trainer.runs.samples import Sample, path_of, write_sample

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]
Told = Callable[[AetuiApp], str]
Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]
Opened = tuple[AetuiApp, Pilot[int], UnitsScreen, Findings]


@contextlib.asynccontextmanager
async def opened(
    shown: Shown, make_run: MakeRun, until: Until, size: tuple[int, int] = (80, 24), variant: str = "sparse"
) -> AsyncIterator[Opened]:
    """The probe's i-th image has its first 4·(i + 1) pixels lit, so unit u fires on 16 − u // 4 of the 16."""
    make_run("a", variant=variant, live=True)
    async with shown(size) as (app, pilot):
        await pilot.press("5")
        await until(pilot, lambda: isinstance(app.screen, UnitsScreen))
        screen = app.screen
        assert isinstance(screen, UnitsScreen)
        await until(pilot, lambda: screen.findings is not None and screen.findings.effects)
        assert screen.findings is not None
        yield app, pilot, screen, screen.findings


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_densities_and_columns_are_those_of_the_model(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, size: tuple[int, int]
) -> None:
    async with opened(shown, make_run, until, size) as (app, _, screen, findings):
        np.testing.assert_allclose(findings.units.density, (16 - np.arange(64) // 4) / 16)
        for unit, effect in findings.effects.items():
            expected = np.zeros((1, 8, 8))
            expected.reshape(-1)[unit] = 0.5
            np.testing.assert_allclose(effect, expected, atol=1e-6)
        text = text_of(app)
        assert "unit 0 of 64" in text
        assert "density 100.0 %" in text
        assert "dead" in text.splitlines()[-4]
        assert screen.unit == 0


async def test_the_arrows_and_pages_go_through_all_units(shown: Shown, make_run: MakeRun, until: Until) -> None:
    async with opened(shown, make_run, until) as (_, pilot, screen, findings):
        view = screen.query_one(UnitsAll)
        across, down = view._shape
        await pilot.press("right")
        assert screen.unit == 1
        await pilot.press("down")
        assert screen.unit == 1 + across
        await pilot.press("up", "left")
        assert screen.unit == 0
        await pilot.press("pagedown")
        assert screen.unit == across * down
        await until(pilot, lambda: set(view.page_of(findings)) <= set(findings.effects))
        await pilot.press("pageup", "end")
        assert screen.unit == 63
        await pilot.press("right", "pagedown", "home")
        assert screen.unit == 0


async def test_v_shows_figures_in_columns(shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf) -> None:
    async with opened(shown, make_run, until) as (app, pilot, screen, _):
        await pilot.press("v")
        await until(pilot, lambda: "density" in text_of(app).splitlines()[2])
        assert ">    0" in text_of(app)
        down = screen.query_one(UnitsAll)._shape[1]
        await pilot.press("down")
        assert screen.unit == 1
        await pilot.press("right")
        assert screen.unit == 1 + down
        await pilot.click("#table", offset=(5, 3))
        assert screen.unit == 2
        await pilot.press("v")
        assert screen.query_one(PictureRow).display


async def test_o_goes_through_the_orders_and_shift_o_turns_them(shown: Shown, make_run: MakeRun, until: Until) -> None:
    async with opened(shown, make_run, until) as (_, pilot, screen, _):
        seen = [screen.order]
        for _ in ORDERS[1:]:
            await pilot.press("o")
            seen.append(screen.order)
        assert sorted(seen) == sorted(ORDERS)
        await pilot.press("O")
        assert screen.order == "number"
        assert screen.unit == 63
        await pilot.press("O")
        assert screen.unit == 0


async def test_g_goes_to_a_unit_by_its_number(shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf) -> None:
    async with opened(shown, make_run, until) as (app, pilot, screen, _):
        await pilot.press("g", "4", "2", "enter")
        await until(pilot, lambda: screen.unit == 42)
        assert app.current_mode == "units"
        assert not screen.query_one(Input).display or screen.query_one(Input).disabled
        await pilot.press("g", "1", "escape")
        await pilot.pause()
        assert screen.unit == 42
        assert app.current_mode == "units"
        await pilot.press("g", "9", "9", "enter")
        await until(pilot, lambda: "no unit 99" in text_of(app))
        assert screen.unit == 42
        await pilot.press("g", "enter", "right")
        assert screen.unit == 43
        await pilot.press("g")
        app.action_go("curves")
        await pilot.pause()
        app.action_go("units")
        await pilot.pause()
        await pilot.press("right")
        assert screen.unit == 44


async def test_plus_and_minus_change_how_much_of_a_unit_is_shown(shown: Shown, make_run: MakeRun, until: Until) -> None:
    async with opened(shown, make_run, until) as (_, pilot, screen, findings):
        for key, factor in (("plus", 2.0), ("plus", 4.0), ("plus", 4.0), ("minus", 2.0)):
            await pilot.press(key)
            await until(
                pilot,
                lambda factor=factor: (
                    0 in findings.effects and findings.effects[0].max() == pytest.approx(0.5 * factor, abs=1e-6)
                ),
            )
            assert AMOUNTS[screen.factor] == factor


async def test_x_gives_all_pictures_one_scale(shown: Shown, make_run: MakeRun, until: Until) -> None:
    async with opened(shown, make_run, until) as (_, pilot, screen, _):
        assert screen.limit([0, 1]) is None
        await pilot.press("x")
        assert screen.limit([0, 1]) == pytest.approx(0.5)
        await pilot.press("x")
        assert screen.limit([0, 1]) is None


async def test_the_page_of_a_unit_has_its_images_and_its_classes(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    async with opened(shown, make_run, until, (120, 40)) as (app, pilot, screen, _):
        await pilot.press("g", "5", "6", "enter", "enter")
        await until(pilot, lambda: screen.shown_view == "unit")
        await until(pilot, lambda: "unit 56 of 64" in text_of(app))
        # Unit 56 is lit in the last two images, of the classes 4 and 5.
        assert "density 12.5 %" in text_of(app)
        lines = {line.split()[0]: line.split() for line in screen.copied().splitlines() if line[:1].isdecimal()}
        assert float(lines["4"][1]) == pytest.approx(0.5)
        assert float(lines["5"][1]) == pytest.approx(0.5)
        assert float(lines["3"][1]) == 0
        await pilot.press("right")
        assert screen.unit == 57
        await pilot.press("down", "left", "up")
        assert screen.unit == 56
        await pilot.press("end")
        assert screen.unit == 63
        await pilot.press("home")
        assert screen.unit == 0
        frames = screen.frames()
        assert frames is not None
        assert frames.images.shape == (1, 3, 8, 8)
        await pilot.press("enter")
        assert screen.shown_view == "all"


async def test_a_dead_unit_says_so(shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf) -> None:
    run = make_run("a", variant="sparse", live=True)
    codes = np.zeros((50, 64))
    codes[:, 0] = 1
    run.samples.mkdir()
    sample = Sample(
        latent=codes.astype(np.float16),
        labels=np.zeros(50, np.int64),
        index=np.arange(50),
        reconstruction=np.zeros((16, 1, 8, 8), np.uint8),
    )
    write_sample(path_of(run.samples, 7), sample)
    async with shown((120, 30)) as (app, pilot):
        await pilot.press("5")
        await until(pilot, lambda: "of 50 test images (step 7)" in text_of(app))
        assert "63 dead" in text_of(app)
        await pilot.press("end", "enter")
        await until(pilot, lambda: "dead: active on none" in text_of(app))


async def test_a_unit_that_the_frame_of_a_wide_code_names_is_judged_by_its_images(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    run = make_run("a", variant="sparse", live=True)
    codes = np.zeros((50, 40))
    codes[:3, 8] = 1
    run.samples.mkdir()
    sample = Sample(
        latent=codes.astype(np.float16),
        labels=np.arange(50) % 2,
        index=np.arange(50),
        reconstruction=np.zeros((16, 1, 8, 8), np.uint8),
        units=np.arange(32),
    )
    write_sample(path_of(run.samples, 7), sample)
    async with shown((120, 30)) as (app, pilot):
        await pilot.press("5")
        # All of them are compared on the same images; unit 0 is active on each of the 16.
        await until(pilot, lambda: "density 100.0 %" in text_of(app) and "of the 16 probe images" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: "density 6.0 %" in text_of(app) and "of 50 test images (step 7)" in text_of(app))
        screen = app.screen
        assert isinstance(screen, UnitsScreen)
        copied = screen.copied().splitlines()
        assert [line.split("\t")[1] for line in copied[copied.index("class\tmean activation") + 1 :]] == [
            "0.08",
            "0.04",
        ]
        await pilot.press("end")
        await until(pilot, lambda: "density 6.2 %" in text_of(app) and "of the 16 probe images" in text_of(app))


async def test_what_fires_for_an_image_and_for_a_class(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    async with opened(shown, make_run, until) as (app, pilot, screen, findings):
        await pilot.press("tab", "tab")
        view = screen.query_one(UnitsFires)
        await until(pilot, lambda: "of 4 active units" in text_of(app))
        await pilot.press("right")
        await until(pilot, lambda: "of 8 active units" in text_of(app))
        assert view.active(findings)[0] == list(range(8))
        await pilot.press("down", "down", "up", "enter")
        assert screen.shown_view == "unit"
        assert screen.unit == 1
        await pilot.press("tab", "left", "left")
        await until(pilot, lambda: "image 16" in text_of(app))
        await pilot.press("c")
        # Class 0 has the first and the eleventh image: 4 units in both, 40 more in one.
        await until(pilot, lambda: "of 44 active units" in text_of(app))
        mean = view.active(findings)[1]
        np.testing.assert_allclose(mean[[0, 3, 4, 43, 44]], [1, 1, 0.5, 0.5, 0])
        await pilot.press("right")
        assert view.subject_name(findings) == "class 1: the mean of 2"
        await pilot.click("#fires", offset=(4, 1))
        assert view.chosen == 0
        assert screen.copied().splitlines()[0] == "class 1: the mean of 2"
        assert screen.frames() is not None
        await pilot.press("c")
        assert not view.of_class


async def test_a_click_chooses_a_unit_and_a_second_one_opens_it(shown: Shown, make_run: MakeRun, until: Until) -> None:
    async with opened(shown, make_run, until) as (_, pilot, screen, _):
        view = screen.query_one(UnitsAll)
        row = view.query_one(PictureRow)
        view.on_picture_row_picked(PictureRow.Picked(row, 3))
        assert screen.unit == 3
        view.on_picture_row_picked(PictureRow.Picked(row, 3))
        assert screen.shown_view == "unit"
        await pilot.pause()


@pytest.mark.parametrize("variant", ["undercomplete", "denoising", "variational"])
async def test_the_codes_of_every_variant_have_units(
    shown: Shown, make_run: MakeRun, until: Until, variant: str
) -> None:
    async with opened(shown, make_run, until, variant=variant) as (_, _, screen, findings):
        assert findings.width == 64
        frames = screen.frames()
        assert frames is not None
        assert frames.images.shape[1] == 3
        assert screen.copied().splitlines()[1] == "0\t1\t1\t1"


async def test_without_a_choice_a_sparse_run_is_shown(
    shown: Shown, make_run: MakeRun, until: Until, runs_dir: Path
) -> None:
    make_run("plain", live=True, started=9.0)
    make_run("few", variant="sparse", live=True, started=8.0)
    async with shown() as (app, pilot):
        await pilot.press("5")
        page = app.page()
        assert page is not None
        await until(pilot, lambda: (entry := page.entry()) is not None and entry.path == runs_dir / "few")
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: (entry := page.entry()) is not None and entry.path == runs_dir / "plain")
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: (entry := page.entry()) is not None and entry.path == runs_dir / "few")


async def test_what_was_set_comes_back_and_nonsense_does_no_harm(shown: Shown, make_run: MakeRun, until: Until) -> None:
    async with opened(shown, make_run, until) as (_, pilot, screen, _):
        await pilot.press("v", "o", "O", "x", "minus", "right")
        state = screen.view_state()
        await pilot.press("v", "o", "O", "x", "plus", "home")
        screen.restore_state(state)
        assert screen.view_state() == state
        nonsense: list[Any] = [None, "x", -1, 10**9, 1e99, float("nan"), [], {}, True]
        for bad in nonsense:
            screen.restore_state(dict.fromkeys(state, bad))
            screen.restore_state(
                {"views": {name: dict.fromkeys(["pictures", "of_class", "subject"], bad) for name in screen.views}}
            )
            screen.update()
            await pilot.pause()
        assert screen.order in ORDERS


async def test_empty_states_say_what_to_do(shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf) -> None:
    async with shown() as (app, pilot):
        await pilot.press("5")
        await until(pilot, lambda: "aetrain fit sparse" in text_of(app))
        for _ in range(3):
            for key in ("left", "down", "enter", "v", "o", "O", "g", "plus", "x", "c", "pagedown", "end"):
                await pilot.press(key)
            await pilot.press("tab")
            page = app.page()
            assert page is not None
            assert page.frames() is None
        make_run("young")
        await until(pilot, lambda: "no model to look at yet" in text_of(app))


async def test_a_damaged_model_is_said(shown: Shown, make_run: MakeRun, until: Until, told: Told) -> None:
    run = make_run("a", variant="sparse", live=True)
    graph = run.live / "encoder.onnx"
    graph.write_bytes(graph.read_bytes()[:-1] + b"?")
    async with shown() as (app, pilot):
        await pilot.press("5")
        await until(pilot, lambda: "is damaged" in told(app))


@pytest.mark.parametrize("size", [(1, 1), (10, 4), (30, 8), (300, 100)])
async def test_no_size_is_too_small_or_too_large(shown: Shown, make_run: MakeRun, size: tuple[int, int]) -> None:
    make_run("a", variant="sparse", live=True)
    async with shown(size) as (_, pilot):
        await pilot.press("5")
        await pilot.pause(0.5)
        for _ in range(3):
            await pilot.press("right", "down", "v", "pagedown", "c", "tab")
            await pilot.pause(0.1)
