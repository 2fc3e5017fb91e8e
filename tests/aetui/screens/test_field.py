"""Screen 6 on a linear model: r(x) = x / 2, so that the field is −x / 2 and every walk ends in the origin."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from textual.app import App
from textual.pilot import Pilot
from torch import nn

from aetui.app import AetuiApp
from aetui.frames import Frames
from aetui.views.field_images import FieldImages
from aetui.views.field_plane import SPACINGS, FieldPlane
from aetui.widgets.picture_row import PictureRow
from aetui.widgets.plane_view import PlaneView
from export.layers import Heads
from export.live import write_live
from trainer.runs.folder import RunFolder
from trainer.runs.probe import Probe, write_probe

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]
Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]

DENOISING = {"corruption": "gaussian", "level": 0.25}


def of_points(run: RunFolder, *, gain: float = 0.5) -> RunFolder:
    """Make the run one of 2-D points on a ring around the origin."""
    angle = np.arange(16) * np.pi / 8
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32).reshape(16, 1, 1, 2)
    write_probe(run.probe, Probe(images=points, labels=np.arange(16) % 2, index=np.arange(16)))
    layers = [nn.Linear(2, 2, bias=False) for _ in range(2)]
    with torch.no_grad():
        layers[0].weight.copy_(torch.eye(2))
        layers[1].weight.copy_(gain * torch.eye(2))
    write_live(
        encoder=nn.Sequential(nn.Flatten(), Heads({"latent": layers[0]})),
        decoder=nn.Sequential(layers[1], nn.Unflatten(1, (1, 1, 2))),
        name=run.name,
        variant="denoising",
        arch="mlp",
        data="moons",
        step=100,
        image_shape=(1, 1, 2),
        latent_dim=2,
        link=run.live,
    )
    return run


@contextlib.asynccontextmanager
async def plane(shown: Shown, make_run: MakeRun, until: Until, size: tuple[int, int] = (80, 24)) -> Any:
    of_points(make_run("ring", variant="denoising", options=DENOISING))
    async with shown(size) as (app, pilot):
        await pilot.press("6")
        await until(pilot, lambda: app.screen.query(FieldPlane))
        view = app.screen.query_one(FieldPlane)
        await until(pilot, lambda: len(view.scene().vectors) and view._at_cross is not None)
        yield app, pilot, view


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_the_arrows_are_the_field_of_the_model(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, size: tuple[int, int]
) -> None:
    async with plane(shown, make_run, until, size) as (app, _, view):
        scene = view.scene()
        np.testing.assert_allclose(scene.vectors, -0.5 * scene.points, atol=1e-6)
        assert len(scene.points) > 50
        assert "→" in text_of(app)
        assert "↙" in text_of(app)
        assert "r(x) - x = (" in text_of(app)


async def test_the_arrow_keys_move_the_cross_hair_and_its_field_follows(
    shown: Shown, make_run: MakeRun, until: Until
) -> None:
    async with plane(shown, make_run, until) as (_, pilot, view):
        moves = {"right": (1, 0), "left": (-1, 0), "up": (0, 1), "down": (0, -1)}
        for key, (x, y) in moves.items():
            for shift, by in (("", (1, 1)), ("shift+", (8, 4))):
                before, seen = view.cross, view._seen()
                await pilot.press(shift + key)
                width, height = view._cells()
                assert view.cross[0] - before[0] == pytest.approx(x * by[0] * seen.width / width)
                assert view.cross[1] - before[1] == pytest.approx(y * by[1] * seen.height / height)
        await pilot.press("shift+right")
        await until(pilot, lambda: np.allclose(view._at_cross[0], -0.5 * np.array(view.cross), atol=1e-6))


async def test_the_cross_hair_takes_the_view_along_over_its_edge(shown: Shown, make_run: MakeRun, until: Until) -> None:
    async with plane(shown, make_run, until) as (_, pilot, view):
        for _ in range(12):
            await pilot.press("shift+right")
        assert view._seen().right >= view.cross[0] > 2
        await pilot.press("c")
        assert view._seen().centre == pytest.approx(view.cross)
        await pilot.press("f")
        assert view._seen().centre == pytest.approx((0, 0), abs=1e-6)


async def test_zooming_and_panning_ask_for_the_field_of_what_is_seen(
    shown: Shown, make_run: MakeRun, until: Until
) -> None:
    async with plane(shown, make_run, until) as (_, pilot, view):
        width = view._seen().width
        await pilot.press("z")
        assert view._seen().width == pytest.approx(width / 1.5)
        await until(pilot, lambda: np.abs(view.scene().points[:, 0]).max() < width / 3)
        await pilot.press("Z")
        assert view._seen().width == pytest.approx(width, rel=1e-3)
        for key, moved in {"h": (-1, 0), "l": (1, 0), "k": (0, 1), "j": (0, -1)}.items():
            before = view._seen()
            await pilot.press(key)
            after = view._seen()
            assert np.sign(np.round(after.left - before.left, 6)) == moved[0]
            assert np.sign(np.round(after.top - before.top, 6)) == moved[1]


async def test_a_walk_from_the_cross_hair_halves_its_way_as_it_should(
    shown: Shown, make_run: MakeRun, until: Until
) -> None:
    async with plane(shown, make_run, until) as (_, pilot, view):
        await pilot.press("shift+right", "shift+up", "enter")
        start = np.array(view.cross)
        await until(pilot, lambda: view.walk is not None and view.walk.at >= 3)
        await pilot.press("space")
        at = view.walk.at
        await pilot.pause(0.3)
        assert view.walk.at == at
        await pilot.press("full_stop")
        await until(pilot, lambda: view.walk.at == at + 1)
        # a = 0.2 and r(x) = x / 2: each step leaves nine tenths.
        np.testing.assert_allclose(view.walk.xs[at + 1].reshape(2), 0.9 ** (at + 1) * start, atol=1e-5)
        await pilot.press("comma")
        assert view.walk.at == at
        await pilot.press("backspace")
        await until(pilot, lambda: view.walk.at == 0 and len(view.walk.rs) == 1)
        np.testing.assert_allclose(view.walk.xs[0].reshape(2), start, atol=1e-6)


async def test_many_walkers_all_end_in_the_origin(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    async with plane(shown, make_run, until) as (app, pilot, view):
        await pilot.press("greater_than_sign", "greater_than_sign", "plus", "plus", "w")
        assert view.rate == 4
        await until(pilot, lambda: view.walk is not None and view.walk.at >= 12)
        assert len(view.walk.start) > 10
        assert np.abs(view.walk.xs[12]).max() < np.abs(view.walk.start).max() / 2**11
        assert "a = 1" in text_of(app)
        frames = view.frames()
        assert isinstance(frames, Frames)
        assert len(frames.images) == len(view.walk.rs)
        assert frames.images.shape[1] == 3
        assert 0 <= frames.images.min() <= frames.images.max() <= 1


async def test_speed_and_rate_have_ends(shown: Shown, make_run: MakeRun, until: Until) -> None:
    async with plane(shown, make_run, until) as (_, pilot, view):
        await pilot.press(*["minus"] * 9, *["less_than_sign"] * 9)
        assert (view.player.speed, view.rate) == (0, 0)
        await pilot.press(*["plus"] * 9, *["greater_than_sign"] * 9)
        assert (view.player.speed, view.rate) == (4, 4)


async def test_a_changes_how_many_arrows_there_are_and_d_hides_the_data(
    shown: Shown, make_run: MakeRun, until: Until
) -> None:
    async with plane(shown, make_run, until) as (_, pilot, view):
        counts = {len(view.scene().points)}
        for _ in SPACINGS[1:]:
            before = len(view.scene().points)
            await pilot.press("a")
            await until(pilot, lambda before=before: len(view.scene().points) != before)
            counts.add(len(view.scene().points))
        assert len(counts) == len(SPACINGS)
        assert len(view.scene().cloud) == 16
        await pilot.press("d")
        assert len(view.scene().cloud) == 0
        await pilot.press("d")
        assert len(view.scene().cloud) == 16


async def test_the_mouse_points_and_its_wheel_zooms(shown: Shown, make_run: MakeRun, until: Until) -> None:
    async with plane(shown, make_run, until) as (_, pilot, view):
        seen = view._seen()
        await pilot.click(PlaneView, offset=(10, 3))
        expected = seen.point_at(10, 3, *view._cells())
        assert view.cross == pytest.approx(expected)
        view.on_plane_view_zoomed(PlaneView.Zoomed(2.0, *expected))
        assert view._seen().width == pytest.approx(seen.width / 2)


async def test_y_copies_what_is_said_of_the_cross_hair(shown: Shown, make_run: MakeRun, until: Until) -> None:
    async with plane(shown, make_run, until) as (app, _, view):
        assert app.screen.copied().splitlines()[0] == f"x = ({view.cross[0]:.3f}, {view.cross[1]:.3f})"


async def test_what_was_set_comes_back_and_nonsense_does_no_harm(shown: Shown, make_run: MakeRun, until: Until) -> None:
    async with plane(shown, make_run, until) as (app, pilot, view):
        await pilot.press("a", "d", "greater_than_sign")
        state = app.screen.view_state()
        await pilot.press("a", "d", "less_than_sign")
        app.screen.restore_state(state)
        assert app.screen.view_state() == state
        nonsense: list[Any] = [None, "x", -1, 1e99, float("nan"), [], {}, True]
        for bad in nonsense:
            app.screen.restore_state({"view": bad, "views": bad})
            app.screen.restore_state(
                {"views": {name: dict.fromkeys([*state["views"][name]], bad) for name in ("plane", "images")}}
            )
            await pilot.pause()
        assert 0 <= view.rate < 5


@contextlib.asynccontextmanager
async def pictures(shown: Shown, make_run: MakeRun, until: Until, size: tuple[int, int] = (80, 24)) -> Any:
    make_run("squares", variant="denoising", live=True, options=DENOISING)
    async with shown(size) as (app, pilot):
        await pilot.press("6")
        await until(pilot, lambda: app.screen.query(FieldImages))
        view = app.screen.query_one(FieldImages)
        await until(pilot, lambda: view.walk is not None and view.walk.rs)
        yield app, pilot, view


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_images_are_shown_as_x_field_and_reconstruction(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, size: tuple[int, int]
) -> None:
    async with pictures(shown, make_run, until, size) as (app, _, view):
        assert app.screen.shown_view == "images"
        assert view.noise(app.screen.entry()) == ("gaussian", 0.25)
        first = view.pictures(0)[0]
        np.testing.assert_allclose(first[2], 0.5 * first[0], atol=1e-6)
        assert "|r(x)-x|" in text_of(app)
        assert "gaussian 0.25" in text_of(app)
        length = float(np.linalg.norm(0.5 * view.walk.start[0]))
        assert f"|r(x)-x| {length:.2f}" in text_of(app)
        assert view.walk.lengths(0)[0] == pytest.approx(length)


async def test_the_walk_of_images_plays_and_its_errors_are_told(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    async with pictures(shown, make_run, until) as (app, pilot, view):
        await until(pilot, lambda: "space begins the walk" in text_of(app))
        await pilot.press("plus", "space")
        await until(pilot, lambda: view.walk.at >= 3)
        await pilot.press("space")
        assert "begins the walk" not in text_of(app)
        at, clean = view.walk.at, view._clean[0]
        errors = view.walk.errors(0, clean)
        assert errors[at] == pytest.approx(np.mean((0.9**at * view.walk.start[0] - clean) ** 2), abs=1e-6)
        await pilot.pause(0.1)
        assert f"step {at}" in text_of(app)
        await pilot.press("full_stop", "comma", "comma", "less_than_sign", "minus")
        assert (view.rate, view.player.speed) == (1, 3)
        await pilot.press("greater_than_sign", "backspace")
        await until(pilot, lambda: view.walk.at == 0)
        assert view.copied().splitlines()[0] == "step\tlength\tmse"
        assert len(view.frames().images) == len(view.walk.rs)


async def test_arrows_and_pages_go_through_the_images(shown: Shown, make_run: MakeRun, until: Until) -> None:
    async with pictures(shown, make_run, until) as (_, pilot, view):
        count = view._places.images
        await pilot.press("right")
        assert view.selected == 1
        await pilot.press("pagedown")
        await until(pilot, lambda: view.walk is not None and view.walk.rs)
        assert view.selected == 1 + count
        assert view.selected in view.shown()
        await pilot.press("left", "pageup")
        assert view.selected == 0
        await pilot.press(*["pagedown"] * 20)
        assert view.selected == 15
        await until(pilot, lambda: view.walk is not None and view.walk.rs)
        assert len(view.walk.start) == len(view.shown())


async def test_noise_has_a_kind_and_a_level(shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf) -> None:
    async with pictures(shown, make_run, until) as (app, pilot, view):
        await pilot.press("up")
        assert view._noise == ("gaussian", 0.3)
        await pilot.press("down", "down", "k")
        assert view._noise == ("masking", 0.2)
        await until(pilot, lambda: "masking 0.2" in text_of(app))
        await pilot.press(*["down"] * 30)
        await until(pilot, lambda: view.walk is not None and view.walk.rs and view._noise[1] == 0)
        np.testing.assert_allclose(view.walk.start, view._clean[list(view.shown())])
        await pilot.press("k", "k")
        assert view._noise[0] == "gaussian"


async def test_a_click_selects_an_image(shown: Shown, make_run: MakeRun, until: Until) -> None:
    async with pictures(shown, make_run, until, (120, 40)) as (_, _, view):
        row = view.query_one(PictureRow)
        last = len(view.shown()) - 1
        index = 3 * last if view._places.across else last
        view.on_picture_row_picked(PictureRow.Picked(row, index))
        assert view.selected == last


async def test_points_have_no_field_of_images_and_images_no_arrows(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, runs_dir: Path
) -> None:
    of_points(make_run("ring", variant="denoising", started=2.0))
    make_run("squares", variant="denoising", live=True, started=1.0)
    async with shown() as (app, pilot):
        app.select(runs_dir / "ring")
        await pilot.press("6")
        await until(pilot, lambda: "r(x) - x = (" in text_of(app))
        await pilot.press("tab")
        await until(pilot, lambda: "Tab shows their field as arrows" in text_of(app))
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "image 1 of 16" in text_of(app))
        await pilot.press("shift+tab")
        await until(pilot, lambda: "--data moons" in text_of(app))
        for key in ("right", "z", "h", "f", "c", "enter", "w", "space", "full_stop", "comma", "backspace", "a", "d"):
            await pilot.press(key)
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "r(x) - x = (" in text_of(app))


async def test_without_a_choice_a_denoising_run_of_the_plane_is_shown(
    shown: Shown, make_run: MakeRun, until: Until, runs_dir: Path
) -> None:
    make_run("plain", live=True, started=9.0)
    make_run("squares", variant="denoising", live=True, started=8.0)
    ring = of_points(make_run("ring", variant="denoising", started=7.0))
    ring.config.write_text(ring.config.read_text().replace("digits", "moons"))
    async with shown() as (app, pilot):
        await pilot.press("6")
        page = app.page()
        assert page is not None
        await until(pilot, lambda: (entry := page.entry()) is not None and entry.path == runs_dir / "ring")


async def test_empty_states_say_what_to_do(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, runs_dir: Path
) -> None:
    async with shown() as (app, pilot):
        await pilot.press("6")
        await until(pilot, lambda: "aetrain fit denoising --data moons" in text_of(app))
        await pilot.press("space", "full_stop", "enter", "w", "z", "tab")
        await until(pilot, lambda: "aetrain fit denoising" in text_of(app))
        await pilot.press("space", "full_stop", "right", "k", "up")
        page = app.page()
        assert page is not None
        assert page.frames() is None
        make_run("waits")
        await until(pilot, lambda: "no model to look at yet" in text_of(app))


@pytest.mark.parametrize("size", [(1, 1), (10, 4), (30, 8), (300, 100)])
@pytest.mark.parametrize("flat", [True, False])
async def test_no_size_is_too_small_or_too_large(
    shown: Shown, make_run: MakeRun, size: tuple[int, int], flat: bool
) -> None:
    run = make_run("a", variant="denoising", live=not flat)
    if flat:
        of_points(run)
    async with shown(size) as (_, pilot):
        await pilot.press("6")
        await pilot.pause(0.5)
        await pilot.press("w", "right", "space", "full_stop", "z")
        await pilot.pause(0.3)
