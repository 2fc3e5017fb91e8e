"""A value beside a distribution, and draws from it."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest
from textual.app import App
from textual.pilot import Pilot

from aetui.app import AetuiApp
from aetui.screens.latent import LatentScreen
from aetui.views.posterior import PosteriorView
from aetui.widgets.number_lines import NumberLines
from trainer.runs.folder import RunFolder

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]
Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]


async def posterior_of(app: AetuiApp, pilot: Pilot[int], until: Until) -> PosteriorView:
    """The view, once it has decoded something."""
    await pilot.press("4", "Q")
    screen = app.screen
    assert isinstance(screen, LatentScreen)
    view = screen.view()
    assert isinstance(view, PosteriorView)
    await until(pilot, lambda: view.encoded is not None)
    return view


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_the_newest_run_of_the_other_kind_stands_beside_the_chosen_one(
    shown: Shown, make_run: MakeRun, runs_dir: Any, until: Until, text_of: TextOf, size: tuple[int, int]
) -> None:
    make_run("old", live=True, started=1.0)
    make_run("new", live=True, started=2.0)
    make_run("vae", variant="variational", live=True, started=0.5)
    async with shown(size) as (app, pilot):
        view = await posterior_of(app, pilot, until)
        await until(pilot, lambda: "a distribution per dimension: vae" in text_of(app))
        assert "a value per dimension: new" in text_of(app)
        lines = text_of(app)
        assert lines.index("a distribution") < lines.index("a value")
        app.select(runs_dir / "old")
        await until(pilot, lambda: "a value per dimension: old" in text_of(app))
        await until(pilot, lambda: "a distribution per dimension: vae" in text_of(app))
        lines = text_of(app)
        assert lines.index("a value") < lines.index("a distribution")
        assert view._drawn is not None


async def test_alone_a_run_says_what_would_stand_beside_it(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("vae", variant="variational", live=True)
    async with shown() as (app, pilot):
        await posterior_of(app, pilot, until)
        await until(pilot, lambda: "an undercomplete run of digits would stand beside it" in text_of(app))
        # A small terminal: all in one row, and captions that are short and not cut.
        await pilot.resize_terminal(40, 14)
        await until(
            pilot, lambda: ["x", "mean", "1", "2", "3", "4", "5", "6"] in map(str.split, text_of(app).split("\n"))
        )


async def test_without_a_distribution_the_keys_of_the_draws_say_so(
    shown: Shown, make_run: MakeRun, until: Until, told: Callable[[AetuiApp], str]
) -> None:
    make_run("plain", live=True)
    async with shown() as (app, pilot):
        view = await posterior_of(app, pilot, until)
        await pilot.press("d", "plus", "minus")
        assert (view.seed, view.draws) == (0, 6)
        assert "a value has no draws" in told(app)


async def test_draws_are_of_the_images_own_distribution(shown: Shown, make_run: MakeRun, until: Until) -> None:
    make_run("vae", variant="variational", live=True)
    async with shown() as (app, pilot):
        view = await posterior_of(app, pilot, until)
        assert view._drawn is not None
        assert view._drawn_codes is not None
        assert len(view._drawn) == 6
        # log variance = pixel: sigma is e^(1/2) where the image is bright and 1 elsewhere; the mean is the pixel.
        x = view.encoded.x[0].reshape(-1) if view.encoded is not None else np.empty(0)
        noise = np.random.default_rng(0).standard_normal((6, 64))
        assert view._drawn_codes == pytest.approx(x + noise * np.exp(x / 2), abs=1e-5)
        assert view._drawn.reshape(6, -1) == pytest.approx(view._drawn_codes / 2, abs=1e-6)
        await pilot.press("plus")
        await until(pilot, lambda: view._drawn is not None and len(view._drawn) == 7)
        before = view._drawn_codes.copy()
        await pilot.press("minus", "minus")
        await until(pilot, lambda: view._drawn is not None and len(view._drawn) == 5)
        assert np.array_equal(view._drawn_codes, before[:5])
        await pilot.press("d")
        await until(pilot, lambda: view._drawn_codes is not None and not np.array_equal(view._drawn_codes, before[:5]))
        assert view.seed == 1


async def test_the_image_and_the_lines_change_by_keys(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("vae", variant="variational", live=True)
    make_run("plain", live=True)
    async with shown() as (app, pilot):
        view = await posterior_of(app, pilot, until)
        await pilot.press("right", "n", "left")
        await until(pilot, lambda: "image 2 (1)" in text_of(app))
        await pilot.press("p")
        await until(pilot, lambda: "image 1 (0)" in text_of(app))
        assert "z5" in text_of(app)
        one = view.query_one("#one", NumberLines)
        tall = one.seen
        await pilot.press("v")
        await until(pilot, lambda: one.seen > tall)
        await pilot.press("down")
        await until(pilot, lambda: "z5 " not in text_of(app) and "z6 " in text_of(app))
        await pilot.press("pagedown", "up", "pageup")
        assert view.first == 0
        await pilot.press(*["pagedown"] * 8)
        assert view.first == 64 - min(panel.seen for panel in view.query(NumberLines))
        await pilot.press("v")
        await until(pilot, lambda: one.seen == tall)


async def test_what_is_saved_copied_and_remembered(shown: Shown, make_run: MakeRun, until: Until) -> None:
    make_run("vae", variant="variational", live=True, started=1.0)
    make_run("plain", live=True, started=2.0)
    async with shown() as (app, pilot):
        view = await posterior_of(app, pilot, until)
        frames = view.frames()
        assert frames is not None
        # The image, its mean, its value and six draws.
        assert frames.images.shape == (1, 1, 8, 9 * 9 - 1)
        text = view.copied()
        assert text is not None
        bright = "\t".join(["1"] * 4 + ["0"] * 60)
        assert text.splitlines()[0] == f"vae\tmean\t{bright}"
        assert text.splitlines()[1].startswith(f"vae\tsigma\t{np.exp(0.5):.6g}\t")
        assert text.splitlines()[2] == f"plain\tcode\t{bright}"
        await pilot.press("plus", "d", "v", "n")
        state = view.view_state()
        assert state == {"image": 1, "draws": 7, "seed": 1, "bells": False}
        other = PosteriorView()
        other.restore_state(state)
        assert other.view_state() == state
