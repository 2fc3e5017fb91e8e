"""Which dimension follows which attribute."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest
import tomli_w
from textual.app import App
from textual.pilot import Pilot

from aetui.app import AetuiApp
from aetui.screens.latent import LatentScreen
from aetui.views.attributes import AttributesView
from aetui.widgets.heat_table import HeatTableView
from export import atomic
from trainer.runs.folder import RunFolder
from trainer.runs.samples import Sample, path_of, write_sample

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]
Told = Callable[[AetuiApp], str]
Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]

N = 500


def add_frame(run: RunFolder, *, labels: bool = False, attributes: bool = True) -> None:
    """A frame in which dimension 6 is the smile and dimension 3 the beard."""
    draw = np.random.default_rng(0)
    known = draw.uniform(size=(N, 2)).astype(np.float32)
    latent = draw.normal(size=(N, 64))
    latent[:, 5], latent[:, 2] = known[:, 0], 2 * known[:, 1]
    run.samples.mkdir()
    sample = Sample(
        latent=latent.astype(np.float16),
        labels=np.arange(N) % 3 if labels else np.full(N, -1),
        index=np.arange(N),
        reconstruction=np.zeros((16, 1, 8, 8), np.uint8),
        attributes=known if attributes else None,
    )
    write_sample(path_of(run.samples, 100), sample)
    config = {**run.read_config(), "resolved": {"steps_per_epoch": 10, "attribute_names": ["smile", "beard"]}}
    atomic.write_text(run.config, tomli_w.dumps(config))


async def attributes_of(app: AetuiApp, pilot: Pilot[int], until: Until) -> AttributesView:
    """The view, once it has counted."""
    await pilot.press("4", "I")
    screen = app.screen
    assert isinstance(screen, LatentScreen)
    view = screen.view()
    assert isinstance(view, AttributesView)
    await until(pilot, lambda: view.encoded is not None)
    return view


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_the_table_names_the_dimension_that_follows_an_attribute(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, size: tuple[int, int]
) -> None:
    add_frame(make_run("a", variant="variational", live=True))
    async with shown(size) as (app, pilot):
        view = await attributes_of(app, pilot, until)
        await until(pilot, lambda: "500 test images at step 100" in text_of(app))
        lines = text_of(app).splitlines()
        assert next(line for line in lines if "smile" in line and "beard" in line)
        best = next(line.split() for line in lines if line.split()[:1] == ["best"])
        assert best[:3] == ["best", "z6", "z3"]
        gap = next(line.split() for line in lines if line.split()[:1] == ["MIG"])
        assert min(float(gap[1]), float(gap[2])) > 0.7
        assert view.known is not None
        assert view.known.names == ("smile", "beard")


async def test_the_cursor_shows_what_a_dimension_does(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    add_frame(make_run("a", variant="variational", live=True))
    async with shown() as (app, pilot):
        view = await attributes_of(app, pilot, until)
        await pilot.press("b")
        await until(pilot, lambda: "z6 gives 100% of smile away" in text_of(app) or "z6 gives 9" in text_of(app))
        await until(pilot, lambda: view._strip_of == 5)
        assert view._strip is not None
        # From the 1st to the 99th percentile of the smile, halved by the network; the other pixels stay.
        strip = view._strip.reshape(9, -1)
        assert strip[:, 5] == pytest.approx(np.linspace(0.005, 0.495, 9), abs=0.01)
        assert strip[:, 0].tolist() == [0.5] * 9
        await pilot.press("right")
        await until(pilot, lambda: "of beard away (no more than chance)" in text_of(app))
        await pilot.press("b")
        await until(pilot, lambda: "z3 gives 9" in text_of(app))
        await pilot.press("left", "up", "down", "pagedown", "pageup")
        await until(pilot, lambda: view.cursor[1] == 0)
        await pilot.press("n")
        await until(pilot, lambda: "image 2 (1)" in text_of(app))
        await pilot.press("p")
        await until(pilot, lambda: "image 1 (0)" in text_of(app))


async def test_the_table_is_sorted_by_an_attribute(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    add_frame(make_run("a", variant="variational", live=True))
    async with shown() as (app, pilot):
        view = await attributes_of(app, pilot, until)
        await pilot.press("o")
        await until(pilot, lambda: "z6 gives" in text_of(app))
        assert view.cursor == (0, 0)
        await pilot.press("right")
        await until(pilot, lambda: "z3 gives" in text_of(app))
        await pilot.press("o")
        # By the mean KL again: pixel 5 is bright in 15 of 16 images, pixels 1 … 4 in all and dead.
        await until(pilot, lambda: "z5 gives" in text_of(app))


async def test_a_click_chooses_a_cell(shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf) -> None:
    add_frame(make_run("a", variant="variational", live=True))
    async with shown() as (app, pilot):
        view = await attributes_of(app, pilot, until)
        await pilot.pause(0.2)
        row = next(i for i, line in enumerate(text_of(app).splitlines()) if line.split()[:1] == ["z7"])
        column = text_of(app).splitlines()[4].index("beard")
        table = view.query_one(HeatTableView)
        await pilot.click(table, offset=(column - table.region.x, row - table.region.y))
        await until(pilot, lambda: "z7 gives" in text_of(app) and view.cursor == (2, 1))


async def test_classes_are_one_attribute_and_without_any_it_says_which_data_have_some(
    shown: Shown, make_run: MakeRun, runs_dir: Any, until: Until, text_of: TextOf
) -> None:
    add_frame(make_run("classes", live=True, started=2.0), labels=True, attributes=False)
    make_run("nothing", live=True, started=1.0)
    async with shown() as (app, pilot):
        view = await attributes_of(app, pilot, until)
        await until(pilot, lambda: view.known is not None and view.known.names == ("class",))
        # 16 probe images are too few to say anything.
        app.select(runs_dir / "nothing")
        await until(pilot, lambda: "faces" in text_of(app) and "nothing is known" in text_of(app))
        assert view.frames() is None
        assert view.copied() is None
        await pilot.press("down", "b", "o", "n")
        app.select(runs_dir / "classes")
        await until(pilot, lambda: "of class away" in text_of(app))


async def test_a_frame_that_is_damaged_is_told(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, told: Told
) -> None:
    run = make_run("a", variant="variational", live=True)
    add_frame(run)
    path_of(run.samples, 100).write_bytes(b"nothing")
    async with shown((120, 40)) as (app, pilot):
        await attributes_of(app, pilot, until)
        await until(pilot, lambda: "cannot be read" in told(app))
        assert "nothing is known" in text_of(app)


async def test_what_is_saved_copied_and_remembered(shown: Shown, make_run: MakeRun, until: Until) -> None:
    add_frame(make_run("a", variant="variational", live=True))
    async with shown() as (app, pilot):
        view = await attributes_of(app, pilot, until)
        await pilot.press("down", "right")
        await until(pilot, lambda: view._strip_of == 5)
        frames = view.frames()
        assert frames is not None
        assert frames.images.shape == (16, 1, 8, 8)
        assert frames.title == "along z6"
        text = view.copied()
        assert text is not None
        rows = [line.split("\t") for line in text.splitlines()]
        assert rows[0] == ["dimension", "smile", "beard"]
        assert len(rows) == 66
        assert rows[2][0] == "z6"
        assert float(rows[2][1]) > 0.9
        state = view.view_state()
        assert state == {"image": 0, "row": 1, "column": 1, "by_attribute": False}
        other = AttributesView()
        other.restore_state(state)
        assert other.view_state() == state
