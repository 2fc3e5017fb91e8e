"""The decoded manifold: its keys, its mouse, and what it says."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
import torch
from textual.app import App
from textual.pilot import Pilot
from torch import nn

from aetui.app import AetuiApp
from aetui.screens.page import Page
from aetui.views.manifold import ManifoldView, _wrapped
from aetui.widgets.manifold_grid import ManifoldGrid
from aetui.widgets.scatter_plot import ScatterPlot
from export.layers import Heads
from export.live import write_live
from trainer.runs.folder import RunFolder
from trainer.runs.probe import Probe, write_probe
from trainer.runs.samples import Sample, path_of, write_sample

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]
Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]

WIDE, HIGH = 5, 9
"""The two dimensions of 64 in which the codes differ most; the network halves every code to make its image."""


def write(run: RunFolder, n: int = 60) -> None:
    run.samples.mkdir(exist_ok=True)
    latent = np.zeros((n, 64))
    latent[:, [WIDE, HIGH]] = np.random.default_rng(0).normal(size=(n, 2))
    sample = Sample(
        latent=latent.astype(np.float16),
        labels=np.arange(n) % 2,
        index=np.arange(n),
        reconstruction=np.zeros((1, 1, 8, 8), np.uint8),
    )
    write_sample(path_of(run.samples, 100), sample)


@pytest.fixture
def vae(make_run: MakeRun) -> RunFolder:
    run = make_run("a", variant="variational", live=True)
    write(run)
    return run


async def on_manifold(app: AetuiApp, pilot: Pilot[int], until: Until) -> ManifoldView:
    await pilot.press("4")
    screen = app.screen
    assert isinstance(screen, Page)
    screen.show_view("manifold")
    await pilot.pause(0.05)
    view = screen.view()
    assert isinstance(view, ManifoldView)
    await until(pilot, lambda: view.decoded is not None and view.grid == view.layout_now())
    return view


def codes_of(view: ManifoldView) -> np.ndarray:
    assert view.decoded is not None
    return view.decoded.lattice.codes


def images_of(view: ManifoldView) -> np.ndarray:
    assert view.decoded is not None
    return view.decoded.images


def coordinates(view: ManifoldView) -> tuple[np.ndarray, np.ndarray]:
    """Of the pictures [down, across]: where they lie along x and y."""
    assert view.grid is not None
    shape = (view.grid.down, view.grid.across)
    return codes_of(view)[:, WIDE].reshape(shape), codes_of(view)[:, HIGH].reshape(shape)


async def waits_for_another(pilot: Pilot[int], until: Until, view: ManifoldView, *keys: str) -> None:
    for key in keys:
        before = view.decoded
        await pilot.press(key)
        await until(pilot, lambda before=before: view.decoded is not before)


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (30, 10)])
async def test_a_variational_run_is_decoded_at_quantiles_of_the_prior(
    shown: Shown, vae: RunFolder, until: Until, size: tuple[int, int]
) -> None:
    async with shown(size) as (app, pilot):
        view = await on_manifold(app, pilot, until)
        xs, ys = coordinates(view)
        assert view.grid is not None
        across, down = view.grid.across, view.grid.down
        wanted = [NormalDist().inv_cdf((i + 0.5) / across) for i in range(across)]
        assert xs == pytest.approx(np.tile(wanted, (down, 1)), abs=1e-5)
        wanted = [NormalDist().inv_cdf((i + 0.5) / down) for i in reversed(range(down))]
        assert ys == pytest.approx(np.tile(np.array(wanted)[:, None], (1, across)), abs=1e-5)
        assert images_of(view).reshape(-1, 64) == pytest.approx(codes_of(view) / 2, abs=1e-5)


async def test_another_run_is_decoded_at_even_steps_through_its_codes(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    write(make_run("a", live=True))
    async with shown((120, 40)) as (app, pilot):
        view = await on_manifold(app, pilot, until)
        await until(pilot, lambda: "1-99 % of the codes" in text_of(app))
        assert (view.x_axis.name, view.y_axis.name) == ("pc1", "pc2")
        assert view.decoded is not None
        assert view.grid is not None
        a = view.decoded.lattice.a[: view.grid.across]
        low, high = np.quantile(view.x_axis.values, (0.01, 0.99))
        step = (high - low) / view.grid.across
        assert a == pytest.approx(low + step * (np.arange(view.grid.across) + 0.5), abs=1e-4)
        await waits_for_another(pilot, until, view, "w")
        await until(pilot, lambda: "quantiles of N(0, 1)" in text_of(app))
        await waits_for_another(pilot, until, view, "w")
        await until(pilot, lambda: "1-99 % of the codes" in text_of(app))


async def test_a_picture_is_chosen_by_keys_and_shown_with_its_code(
    shown: Shown, vae: RunFolder, until: Until, text_of: TextOf
) -> None:
    async with shown((120, 40)) as (app, pilot):
        view = await on_manifold(app, pilot, until)
        grid = view.grid
        assert grid is not None
        assert (view.column, view.row) == (grid.across // 2, grid.down // 2)
        for keys, by in ((("left", "h"), (-1, 0)), (("right", "l"), (1, 0)), (("up", "k"), (0, -1))):
            for key in keys:
                before = (view.column, view.row)
                await pilot.press(key)
                assert (view.column, view.row) == (before[0] + by[0], before[1] + by[1]), key
        before = view.row
        await pilot.press("down", "j")
        assert view.row == before + 2
        xs, ys = coordinates(view)
        x, y = xs[view.row, view.column], ys[view.row, view.column]
        await until(pilot, lambda: f"z{WIDE + 1} {x:.3f}  z{HIGH + 1} {y:.3f}" in text_of(app))
        copied = view.copied()
        assert copied is not None
        found = [float(value) for value in copied.split("\t")]
        assert (found[WIDE], found[HIGH]) == pytest.approx((x, y), abs=1e-4)
        await pilot.press(*["left"] * 30, *["up"] * 30)
        assert (view.column, view.row) == (0, 0)
        await pilot.press(*["right"] * 30, *["down"] * 30)
        assert (view.column, view.row) == (grid.across - 1, grid.down - 1)


async def test_a_click_chooses_and_the_wheel_zooms(shown: Shown, vae: RunFolder, until: Until) -> None:
    async with shown((120, 40)) as (app, pilot):
        view = await on_manifold(app, pilot, until)
        grid = view.grid
        assert grid is not None
        await pilot.click("#manifold-grid", offset=(grid.left + 2 * grid.wide + 1, grid.top + grid.high))
        assert (view.column, view.row) == (2, 1)
        targets = view.query_one("#manifold-grid").jump_targets()
        assert len(targets) == grid.across * grid.down
        targets[-1].go()
        await until(pilot, lambda: (view.column, view.row) == (grid.across - 1, grid.down - 1))


async def test_pan_zoom_and_fit(shown: Shown, vae: RunFolder, until: Until, text_of: TextOf) -> None:
    async with shown((120, 40)) as (app, pilot):
        view = await on_manifold(app, pilot, until)
        xs, ys = coordinates(view)
        for keys, rises in (
            (("shift+right", "L"), (1, 0)),
            (("shift+left", "H"), (-1, 0)),
            (("shift+up", "K"), (0, 1)),
            (("shift+down", "J"), (0, -1)),
        ):
            for key in keys:
                before = coordinates(view)
                await waits_for_another(pilot, until, view, key)
                after = coordinates(view)
                for axis in (0, 1):
                    assert np.sign(after[axis] - before[axis]).mean().round() == rises[axis], key
        assert coordinates(view)[0] == pytest.approx(xs, abs=1e-5)
        still = codes_of(view)[view.chosen]
        await waits_for_another(pilot, until, view, "plus", "plus")
        assert np.ptp(coordinates(view)[0]) < np.ptp(xs)
        assert codes_of(view)[view.chosen] == pytest.approx(still, abs=1e-4)
        await until(pilot, lambda: "zoomed" in text_of(app))
        await waits_for_another(pilot, until, view, "minus", "minus", "minus")
        assert np.ptp(coordinates(view)[1]) > np.ptp(ys)
        await waits_for_another(pilot, until, view, "f")
        assert coordinates(view)[1] == pytest.approx(ys, abs=1e-5)
        view.query_one("#manifold-grid", ManifoldGrid).post_message(ManifoldGrid.Zoomed(1))
        await until(pilot, lambda: np.ptp(coordinates(view)[0]) < np.ptp(xs))


async def test_more_and_fewer_pictures(shown: Shown, vae: RunFolder, until: Until) -> None:
    async with shown((120, 40)) as (app, pilot):
        view = await on_manifold(app, pilot, until)
        before = view.grid
        assert before is not None
        await waits_for_another(pilot, until, view, "full_stop")
        more = view.grid
        assert more is not None
        assert more.across * more.down > before.across * before.down
        await waits_for_another(pilot, until, view, "comma", "comma")
        fewer = view.grid
        assert fewer is not None
        assert fewer.across * fewer.down < before.across * before.down
        for _ in range(14):
            await pilot.press("full_stop")
        await until(pilot, lambda: view.grid is not None and (view.grid.across, view.grid.down) == (20, 20))
        for _ in range(28):
            await pilot.press("comma")
        await until(pilot, lambda: view.grid is not None and view.grid.down == 1)


async def test_axes_and_principal_components(shown: Shown, vae: RunFolder, until: Until) -> None:
    async with shown((120, 40)) as (app, pilot):
        view = await on_manifold(app, pilot, until)

        def names() -> tuple[str, str]:
            return view.x_axis.name, view.y_axis.name

        assert names() == ("z6", "z10")
        await waits_for_another(pilot, until, view, "x")
        assert names() == ("z7", "z10")
        await waits_for_another(pilot, until, view, "X", "X")
        assert names() == ("z5", "z10")
        await waits_for_another(pilot, until, view, "v")
        assert names() == ("z5", "z11")
        await waits_for_another(pilot, until, view, "V", "V")
        assert names() == ("z5", "z9")
        await waits_for_another(pilot, until, view, "p")
        assert names() == ("pc1", "pc2")
        await waits_for_another(pilot, until, view, "p")
        assert names() == ("z6", "z10")


async def test_pictures_far_from_the_data_are_dimmed_and_counted(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    run = make_run("a", variant="variational", live=True)
    write(run, n=400)
    async with shown((120, 40)) as (app, pilot):
        view = await on_manifold(app, pilot, until)
        await waits_for_another(pilot, until, view, "minus", "minus", "minus", "w")
        assert view.decoded is not None
        far = view.decoded.lattice.far
        latent = view.space.measured
        distances = np.array([np.linalg.norm(latent - code, axis=1).min() for code in codes_of(view)])
        own = np.linalg.norm(latent[:, None] - latent[None], axis=2)
        np.fill_diagonal(own, np.inf)
        limit = np.quantile(own.min(axis=1), 0.99)
        assert (far == (distances > limit)).mean() > 0.99
        await until(pilot, lambda: f"{int(far.sum())} far from data, dimmed" in text_of(app))
        await pilot.press("d")
        assert not view.dims_far
        await until(pilot, lambda: "dimmed" not in text_of(app))
        await pilot.press("d")
        assert view.dims_far


async def test_the_manifold_is_saved_as_one_picture_and_remembered(shown: Shown, vae: RunFolder, until: Until) -> None:
    async with shown((120, 40)) as (app, pilot):
        view = await on_manifold(app, pilot, until)
        await waits_for_another(pilot, until, view, "full_stop", "plus", "w", "x")
        await pilot.press("left", "up", "d")
        frames = view.frames()
        assert frames is not None
        assert view.grid is not None
        assert frames.images.shape == (1, 1, view.grid.down * 8, view.grid.across * 8)
        last = images_of(view)[-1].clip(0, 1)
        assert frames.images[0, :, -8:, -8:] == pytest.approx(last)
        state = view.view_state()
        await waits_for_another(pilot, until, view, "comma", "f", "w", "X")
        await pilot.press("right", "d")
        view.restore_state(state)
        assert view.view_state() == state
        for wrong in (
            {"kind": 1, "side_px": 7, "spacing": "x", "dims_far": 2, "window": [0, 0, 0, 1], "x": 1e9},
            {"at": [2, 0], "window": ["a", 1, 2, 3], "side_px": True, "spacing": None},
            {"window": [0, 1e300, 0, 1]},
        ):
            view.restore_state({**state, **wrong})
            assert view.x_window == (state["window"][0], state["window"][1])


async def test_without_a_model_it_says_what_to_do(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a")
    async with shown() as (app, pilot):
        await pilot.press("4")
        screen = app.screen
        assert isinstance(screen, Page)
        screen.show_view("manifold")
        await until(pilot, lambda: "no model" in text_of(app))
        await pilot.press("left", "L", "plus", "f", "full_stop", "comma", "x", "v", "p", "w", "d", "y")
        assert "no model" in text_of(app)


def points_run(run: RunFolder, latent_dim: int) -> None:
    """A run on points of the plane: the code is the first coordinate, or both; the decoder gives (z₁, z₁) or z."""
    points = np.random.default_rng(0).normal(size=(16, 1, 1, 2)).astype(np.float32)
    write_probe(run.probe, Probe(images=points, labels=np.arange(16) % 2, index=np.arange(16)))
    encoder, decoder = nn.Linear(2, latent_dim), nn.Linear(latent_dim, 2)
    with torch.no_grad():
        for layer in (encoder, decoder):
            layer.weight.copy_(
                torch.ones(2, 2)[: layer.out_features, : layer.in_features] if latent_dim == 1 else torch.eye(2)
            )
            layer.bias.zero_()
    write_live(
        encoder=nn.Sequential(nn.Flatten(), Heads({"latent": encoder})),
        decoder=nn.Sequential(decoder, nn.Unflatten(1, (1, 1, 2))),
        name=run.name,
        variant="undercomplete",
        arch="mlp",
        data="moons",
        step=100,
        image_shape=(1, 1, 2),
        latent_dim=latent_dim,
        link=run.live,
    )


@pytest.mark.parametrize("latent_dim", [1, 2])
async def test_points_are_drawn_where_they_lie(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, latent_dim: int
) -> None:
    points_run(make_run("a"), latent_dim)
    async with shown((120, 40)) as (app, pilot):
        view = await on_manifold(app, pilot, until)
        plot = view.query_one("#points", ScatterPlot)
        await until(pilot, lambda: plot.display and plot.cross is not None)
        assert not view.query_one("#manifold-grid").display
        assert view.chosen is not None
        x, y = images_of(view)[view.chosen].reshape(-1).tolist()
        assert plot.cross == pytest.approx((x, y))
        await until(pilot, lambda: f"({x:.2f}, {y:.2f})" in text_of(app))
        await pilot.press("right", "comma", "full_stop")
        assert view.frames() is not None
        screen = app.screen
        assert isinstance(screen, Page)
        screen.show_view("map")
        await until(pilot, lambda: "decoded (" in text_of(app))
        await pilot.press("right", "x", "v", "p", "n", "o")


async def test_a_resize_fits_the_pictures_anew(shown: Shown, vae: RunFolder, until: Until) -> None:
    async with shown((80, 24)) as (app, pilot):
        view = await on_manifold(app, pilot, until)
        before = view.grid
        for size in ((200, 60), (1, 1), (20, 6), (300, 100)):
            await pilot.resize_terminal(*size)
            await pilot.pause(0.1)
        await until(pilot, lambda: view.grid is not None and (view.grid.across, view.grid.down) == (20, 20))
        assert before is not None
        assert before.across < 20


async def test_another_run_is_decoded_with_its_own_network(
    shown: Shown, vae: RunFolder, make_run: MakeRun, publish_model: Callable[..., None], runs_dir: Path, until: Until
) -> None:
    other = make_run("b", variant="variational")
    write(other)
    publish_model(other, variant="variational", gain=0.25)
    async with shown((80, 24)) as (app, pilot):
        view = await on_manifold(app, pilot, until)
        app.select(runs_dir / "b")
        await until(
            pilot,
            lambda: (
                images_of(view) is not None
                and images_of(view).reshape(-1, 64) == pytest.approx(codes_of(view) * 0.25, abs=1e-5)
            ),
        )


async def test_newer_weights_decode_anew(
    shown: Shown, vae: RunFolder, publish_model: Callable[..., None], until: Until, text_of: TextOf
) -> None:
    async with shown((120, 40)) as (app, pilot):
        view = await on_manifold(app, pilot, until)
        publish_model(vae, variant="variational", gain=0.25, step=200)
        await until(pilot, lambda: images_of(view).reshape(-1, 64) == pytest.approx(codes_of(view) * 0.25, abs=1e-5))
        await until(pilot, lambda: "weights of step 200" in text_of(app))


def test_a_code_that_does_not_fit_ends_in_a_whole_number() -> None:
    assert _wrapped("0.10 -0.20 0.30 0.40", 11, 2) == ["0.10 -0.20", "0.30 0.40"]
    assert _wrapped("0.10 -0.20 0.30 0.40 0.50", 11, 2) == ["0.10 -0.20", "0.30 ..."]
