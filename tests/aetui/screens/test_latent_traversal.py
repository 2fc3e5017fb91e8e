"""The sliders of the code."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest
from textual.app import App
from textual.pilot import Pilot

from aetui.app import AetuiApp
from aetui.paint.sliders import track_of
from aetui.screens.latent import LatentScreen
from aetui.views.traversal import TraversalView, score_text
from aetui.widgets.picture_row import PictureRow
from aetui.widgets.sliders import Sliders
from trainer.runs.folder import RunFolder

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]
Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]


async def traversal_of(app: AetuiApp, pilot: Pilot[int], until: Until) -> TraversalView:
    """The view, once it has decoded something."""
    await pilot.press("4", "Z")
    screen = app.screen
    assert isinstance(screen, LatentScreen)
    view = screen.view()
    assert isinstance(view, TraversalView)
    await until(pilot, lambda: view.encoded is not None)
    return view


def decoded(view: TraversalView) -> np.ndarray:
    """The large picture, flat."""
    assert view._decoded is not None
    return view._decoded.reshape(-1)


async def test_the_dimensions_come_by_what_they_carry_and_the_dead_ones_last(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    # The mean of every dimension is the pixel, its log variance too; pixels 1 … 4 are bright in all 16 images.
    make_run("a", variant="variational", live=True)
    async with shown() as (app, pilot):
        view = await traversal_of(app, pilot, until)
        assert view.encoded is not None
        dimensions = view.encoded.dimensions
        assert dimensions.dead[:4].all()
        assert not dimensions.dead[4:].any()
        # At a bright pixel: 1/2 (1 + e - 1 - 1) nats; pixel 5 is bright in 15 images of 16.
        assert dimensions.score[4] == pytest.approx(15 / 16 * (np.e - 1) / 2)
        assert dimensions.order.tolist() == [*range(4, 64), 0, 1, 2, 3]
        await until(pilot, lambda: "4 dead last" in text_of(app) and "z5 = " in text_of(app))


async def test_sliders_move_by_small_and_large_steps_and_are_reset(
    shown: Shown, make_run: MakeRun, until: Until
) -> None:
    make_run("a", variant="variational", live=True)
    async with shown() as (app, pilot):
        view = await traversal_of(app, pilot, until)
        await pilot.press("right")
        # Image 1 is dark at pixel 5; the network halves the code.
        await until(pilot, lambda: decoded(view)[4] == pytest.approx(0.05))
        await pilot.press("shift+right", "shift+right", "left")
        await until(pilot, lambda: decoded(view)[4] == pytest.approx(0.5))
        await pilot.press("down", "shift+left")
        await until(pilot, lambda: decoded(view)[5] == pytest.approx(-0.25) and view.dimension == 5)
        await pilot.press("0")
        await until(pilot, lambda: decoded(view)[5] == 0 and decoded(view)[4] == pytest.approx(0.5))
        await pilot.press("right", "z")
        await until(pilot, lambda: decoded(view).tolist() == [0.5] * 4 + [0] * 60)
        await pilot.press("up", *["shift+right"] * 9)
        await until(pilot, lambda: decoded(view)[4] == pytest.approx(1.5))


async def test_the_list_is_walked_and_scrolls(shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf) -> None:
    make_run("a", variant="variational", live=True)
    async with shown() as (app, pilot):
        view = await traversal_of(app, pilot, until)
        await pilot.press("pagedown", "pagedown", "pageup", "down", "up")
        assert view.dimension == 14
        await pilot.press("end")
        assert view.dimension == 3
        await until(pilot, lambda: "z4 = +1.00" in text_of(app) and "dead" in text_of(app).split("z4 = ")[1])
        await pilot.press("home")
        assert view.dimension == 4


async def test_it_starts_from_another_image_or_from_the_mean_of_the_prior(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", variant="variational", live=True)
    async with shown() as (app, pilot):
        view = await traversal_of(app, pilot, until)
        await pilot.press("right", "n")
        await until(pilot, lambda: decoded(view).tolist() == [0.5] * 8 + [0] * 56)
        await pilot.press("p", "p")
        await until(pilot, lambda: decoded(view).tolist() == [0.5] * 64)
        await pilot.press("o")
        await until(pilot, lambda: not decoded(view).any() and "the prior's mean" in text_of(app))
        await pilot.press("o")
        await until(pilot, lambda: "image 16" in text_of(app))


async def test_without_a_prior_the_sliders_go_by_the_spread_of_the_codes(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        view = await traversal_of(app, pilot, until)
        assert view.encoded is not None
        # The pixels of the middle row are bright in half of the images: they vary most.
        assert view.dimension in range(32, 36)
        await until(pilot, lambda: "variance" in text_of(app) and "mean code" not in text_of(app))
        await pilot.press("right")
        # A tenth of the standard deviation 1/2, halved.
        await until(pilot, lambda: decoded(view)[view.dimension] == pytest.approx(0.025))
        await pilot.press("o")
        await until(pilot, lambda: decoded(view)[32] == pytest.approx(0.25) and "the mean code" in text_of(app))


async def test_a_sweep_goes_from_end_to_end_and_stays_where_it_is_stopped(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", variant="variational", live=True)
    async with shown() as (app, pilot):
        view = await traversal_of(app, pilot, until)
        await pilot.press("plus", "plus", "space")
        await until(pilot, lambda: view._sweep is not None and view.position() > 0.6)
        assert view._sweep is not None
        assert view._sweep.reshape(61, -1)[:, 4] == pytest.approx(np.linspace(-1.5, 1.5, 61), abs=1e-6)
        assert "sweeps 4x bounce" in text_of(app)
        frames = view.frames()
        assert frames is not None
        assert frames.images.shape == (120, 1, 8, 8)
        await pilot.press("space")
        stopped = view.moved_to[4]
        assert stopped == pytest.approx(-3 + 6 * view.position())
        await until(pilot, lambda: decoded(view)[4] == pytest.approx(stopped / 2, abs=1e-6))
        await pilot.press("minus", "l")
        assert (view.playback.times, view.playback.ends) == (2, "loop")
        await pilot.press("space", "down")
        assert not view.playback.playing


async def test_the_mouse_chooses_and_moves(shown: Shown, make_run: MakeRun, until: Until) -> None:
    make_run("a", variant="variational", live=True)
    async with shown() as (app, pilot):
        view = await traversal_of(app, pilot, until)
        await pilot.pause(0.1)
        sliders = view.query_one(Sliders)
        await pilot.click(sliders, offset=(1, 2))
        await until(pilot, lambda: view.dimension == 6)
        left, width = track_of(sliders._sliders, sliders.size.width)
        await pilot.click(sliders, offset=(left + width - 1, 1))
        await until(pilot, lambda: view.dimension == 5 and decoded(view)[5] == pytest.approx(1.5))
        await pilot.click(view.query_one(PictureRow), offset=(1, 1))
        await until(pilot, lambda: decoded(view)[5] == pytest.approx(-1.5))
        targets = sliders.jump_targets()
        assert len(targets) == sliders.size.height
        targets[0].go()
        await until(pilot, lambda: view.dimension == 4)
        sliders._scroll_by(1, _Wheel())  # type: ignore[arg-type]
        await until(pilot, lambda: view.dimension == 5)


class _Wheel:
    def stop(self) -> None:
        """Nothing to stop."""


async def test_what_is_saved_copied_and_remembered(shown: Shown, make_run: MakeRun, until: Until) -> None:
    make_run("a", variant="variational", live=True)
    async with shown() as (app, pilot):
        view = await traversal_of(app, pilot, until)
        await pilot.press("down", "right", "n")
        await pilot.press("shift+right")
        await until(pilot, lambda: decoded(view)[5] == pytest.approx(0.75))
        frames = view.frames()
        assert frames is not None
        assert frames.images.shape == (16, 1, 8, 8)
        assert frames.title == "traversal of z6"
        assert view.copied() == "\t".join(["1"] * 5 + ["1.5"] + ["1"] * 2 + ["0"] * 56)
        state = view.view_state()
        assert (state["image"], state["dimension"], state["origin"]) == (1, 5, False)
        other = TraversalView()
        other.restore_state(state)
        assert other.view_state() == state


@pytest.mark.parametrize(
    ("score", "text"),
    [(0.0, "0.000"), (1e-5, "<.001"), (0.0123, "0.012"), (2.4718, "2.472"), (1234.5, "1234"), (1e9, "1e09")],
)
def test_a_score_takes_five_cells(score: float, text: str) -> None:
    assert score_text(score) == text
