"""Screen 4: which run it is about, and its views."""

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
from textual.widgets import Static
from torch import nn

from aetui import keys
from aetui.app import AetuiApp
from aetui.follow.sources import Sources
from aetui.screens.latent import LatentScreen
from aetui.views.latent_view import LatentView
from aetui.views.traversal import TraversalView
from export.layers import Heads
from export.live import write_live
from trainer.runs.folder import RunFolder
from trainer.runs.probe import Probe, write_probe

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]
Told = Callable[[AetuiApp], str]
Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]


async def test_a_variational_run_is_preferred_until_one_is_chosen(
    shown: Shown, make_run: MakeRun, runs_dir: Path
) -> None:
    make_run("vae", variant="variational", live=True, started=1.0)
    make_run("other", live=True, started=2.0)
    async with shown() as (app, pilot):
        await pilot.press("4")
        screen = app.screen
        assert isinstance(screen, LatentScreen)
        entry = screen.entry()
        assert entry is not None
        assert entry.name == "vae"
        await pilot.press("right_square_bracket")
        assert app.selection.path == runs_dir / "other"
        await pilot.press("left_square_bracket")
        assert app.selection.path == runs_dir / "vae"


async def test_every_view_has_a_letter_and_tab_goes_through_them(shown: Shown, make_run: MakeRun) -> None:
    make_run("a", variant="variational", live=True)
    letters = {key.action: key.keys[0] for key in keys.keys_of("latent")}
    async with shown() as (app, pilot):
        await pilot.press("4")
        screen = app.screen
        assert isinstance(screen, LatentScreen)
        for name in screen.views:
            await pilot.press(letters[f"show_view('{name}')"])
            assert screen.shown_view == name
            assert app.focused is screen.view()
        names = list(screen.views)
        await pilot.press(letters[f"show_view('{names[0]}')"])
        for name in (*names[1:], names[0]):
            await pilot.press("tab")
            assert screen.shown_view == name
        await pilot.press("shift+tab")
        assert screen.shown_view == names[-1]


async def test_without_a_run_or_a_model_every_view_says_what_to_do(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    async with shown() as (app, pilot):
        await pilot.press("4")
        for _ in LatentScreen.views:
            await until(pilot, lambda: "no run yet" in text_of(app))
            await pilot.press("tab")
        make_run("young", state="running")
        for _ in LatentScreen.views:
            await until(pilot, lambda: "young: no model to look at yet; a run writes its first one" in text_of(app))
            await pilot.press("tab")


def said(screen: LatentScreen) -> str:
    """What the view says instead of pictures; nothing where that stands in less than the whole width."""
    view = screen.view()
    assert view is not None
    found = view.query_one("#nothing", Static)
    return str(found.render()) if found.size.width > 70 else ""


async def test_a_model_that_is_damaged_is_told_and_the_view_says_so(
    shown: Shown, make_run: MakeRun, until: Until, told: Told
) -> None:
    run = make_run("a", variant="variational", live=True)
    (run.live / "decoder.onnx").write_bytes(b"nothing")
    async with shown((120, 40)) as (app, pilot):
        await pilot.press("4")
        await until(pilot, lambda: "decoder.onnx" in told(app))
        screen = app.screen
        assert isinstance(screen, LatentScreen)
        for name in LatentScreen.views:
            screen.show_view(name)
            await until(pilot, lambda: "copy it again" in said(screen))


async def test_what_was_remembered_wrongly_does_no_harm(shown: Shown, make_run: MakeRun, until: Until) -> None:
    make_run("a", variant="variational", live=True)
    hostile: list[Any] = [None, -1, 10**30, 1.5, "x" * 1000, [], {}, True, float("nan")]
    async with shown() as (app, pilot):
        await pilot.press("4")
        screen = app.screen
        assert isinstance(screen, LatentScreen)
        for name in screen.views:
            screen.show_view(name)
            await pilot.pause(0.1)
            view = screen.view()
            assert view is not None
            for value in hostile:
                view.restore_state(dict.fromkeys(view.view_state(), value))
                if isinstance(view, TraversalView):
                    await until(pilot, lambda view=view: view.encoded is not None)
                    view.moved()
            await pilot.pause(0.1)
            assert view.view_state().keys() == view.view_state().keys()
        screen.restore_state({"view": "nothing", "views": {"deck": 3}})
        screen.restore_state({"views": []})
        assert app.is_running


def make_points(run: RunFolder) -> None:
    """Turn a run into one of points: its network halves them."""
    points = np.random.default_rng(0).normal(size=(64, 1, 1, 2)).astype(np.float32)
    write_probe(run.probe, Probe(images=points, labels=np.arange(64) % 2, index=np.arange(64)))
    layer = nn.Linear(2, 2)
    with torch.no_grad():
        layer.weight.copy_(0.5 * torch.eye(2))
        layer.bias.zero_()
    write_live(
        encoder=nn.Sequential(nn.Flatten(), Heads({"mean": nn.Linear(2, 2), "log_variance": nn.Linear(2, 2)})),
        decoder=nn.Sequential(layer, nn.Unflatten(1, (1, 1, 2))),
        name=run.name,
        variant="variational",
        arch="mlp",
        data="moons",
        step=1,
        image_shape=(1, 1, 2),
        latent_dim=2,
        link=run.live,
    )


@pytest.mark.parametrize(
    ("kind", "size"), [("variational", (1, 1)), ("points", (20, 6)), ("undercomplete", (160, 50))], ids=str
)
async def test_every_key_of_every_view_works_at_every_size(
    shown: Shown, make_run: MakeRun, text_of: TextOf, until: Until, size: tuple[int, int], kind: str
) -> None:
    run = make_run("a", live=True, variant="variational" if kind == "points" else kind)
    if kind == "points":
        make_points(run)
    async with shown(size) as (app, pilot):
        await pilot.press("4")
        screen = app.screen
        assert isinstance(screen, LatentScreen)
        for name, view in screen.views.items():
            screen.show_view(name)
            await pilot.pause(0.05)
            for key in keys.keys_of(view.where):
                await pilot.press(*key.keys)
            screen.show_view(name)
            shown_view = screen.view()
            assert shown_view is not None
            shown_view.frames()
            shown_view.copied()
        await pilot.pause(0.2)
        assert app.is_running
        assert text_of(app).count("\n") == size[1] - 1


async def test_resizing_breaks_no_view(shown: Shown, make_run: MakeRun) -> None:
    make_run("a", live=True, variant="variational")
    async with shown() as (app, pilot):
        await pilot.press("4")
        screen = app.screen
        assert isinstance(screen, LatentScreen)
        for name in screen.views:
            screen.show_view(name)
            for size in ((20, 6), (1, 1), (3, 40), (120, 3), (200, 60), (80, 24)):
                await pilot.resize_terminal(*size)
                await pilot.pause(0.02)
        assert app.is_running


async def test_in_ascii_every_view_is_ascii(make_run: MakeRun, runs_dir: Path, text_of: TextOf, until: Until) -> None:
    make_run("a", live=True, variant="variational")
    make_run("b", live=True, started=1.0)
    make_points(make_run("c", live=True, variant="variational"))
    app = AetuiApp(Sources(runs_dir=runs_dir, folders=(runs_dir,)), provider="cpu", render="ascii")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: len(app.entries) == 3)
        await pilot.press("4")
        screen = app.screen
        assert isinstance(screen, LatentScreen)
        for run in "abc":
            app.select(runs_dir / run)
            for name in screen.views:
                screen.show_view(name)
                await pilot.pause(0.2)
                assert text_of(app).isascii(), (run, name)


@pytest.mark.parametrize(("letter", "key"), [("D", "a"), ("Z", "n"), ("P", "n"), ("Q", "n"), ("I", "n")])
async def test_after_an_error_a_key_asks_again(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, letter: str, key: str
) -> None:
    run = make_run("a", variant="variational", live=True)
    kept = run.probe.read_bytes()
    run.probe.unlink()
    async with shown() as (app, pilot):
        await pilot.press("4", letter)
        screen = app.screen
        assert isinstance(screen, LatentScreen)
        await until(pilot, lambda: "a has no probe images" in text_of(app))
        run.probe.write_bytes(kept)
        await pilot.press(key)
        view = screen.view()
        assert isinstance(view, LatentView)
        await until(pilot, lambda: view.encoded is not None)
