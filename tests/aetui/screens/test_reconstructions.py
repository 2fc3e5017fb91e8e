"""Screen 3: what a network makes of test images."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest
from textual.app import App
from textual.pilot import Pilot

from aetui.app import AetuiApp
from trainer.runs.folder import RunFolder
from trainer.runs.probe import Probe, write_probe

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]

Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]

SIZES = [(80, 24), (200, 60)]


@pytest.mark.parametrize("size", SIZES)
async def test_each_reconstruction_has_its_error_below_it(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, size: tuple[int, int]
) -> None:
    make_run("a", live=True, step=42)
    async with shown(size) as (app, pilot):
        await pilot.press("3")
        # The i-th image has 4·i bright pixels of 64, and the network halves them.
        await until(pilot, lambda: all(f"mse {4 * i * 0.25 / 64:.4f}" in text_of(app) for i in (1, 2, 3)))
        assert "step 42" in text_of(app)
        assert "CPU" in text_of(app).splitlines()[-2]


async def test_the_reconstructions_follow_the_training(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, publish_model: Callable[..., None]
) -> None:
    run = make_run("a", live=True, state="running", step=42)
    async with shown() as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "step 42" in text_of(app) and "mse 0.0156" in text_of(app))
        publish_model(run, step=43, gain=1.0)
        await until(pilot, lambda: "mse 0.0000" in text_of(app) and "step 43" in text_of(app))


async def test_paging_goes_through_all_images_and_not_beyond(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "images 1-" in text_of(app))
        for _ in range(20):
            await pilot.press("right")
            await pilot.pause(0.05)
        await until(pilot, lambda: "-16 of 16" in text_of(app))
        for _ in range(20):
            await pilot.press("left")
        await until(pilot, lambda: "images 1-" in text_of(app))


async def test_a_denoising_run_is_shown_what_it_was_trained_for_and_c_makes_it_clean(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", variant="denoising", live=True, options={"corruption": "masking", "level": 0.5})
    async with shown() as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "masking 0.5" in text_of(app) and "sees them corrupted" in text_of(app))
        await pilot.press("c")
        await until(pilot, lambda: "masking 0.5" not in text_of(app) and "sees them clean" in text_of(app))


@pytest.mark.parametrize("size", SIZES)
async def test_v_compares_the_variants_on_the_same_images(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, size: tuple[int, int]
) -> None:
    for variant in ("variational", "denoising", "sparse", "undercomplete"):
        make_run(f"run-{variant}", variant=variant, live=True)
    async with shown(size) as (app, pilot):
        await pilot.press("3", "v")
        names = ["input", "undercomplete", "sparse", "denoising", "variational"]
        await until(pilot, lambda: any(line.split() == names for line in text_of(app).splitlines()))
        await until(pilot, lambda: text_of(app).count("0.0156") == 4)


async def test_r_changes_the_drawing_and_plus_the_size(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True)
    async with shown() as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "mse" in text_of(app))
        looks = {app.look}
        for _ in range(3):
            await pilot.press("r")
            await until(pilot, lambda: "mse" in text_of(app))
            looks.add(app.look)
        assert len(looks) >= 2
        assert any(look.pixels == "characters" for look in looks)
        await pilot.press("plus", "plus", "plus", "plus", "plus", "plus", "plus", "plus", "plus", "plus", "plus")
        await until(pilot, lambda: "image 1 of 16" in text_of(app))


async def test_a_run_without_a_model_says_so(shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf) -> None:
    make_run("a")
    async with shown() as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "no model to look at yet" in text_of(app))
        await pilot.press("4")
        await until(pilot, lambda: "no model to look at yet" in text_of(app))


async def test_a_damaged_model_is_said_and_the_screen_lives(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, publish_model: Callable[..., None]
) -> None:
    run = make_run("a", live=True)
    graph = run.live / "decoder.onnx"
    graph.write_bytes(graph.read_bytes()[:-1] + b"?")
    async with shown() as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "is damaged" in text_of(app))
        publish_model(run, step=101)
        await until(pilot, lambda: "mse 0.0156" in text_of(app))


@pytest.mark.parametrize(
    ("shape", "said"), [(None, "cannot be read"), ((0, 1, 8, 8), "no probe"), ((2, 1, 5, 5), "shape")]
)
async def test_probe_images_that_do_not_do_are_said(
    shown: Shown,
    make_run: MakeRun,
    until: Until,
    text_of: TextOf,
    shape: tuple[int, ...] | None,
    said: str,
) -> None:
    run = make_run("a", live=True)
    if shape is None:
        run.probe.write_bytes(b"no archive")
    else:
        none = np.zeros(shape[0], np.int64)
        write_probe(run.probe, Probe(images=np.zeros(shape, np.uint8), labels=none, index=none))
    async with shown((120, 30)) as (app, pilot):
        for key in "34":
            await pilot.press(key)
            await until(pilot, lambda: said in text_of(app))
