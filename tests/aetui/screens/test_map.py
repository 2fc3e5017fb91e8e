"""The map of the codes: its keys, its mouse, and what it says."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual import events
from textual.app import App
from textual.pilot import Pilot

from aetui.app import AetuiApp
from aetui.paint.scatter import Field
from aetui.screens.page import Page
from aetui.views.map import MapView
from trainer.runs.folder import RunFolder
from trainer.runs.samples import Sample, path_of, write_sample

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]
Told = Callable[[AetuiApp], str]
Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]

WIDE, HIGH = 5, 9
"""The two dimensions of 64 in which the codes differ most; the network halves every code to make its image."""


def codes(n: int = 60) -> np.ndarray:
    """Two clusters: of class 0 about (1, 1), of class 1 about (−1, −1), in all other dimensions about 0."""
    random = np.random.default_rng(0)
    found = random.normal(size=(n, 64)) * 0.01
    found[:, [WIDE, HIGH]] += np.where(np.arange(n)[:, None] % 2, -1.0, 1.0) + random.normal(size=(n, 2)) * 0.1
    return found


def write(run: RunFolder, step: int = 100, *, attributes: bool = False, n: int = 60) -> None:
    run.samples.mkdir(exist_ok=True)
    known = np.stack([np.linspace(0, 1, n), np.linspace(5, 9, n)], axis=1).astype(np.float32)
    sample = Sample(
        latent=codes(n).astype(np.float16),
        labels=np.full(n, -1) if attributes else np.arange(n) % 2,
        index=np.arange(n),
        reconstruction=np.zeros((1, 1, 8, 8), np.uint8),
        attributes=known if attributes else None,
    )
    write_sample(path_of(run.samples, step), sample)


@pytest.fixture
def run_with_codes(make_run: MakeRun) -> RunFolder:
    run = make_run("a", variant="variational", live=True)
    write(run)
    return run


async def on_map(app: AetuiApp, pilot: Pilot[int], until: Until) -> MapView:
    await pilot.press("4")
    screen = app.screen
    assert isinstance(screen, Page)
    screen.show_view("map")
    await pilot.pause(0.05)
    view = screen.view()
    assert isinstance(view, MapView)
    await until(pilot, lambda: view.decoded is not None)
    return view


def place(view: MapView) -> tuple[float, float]:
    assert view.cross is not None
    return view.cross


def span(field: Field) -> float:
    return field.x_range[1] - field.x_range[0]


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (30, 10)])
async def test_the_picture_at_the_cross_hair_is_the_decoded_place(
    shown: Shown, run_with_codes: RunFolder, until: Until, text_of: TextOf, size: tuple[int, int]
) -> None:
    async with shown(size) as (app, pilot):
        view = await on_map(app, pilot, until)
        assert (view.x_axis.name, view.y_axis.name) == (f"z{WIDE + 1}", f"z{HIGH + 1}")
        before = place(view)
        await pilot.press("right", "right", "up")
        x, y = place(view)
        assert x > before[0]
        assert y > before[1]
        assert view.decoded is not None
        await until(pilot, lambda: float(view.decoded.reshape(2, -1)[0, WIDE]) == pytest.approx(x / 2, abs=1e-5))
        image = view.decoded[0].reshape(-1)
        assert image[HIGH] == pytest.approx(y / 2, abs=1e-5)
        assert np.delete(image, [WIDE, HIGH]) == pytest.approx(np.zeros(62), abs=0.01)


async def test_arrows_and_letters_move_a_cell_and_with_shift_several(
    shown: Shown, run_with_codes: RunFolder, until: Until
) -> None:
    async with shown() as (app, pilot):
        view = await on_map(app, pilot, until)
        field = view.plot.field()
        assert field is not None
        wide, high = field.step
        moves = {"right": (1, 0), "left": (-1, 0), "up": (0, 1), "down": (0, -1)}
        letters = {"right": "l", "left": "h", "up": "k", "down": "j"}
        for name, (x, y) in moves.items():
            for key, by_x, by_y in (
                (name, 1, 1),
                (letters[name], 1, 1),
                (f"shift+{name}", 8, 4),
                (letters[name].upper(), 8, 4),
            ):
                view.cross = before = field.at(field.left + field.columns // 2, field.top + field.rows // 2)
                view._place_cross()
                await pilot.press(key)
                moved = (place(view)[0] - before[0], place(view)[1] - before[1])
                assert moved == pytest.approx((x * by_x * wide, y * by_y * high), abs=1e-9), key


async def test_the_cross_hair_stays_where_codes_may_be(shown: Shown, run_with_codes: RunFolder, until: Until) -> None:
    async with shown() as (app, pilot):
        view = await on_map(app, pilot, until)
        await pilot.press(*["L"] * 20, *["K"] * 20)
        field = view.plot.field()
        assert field is not None
        assert place(view) == pytest.approx((field.x_range[1], field.y_range[1]))
        await until(pilot, lambda: view.decoded is not None)


async def test_far_from_data_is_said_with_numbers(
    shown: Shown, run_with_codes: RunFolder, until: Until, text_of: TextOf
) -> None:
    async with shown() as (app, pilot):
        view = await on_map(app, pilot, until)
        # Between the two clusters, 1.4 from either.
        assert view.far
        await until(pilot, lambda: "far from data, the picture means little" in text_of(app))
        distances = np.linalg.norm(codes().astype(np.float16).astype(float) - view.code, axis=1)
        assert f"nearest code {distances.min():.3g} away" in text_of(app)
        await pilot.press("n")
        assert not view.far
        await until(pilot, lambda: "far from data" not in text_of(app))


async def test_the_nearest_dot_is_gone_to_with_all_its_dimensions(
    shown: Shown, run_with_codes: RunFolder, until: Until, text_of: TextOf
) -> None:
    async with shown() as (app, pilot):
        view = await on_map(app, pilot, until)
        await pilot.press("L", "K", "n")
        stored = codes().astype(np.float16).astype(np.float32)
        assert view.code is not None
        row = int(np.linalg.norm(stored - view.code, axis=1).argmin())
        assert view.code == pytest.approx(stored[row], abs=1e-5)
        assert row % 2 == 0  # the cluster of class 0 is up on the right
        await until(pilot, lambda: "of the nearest dot" in text_of(app))
        await pilot.press("o")
        assert view.code == pytest.approx(
            np.where(np.isin(np.arange(64), [WIDE, HIGH]), stored[row], stored.mean(axis=0)), abs=1e-5
        )
        await pilot.press("o")
        assert view.code == pytest.approx(stored[row], abs=1e-5)


async def test_the_neighbours_are_the_nearest_ones(
    shown: Shown, run_with_codes: RunFolder, until: Until, text_of: TextOf
) -> None:
    async with shown((200, 60)) as (app, pilot):
        view = await on_map(app, pilot, until)
        await pilot.press("n")
        stored = codes().astype(np.float16).astype(np.float32)
        row = int(np.linalg.norm(stored - view.code, axis=1).argmin())
        await until(pilot, lambda: f"nearest code {row + 1} ({row % 2})" in text_of(app))
        # The first probe image is the darkest one: its code, the image itself, is nearest to codes about 0.
        await until(pilot, lambda: "nearest image 1 (0)" in text_of(app))
        image, code = view.query_one("#near-image").region, view.query_one("#near-code").region
        assert image.right < code.x
        await until(
            pilot, lambda: view.decoded is not None and view.decoded[1].reshape(-1) == pytest.approx(stored[row] / 2)
        )


async def test_axes_go_through_the_dimensions_and_never_meet(
    shown: Shown, run_with_codes: RunFolder, until: Until, text_of: TextOf
) -> None:
    async with shown() as (app, pilot):
        view = await on_map(app, pilot, until)
        await pilot.press("x")
        assert view.x_axis.name == "z7"
        await pilot.press("X", "X")
        assert view.x_axis.name == "z5"
        await pilot.press("v")
        assert view.y_axis.name == "z11"
        await pilot.press("V", "V")
        assert view.y_axis.name == "z9"
        await pilot.press("x", "x", "x", "x")
        assert view.x_axis.name == "z10"  # z9 is taken
        await until(pilot, lambda: "z10" in text_of(app))


async def test_principal_components_and_back(shown: Shown, run_with_codes: RunFolder, until: Until) -> None:
    async with shown() as (app, pilot):
        view = await on_map(app, pilot, until)
        await pilot.press("p")
        assert (view.x_axis.name, view.y_axis.name) == ("pc1", "pc2")
        # The clusters lie along the diagonal.
        assert np.abs(view.x_axis.direction[[WIDE, HIGH]]) == pytest.approx([0.5**0.5] * 2, abs=0.02)
        before = place(view)
        await pilot.press("right")
        moved = place(view)[0] - before[0]
        await until(pilot, lambda: view.decoded is not None)
        assert view.code is not None
        assert (view.code - view.space.base) @ view.x_axis.direction == pytest.approx(place(view)[0], abs=1e-4)
        assert moved > 0
        await pilot.press("p")
        assert (view.x_axis.name, view.y_axis.name) == (f"z{WIDE + 1}", f"z{HIGH + 1}")


async def test_one_class_alone_then_all(shown: Shown, run_with_codes: RunFolder, until: Until, text_of: TextOf) -> None:
    async with shown() as (app, pilot):
        view = await on_map(app, pilot, until)
        await pilot.press("c")
        assert view.only == 0
        await until(pilot, lambda: "class 0 only" in text_of(app))
        await pilot.press("c")
        assert view.only == 1
        await pilot.press("c")
        assert view.only is None
        await pilot.press("C")
        assert view.only == 1
        await pilot.press("a")
        assert view.only is None
        await until(pilot, lambda: "only" not in text_of(app))


async def test_colours_go_through_the_attributes(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    run = make_run("a", live=True)
    write(run, attributes=True)
    async with shown((120, 30)) as (app, pilot):
        view = await on_map(app, pilot, until)
        await until(pilot, lambda: "0.2 to 0.4" in text_of(app) and "attribute 1" in text_of(app))
        await pilot.press("b")
        assert view.colour == 1
        await until(pilot, lambda: "5.0 to 5.8" in text_of(app) and "attribute 2" in text_of(app))
        await pilot.press("b")
        assert view.colour == 0


async def test_zoom_density_and_fit(shown: Shown, run_with_codes: RunFolder, until: Until) -> None:
    async with shown() as (app, pilot):
        view = await on_map(app, pilot, until)
        whole = view.plot.field()
        assert whole is not None
        await pilot.press("n", "plus", "plus")
        closer = view.plot.field()
        assert closer is not None
        assert span(closer) == pytest.approx(span(whole) / 2.25)
        await pilot.press("minus", "minus", "minus")
        away = view.plot.field()
        assert away is not None
        assert span(away) == pytest.approx(span(whole) * 1.5)
        await pilot.press("f")
        assert view.plot.field() == whole
        assert not view.plot.zoomed
        shaded = view.plot.cells()
        await pilot.press("d")
        assert not view.shaded
        assert not view.plot.cells().same(shaded)
        await pilot.press("d")
        assert view.plot.cells().same(shaded)


async def test_what_is_seen_moves_along_with_the_cross_hair(
    shown: Shown, run_with_codes: RunFolder, until: Until
) -> None:
    async with shown() as (app, pilot):
        view = await on_map(app, pilot, until)
        await pilot.press("plus", "plus", "plus", *["L"] * 9)
        field = view.plot.field()
        assert field is not None
        assert field.cell(*place(view)) is not None
        assert view.plot.zoomed


async def test_the_mouse_points_drags_and_zooms(shown: Shown, run_with_codes: RunFolder, until: Until) -> None:
    async with shown() as (app, pilot):
        view = await on_map(app, pilot, until)
        field = view.plot.field()
        assert field is not None
        column, row = field.left + 5, field.top + 3
        await pilot.mouse_down("#plot", offset=(column, row))
        assert place(view) == pytest.approx(field.at(column, row))
        await pilot.hover("#plot", offset=(column + 4, row + 2))
        assert place(view) == pytest.approx(field.at(column + 4, row + 2))
        await pilot.mouse_up("#plot", offset=(column + 4, row + 2))
        await pilot.hover("#plot", offset=(column, row))
        assert place(view) == pytest.approx(field.at(column + 4, row + 2))
        x, y = view.plot.region.offset

        def wheel(kind: type[events.MouseScrollUp] | type[events.MouseScrollDown]) -> events.MouseEvent:
            return kind(view.plot, column, row, 0, 0, 0, False, False, False, x + column, y + row)

        view.plot.post_message(wheel(events.MouseScrollUp))
        await until(pilot, lambda: view.plot.zoomed)
        closer = view.plot.field()
        assert closer is not None
        x_range = closer.x_range
        assert x_range[0] < field.at(column, row)[0] < x_range[1]
        assert span(closer) == pytest.approx(span(field) / 1.25)


async def test_a_newer_frame_is_read(shown: Shown, run_with_codes: RunFolder, until: Until, text_of: TextOf) -> None:
    async with shown((120, 30)) as (app, pilot):
        view = await on_map(app, pilot, until)
        await until(pilot, lambda: "60 codes of step 100" in text_of(app))
        write(run_with_codes, 200, n=80)
        view.update()
        await until(pilot, lambda: "80 codes of step 200" in text_of(app))
        assert "weights of step 100" in text_of(app)


async def test_without_frames_the_probe_images_are_the_map(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, told: Told
) -> None:
    make_run("a", live=True)
    async with shown((120, 30)) as (app, pilot):
        view = await on_map(app, pilot, until)
        assert view.space is not None
        assert len(view.space) == 16
        await until(pilot, lambda: "16 codes" in text_of(app))
        await pilot.press("b")
        assert "nothing else is known of these images" in told(app)
        assert "colours: class" in text_of(app)  # first, for it is what the keys change: at its end the line is cut
        assert text_of(app).index("colours: class") < text_of(app).index("16 codes")


async def test_a_damaged_frame_is_told_and_the_one_before_shown(
    shown: Shown, run_with_codes: RunFolder, until: Until, text_of: TextOf, told: Told
) -> None:
    path_of(run_with_codes.samples, 300).write_bytes(b"no zip")
    async with shown((120, 30)) as (app, pilot):
        await on_map(app, pilot, until)
        await until(pilot, lambda: "cannot be read" in told(app))
        await until(pilot, lambda: "60 codes of step 100" in text_of(app))


async def test_without_a_model_the_map_says_what_to_do(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    run = make_run("a")
    write(run)
    async with shown() as (app, pilot):
        await pilot.press("4")
        screen = app.screen
        assert isinstance(screen, Page)
        screen.show_view("map")
        await until(pilot, lambda: "no model to look at" in text_of(app))
        await pilot.press("right", "n", "o", "x", "p", "c", "a", "b", "d", "plus", "minus", "f", "y")
        assert "no model to look at" in text_of(app)


async def test_what_is_copied_saved_and_remembered(shown: Shown, run_with_codes: RunFolder, until: Until) -> None:
    async with shown() as (app, pilot):
        view = await on_map(app, pilot, until)
        await pilot.press("right", "c", "d", "o", "x")
        copied = view.copied()
        assert copied is not None
        assert [float(value) for value in copied.split("\t")] == pytest.approx(view.code.tolist(), abs=1e-5)
        frames = view.frames()
        assert frames is not None
        assert frames.images.shape == (1, 1, 8, 8)
        state = view.view_state()
        await pilot.press("f", "a", "d", "o", "X", "p", "left")
        view.restore_state(state)
        assert view.view_state() == state


async def test_a_state_that_nobody_can_have_left_does_no_harm(
    shown: Shown, run_with_codes: RunFolder, until: Until
) -> None:
    async with shown() as (app, pilot):
        view = await on_map(app, pilot, until)
        before = view.view_state()
        for wrong in (
            {"kind": 3, "x": "1", "y": None, "others": [], "shaded": 1, "colour": -1, "at_x": "nan", "at_y": 1e99},
            {"kind": "nothing", "x": 1.5, "y": True, "others": "x", "colour": {}, "only": "a"},
        ):
            view.restore_state(wrong)
            assert view.view_state() == before
        view.restore_state({"kind": "pca", "x": 7, "y": 60000, "colour": 60000, "only": 60000, "at_x": 1e9, "at_y": 0})
        view.space = None
        view.update()
        view._asked = None
        view.update()
        await until(pilot, lambda: view.space is not None and view.kind == "dims")
        assert view.cross == pytest.approx((view.x_axis.mean, view.y_axis.mean))


async def test_another_run_has_axes_of_its_own(
    shown: Shown, run_with_codes: RunFolder, make_run: MakeRun, runs_dir: Path, until: Until
) -> None:
    make_run("b", live=True)
    async with shown() as (app, pilot):
        view = await on_map(app, pilot, until)
        app.select(runs_dir / "a")
        await until(pilot, lambda: view.ready is not None and len(view.ready) == 60)
        await pilot.press("x", "plus")
        app.select(runs_dir / "b")
        await until(pilot, lambda: view.ready is not None and len(view.ready) == 16)
        assert view.kind == "pca"
        assert not view.plot.zoomed
