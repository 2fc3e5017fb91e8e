"""Pictures drawn from the prior."""

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
from aetui.views.prior import PriorView
from trainer.runs.folder import RunFolder

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]
Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]


async def prior_of(app: AetuiApp, pilot: Pilot[int], until: Until) -> PriorView:
    """The view, once it has drawn."""
    await pilot.press("4", "P")
    screen = app.screen
    assert isinstance(screen, LatentScreen)
    view = screen.view()
    assert isinstance(view, PriorView)
    await until(pilot, lambda: view.encoded is not None)
    return view


def codes(view: PriorView) -> np.ndarray:
    assert view.codes is not None
    return view.codes


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_a_grid_of_decoded_draws_fills_the_screen(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, size: tuple[int, int]
) -> None:
    make_run("a", variant="variational", live=True)
    async with shown(size) as (app, pilot):
        view = await prior_of(app, pilot, until)
        await until(pilot, lambda: f"{len(codes(view))} from the prior N(0, I)" in text_of(app))
        assert len(codes(view)) >= 10
        assert view.samples is not None
        # The network halves the code.
        assert view.samples.reshape(len(codes(view)), -1) == pytest.approx(codes(view) / 2, abs=1e-6)


async def test_another_seed_draws_anew_and_the_same_one_draws_the_same(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", variant="variational", live=True)
    async with shown() as (app, pilot):
        view = await prior_of(app, pilot, until)
        first = codes(view).copy()
        await pilot.press("n")
        await until(pilot, lambda: "seed 1," in text_of(app))
        assert not np.array_equal(codes(view), first)
        await pilot.press("p")
        await until(pilot, lambda: "seed 0," in text_of(app))
        assert np.array_equal(codes(view), first)
        await pilot.press("p", "N")
        await until(pilot, lambda: "seed 100," in text_of(app))


async def test_the_temperature_scales_the_draws(shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf) -> None:
    make_run("a", variant="variational", live=True)
    async with shown() as (app, pilot):
        view = await prior_of(app, pilot, until)
        first = codes(view).copy()
        await pilot.press("up", "up")
        await until(pilot, lambda: "temperature 1.2" in text_of(app))
        assert codes(view) == pytest.approx(1.2 * first, rel=1e-5)
        await pilot.press(*["down"] * 20)
        await until(pilot, lambda: "temperature 0.0" in text_of(app))
        assert not codes(view).any()
        await pilot.press("0")
        await until(pilot, lambda: "temperature 1.0" in text_of(app))


async def test_pictures_become_larger_and_smaller(shown: Shown, make_run: MakeRun, until: Until) -> None:
    make_run("a", variant="variational", live=True)
    async with shown() as (app, pilot):
        view = await prior_of(app, pilot, until)
        many, first = len(codes(view)), codes(view).copy()
        await pilot.press("plus", "plus", "plus", "plus")
        await until(pilot, lambda: len(codes(view)) < many)
        assert np.array_equal(codes(view), first[: len(codes(view))])
        few = len(codes(view))
        await pilot.press("minus")
        await until(pilot, lambda: len(codes(view)) > few)


async def test_without_a_prior_the_draws_are_from_what_is_fitted_to_the_codes_and_that_is_said(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        view = await prior_of(app, pilot, until)
        await until(pilot, lambda: "a Gaussian fitted to the probe codes: no prior" in text_of(app))
        # No code of the probe images is negative.
        assert (codes(view) >= 0).all()
        await pilot.press(*["down"] * 10)
        await until(pilot, lambda: "temperature 0.0" in text_of(app))
        # At zero temperature: the mean of 16 images with 4, 8, … bright pixels.
        assert codes(view)[0] == pytest.approx(np.repeat(np.arange(16, 0, -1) / 16, 4), abs=1e-5)


async def test_what_is_saved_copied_and_remembered(shown: Shown, make_run: MakeRun, until: Until) -> None:
    make_run("a", variant="variational", live=True)
    async with shown() as (app, pilot):
        view = await prior_of(app, pilot, until)
        await pilot.press("n", "up", "plus")
        await until(pilot, lambda: view.across and len(codes(view)) % view.across == 0)
        await pilot.pause(0.2)
        frames = view.frames()
        assert frames is not None
        down = len(codes(view)) // view.across
        assert frames.images.shape == (1, 1, 9 * down - 1, 9 * view.across - 1)
        text = view.copied()
        assert text is not None
        assert text.splitlines()[0] == "seed 1, temperature 1.1"
        assert len(text.splitlines()) == 1 + len(codes(view))
        state = view.view_state()
        assert state == {"image": 0, "seed": 1, "temperature": 11, "across": view.across}
        other = PriorView()
        other.restore_state(state)
        assert other.view_state() == state
