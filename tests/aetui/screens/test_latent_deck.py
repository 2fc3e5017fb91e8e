"""The deck: from image A to image B, linear and slerp side by side."""

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
from aetui.views.code_text import code_text
from aetui.views.deck import DeckView, first_pair, following, frames_in_strip, slider
from aetui.widgets.image_grid import ImageGrid
from aetui.widgets.picture_row import PictureRow
from trainer.runs.folder import RunFolder

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]
Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]


async def deck_of(app: AetuiApp, pilot: Pilot[int], until: Until) -> DeckView:
    """The deck, once it has decoded something."""
    await pilot.press("4", "D")
    screen = app.screen
    assert isinstance(screen, LatentScreen)
    view = screen.view()
    assert isinstance(view, DeckView)
    await until(pilot, lambda: view.encoded is not None)
    return view


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
@pytest.mark.parametrize("variant", ["undercomplete", "variational"])
async def test_both_ways_from_a_to_b_are_decoded(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, size: tuple[int, int], variant: str
) -> None:
    make_run("a", variant=variant, live=True)
    async with shown(size) as (app, pilot):
        deck = await deck_of(app, pilot, until)
        linear, slerp = (deck.ways[way].reshape(61, -1) for way in ("linear", "slerp"))
        # Image 1 has 4 bright pixels and image 2 has 8; the network halves them: four pixels go from 0 to 1/2.
        assert linear[:, 5] == pytest.approx([i / 120 for i in range(61)], abs=1e-6)
        assert linear[:, 0] == pytest.approx([0.5] * 61)
        # On the great circle the length goes over evenly: from sqrt(4)/2 to sqrt(8)/2.
        lengths = np.linalg.norm(slerp, axis=1)
        assert lengths == pytest.approx(np.linspace(1, 2**0.5, 61), abs=1e-5)
        await until(pilot, lambda: "t = 0.00" in text_of(app) and "64 wide" in text_of(app))
        assert "slerp" in text_of(app)
        assert "linear" in text_of(app)


async def test_scrubbing_goes_by_small_and_large_steps_and_to_the_ends(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        deck = await deck_of(app, pilot, until)
        await pilot.press("right")
        assert deck.position() == pytest.approx(1 / 60)
        await pilot.press("shift+right")
        assert deck.position() == pytest.approx(7 / 60)
        await pilot.press("shift+left", "left", "left")
        assert deck.position() == 0
        await pilot.press("end")
        assert deck.position() == 1
        assert "t = 1.00" in text_of(app)
        await pilot.press("home")
        assert deck.position() == 0


async def test_it_plays_pauses_loops_and_changes_speed(shown: Shown, make_run: MakeRun, until: Until) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        deck = await deck_of(app, pilot, until)
        await pilot.press("plus", "space")
        assert deck.playback.playing
        assert deck.playback.times == 2
        await until(pilot, lambda: deck.position() > 0.2)
        await pilot.press("space")
        stopped = deck.position()
        await pilot.pause(0.2)
        assert deck.position() == stopped
        await pilot.press("minus", "minus", "l")
        assert (deck.playback.times, deck.playback.ends) == (0.5, "loop")
        await pilot.press("l")
        assert deck.playback.ends == "bounce"


async def test_a_screen_or_view_that_is_left_does_not_play_on(shown: Shown, make_run: MakeRun, until: Until) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        deck = await deck_of(app, pilot, until)
        await pilot.press("space", "1")
        await until(pilot, lambda: not deck.playback.playing)
        stopped = deck.position()
        await pilot.pause(0.2)
        assert deck.position() == stopped


async def test_a_and_b_go_through_the_images_of_a_class(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        deck = await deck_of(app, pilot, until)
        assert (deck.a, deck.b) == (0, 1)
        await pilot.press("a", "a", "b", "B", "B", "B")
        await until(pilot, lambda: "A  image 3 (2)" in text_of(app) and "B  image 16 (5)" in text_of(app))
        # Of 16 images with the labels 0 … 9, 0 … 5 those of class 0 are 1 and 11.
        await pilot.press("c", "b", "A")
        await until(pilot, lambda: (deck.a, deck.b) == (0, 0))
        await pilot.press("b")
        assert deck.b == 10
        await pilot.press("C", "b")
        assert (deck.only, deck.b) == (None, 11)
        await pilot.press("C")
        assert deck.only == 9


async def test_the_grid_picks_a_and_b_by_keys(shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        deck = await deck_of(app, pilot, until)
        await pilot.press("g")
        grid = deck.query_one(ImageGrid)
        await until(pilot, lambda: "all classes" in text_of(app) and "A 1 0" in text_of(app))
        await pilot.press("right", "right", "a", "down", "left", "b")
        across = grid._across
        assert (deck.a, deck.b) == (2, across + 1)
        await pilot.press("up")
        assert grid.image == 1
        await pilot.press("shift+left", "home", "space")
        assert (grid.image, deck.position(), deck.playback.playing) == (0, 0, False)
        await pilot.press("c")
        await until(pilot, lambda: "class 0" in text_of(app))
        await pilot.press("right", "a")
        assert deck.a == 10
        await pilot.press("enter")
        assert not deck.picking
        await until(pilot, lambda: "A  image 11 (0)" in text_of(app))
        await pilot.press("g", "g")
        assert not deck.picking


async def test_the_grid_picks_a_and_then_b_by_clicks(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        deck = await deck_of(app, pilot, until)
        await pilot.press("g")
        await until(pilot, lambda: "a click sets A" in text_of(app))
        grid = deck.query_one(ImageGrid)
        layout = grid._layout
        assert layout is not None
        for index, expected in ((4, "a"), (6, "b")):
            row, column = layout.corner(index)
            await pilot.click(grid, offset=(column, row + 1))
            await pilot.pause()
            assert getattr(deck, expected) == index
        assert len(grid.jump_targets()) == 16
        grid.jump_targets()[7].go()
        await until(pilot, lambda: deck.a == 7)


async def test_a_click_on_the_strip_goes_there(shown: Shown, make_run: MakeRun, until: Until) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        deck = await deck_of(app, pilot, until)
        await pilot.pause(0.1)
        strip = deck.query_one("#slerp-strip")
        await pilot.click(strip, offset=(strip.size.width - 3, 1))
        await until(pilot, lambda: deck.position() == 1)
        await pilot.press("home", "semicolon")
        await pilot.pause(0.1)
        targets = deck.query_one("#linear-strip", PictureRow).jump_targets()
        assert len(targets) == 9
        await pilot.press("escape")
        targets[8].go()
        await until(pilot, lambda: deck.position() == 1)


async def test_what_is_saved_and_copied_is_what_is_shown(shown: Shown, make_run: MakeRun, until: Until) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        deck = await deck_of(app, pilot, until)
        frames = deck.frames()
        assert frames is not None
        # There and back without showing an end twice; both pictures and a line between them.
        assert frames.images.shape == (120, 1, 8, 17)
        assert frames.per_s == 30
        await pilot.press("l", "end")
        frames = deck.frames()
        assert frames is not None
        assert len(frames.images) == 61
        text = deck.copied()
        assert text is not None
        ones = "\t".join(["1"] * 8 + ["0"] * 56)
        assert text.splitlines() == [f"{way}\t1.000\t{ones}" for way in ("linear", "slerp")]


async def test_the_pair_and_the_speed_are_remembered(shown: Shown, make_run: MakeRun, until: Until) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        deck = await deck_of(app, pilot, until)
        await pilot.press("a", "b", "plus", "l", "end")
        state = deck.view_state()
        assert state == {"image": 0, "position": 1.0, "speed": 4, "ends": "loop", "a": 1, "b": 2}
        other = DeckView()
        other.restore_state(state)
        assert other.view_state() == state


def test_the_first_pair_is_of_two_classes_where_there_are_two() -> None:
    assert first_pair(np.array([3, 3, 7, 1])) == (0, 2)
    assert first_pair(np.array([-1, -1])) == (0, 1)
    assert first_pair(np.array([5])) == (0, 0)
    assert first_pair(np.array([], np.int64)) == (0, 0)


def test_the_next_image_of_a_class_follows_round_the_end() -> None:
    listed = np.array([2, 5, 9])
    assert [following(listed, now, 1) for now in (0, 2, 5, 9)] == [2, 5, 9, 2]
    assert [following(listed, now, -1) for now in (0, 2, 5, 9)] == [9, 9, 2, 5]
    assert following(np.array([], np.int64), 4, 1) == 4


def test_the_slider_moves_from_a_to_b() -> None:
    assert slider(0, 10, unicode=False) == "AO-------B"
    assert slider(1, 10, unicode=False) == "A-------OB"
    assert all(len(slider(t / 20, 20, unicode=True)) == 20 for t in range(21))
    assert [frames_in_strip(width) for width in (20, 50, 80)] == [5, 7, 9]


def test_a_code_is_copied_as_numbers() -> None:
    assert code_text(np.array([0.5, -1, 1e-7], np.float32)) == "0.5\t-1\t1e-07"
