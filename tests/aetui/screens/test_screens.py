"""Every screen, driven by its keys, at the sizes that it has to work at."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from aetui import keys
from aetui.app import AetuiApp
from aetui.screens.curves import CurvesScreen
from aetui.screens.help import HelpScreen
from aetui.screens.latent import LatentScreen
from aetui.screens.reconstructions import ReconstructionsScreen
from aetui.screens.start import StartScreen
from aetui.sources import Sources
from aetui.widgets.chart import Chart
from aetui.widgets.picture_row import PictureRow
from aetui.widgets.run_table import RunTable
from export.errors import ExitCode, ToolError
from trainer.runs.control import requests
from trainer.runs.folder import RunFolder

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]

SIZES = [(80, 24), (200, 60)]


@contextlib.asynccontextmanager
async def shown(runs_dir: Path, size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[AetuiApp, Pilot[int]]]:
    """The app on the runs of ``runs_dir``, once it has looked at them."""
    app = AetuiApp(Sources(runs_dir=runs_dir, folders=(runs_dir,)), provider="cpu")
    async with app.run_test(size=size, notifications=True) as pilot:
        deadline = time.monotonic() + 20
        while not app.looked or len(app.entries) < len(list(runs_dir.iterdir())):
            assert time.monotonic() < deadline
            await pilot.pause(0.02)
        await pilot.pause(0.1)
        yield app, pilot


# Runs


@pytest.mark.parametrize("size", SIZES)
async def test_the_table_shows_every_run_with_its_state_and_loss(
    make_run: MakeRun, runs_dir: Path, text_of: TextOf, size: tuple[int, int]
) -> None:
    make_run("trains", variant="sparse", state="running", step=50)
    make_run("failed", state="failed", error="the loss is not finite")
    make_run("dead", state="running", pid=2**22 + 12345)
    async with shown(runs_dir, size) as (app, _):
        lines = text_of(app).splitlines()
    assert len(lines) == size[1]
    row = {line.split()[0].strip("›"): line for line in (line.replace("›", " ") for line in lines[2:5])}
    assert re.search(r"sparse .*running .*5\.0/10 .*1\.5", row["trains"])
    assert "failed" in row["failed"]
    assert "stale" in row["dead"]


async def test_an_empty_folder_says_what_to_do(runs_dir: Path, text_of: TextOf) -> None:
    async with shown(runs_dir) as (app, _):
        assert "aetrain fit" in text_of(app)
        assert "press n" in text_of(app)


async def test_a_run_that_appears_is_shown_and_one_that_vanishes_is_not(
    make_run: MakeRun, runs_dir: Path, until: Until, text_of: TextOf
) -> None:
    async with shown(runs_dir) as (app, pilot):
        run = make_run("late")
        await until(pilot, lambda: "late" in text_of(app))
        os.rename(run.path, runs_dir.parent / "gone")
        await until(pilot, lambda: "late" not in text_of(app))
        assert app.selected is None


async def test_broken_and_hostile_folders_are_shown_harmlessly(
    make_run: MakeRun, runs_dir: Path, text_of: TextOf
) -> None:
    make_run("\x1b[31m[b]red[\x9b", variant="[/]")
    make_run("broken").status.write_text("{")
    make_run("odd").metrics.write_bytes(b"\x00\xff\n" * 10)
    async with shown(runs_dir) as (app, pilot):
        for key in ("1", "down", "2", "3", "4", "1", "down", "2", "3", "4"):
            await pilot.press(key)
            await pilot.pause(0.1)
        await pilot.press("1")
        text = text_of(app)
    assert "␛[31m[b]red[" in text
    assert "\x1b" not in text
    assert "unreadable" in text


async def test_enter_opens_the_curves_and_escape_goes_back(make_run: MakeRun, runs_dir: Path) -> None:
    make_run("a", started=2.0)
    make_run("b", started=1.0)
    async with shown(runs_dir) as (app, pilot):
        await pilot.press("down", "enter")
        assert isinstance(app.screen, CurvesScreen)
        assert app.selected == runs_dir / "b"
        await pilot.press("escape")
        assert app.current_mode == "runs"


async def test_pause_unpause_and_stop_ask_the_trainer(make_run: MakeRun, runs_dir: Path) -> None:
    run = make_run("a", state="running")
    async with shown(runs_dir) as (_, pilot):
        await pilot.press("p", "x")
        assert [request.verb for request in requests(run)] == ["pause", "stop"]


async def test_a_run_that_is_over_is_not_asked(make_run: MakeRun, runs_dir: Path, text_of: TextOf) -> None:
    run = make_run("a", state="finished")
    async with shown(runs_dir) as (app, pilot):
        await pilot.press("x")
        await pilot.pause(0.2)
        assert "a is finished: nothing to stop" in text_of(app)
    assert requests(run) == []


async def test_a_hundred_runs_scroll_with_the_cursor(make_run: MakeRun, runs_dir: Path, text_of: TextOf) -> None:
    for number in range(100):
        make_run(f"run-{number:03}", started=float(1000 - number), rows=0)
    async with shown(runs_dir) as (app, pilot):
        assert "run-000" in text_of(app)
        for _ in range(12):
            await pilot.press("pagedown")
        await pilot.pause(0.1)
        assert "run-099" in text_of(app)
        assert "run-000" not in text_of(app)
        for _ in range(200):
            await pilot.press("k")
        await pilot.pause(0.1)
        assert app.selected == runs_dir / "run-000"


async def test_a_click_selects_a_run(make_run: MakeRun, runs_dir: Path) -> None:
    make_run("a", started=2.0)
    make_run("b", started=1.0)
    async with shown(runs_dir) as (app, pilot):
        await pilot.click(RunTable, offset=(4, 2))
        await pilot.pause()
        assert app.selected == runs_dir / "b"


# Starting a run


async def test_the_form_becomes_a_command_line(runs_dir: Path) -> None:
    async with shown(runs_dir) as (app, pilot):
        await pilot.press("n")
        await pilot.pause()
        assert isinstance(app.screen, StartScreen)
        app.screen.query_one("#epochs").value = "3"  # type: ignore[attr-defined]
        app.screen.query_one("#name").value = "--odd"  # type: ignore[attr-defined]
        assert app.screen.arguments() == [
            "fit",
            "variational",
            "--arch",
            "mlp",
            "--data=digits",
            "--epochs=3",
            "--name=--odd",
            f"--runs-dir={runs_dir}",
            "--detach",
        ]
        await pilot.press("escape")
        assert app.current_mode == "runs"


async def test_the_error_of_a_start_is_shown_in_the_form(runs_dir: Path, until: Until, text_of: TextOf) -> None:
    async with shown(runs_dir) as (app, pilot):
        await pilot.press("n")
        await pilot.pause()
        app.screen.query_one("#data").value = "dgits"  # type: ignore[attr-defined]
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "error:" in text_of(app), seconds=60)
        assert "dgits" in text_of(app)
        assert "why:" in text_of(app)
        assert "do:" in text_of(app)
        assert isinstance(app.screen, StartScreen)


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_letters_typed_into_the_form_are_text(runs_dir: Path, size: tuple[int, int]) -> None:
    async with shown(runs_dir, size) as (app, pilot):
        await pilot.press("n")
        await pilot.pause()
        app.screen.query_one("#name").focus()
        await pilot.press("q", "1", "question_mark", "n")
        assert app.screen.query_one("#name").value == "q1?n"  # type: ignore[attr-defined]


# Curves


@pytest.mark.parametrize("size", SIZES)
async def test_the_curves_follow_the_log(
    make_run: MakeRun,
    runs_dir: Path,
    until: Until,
    log_more: Callable[[RunFolder, int, int], None],
    size: tuple[int, int],
) -> None:
    run = make_run("a", state="running", rows=5)
    async with shown(runs_dir, size) as (app, pilot):
        await pilot.press("2")

        def last_step() -> float:
            return max(entry.series["train", "loss"].steps[-1] for entry in app.entries)

        assert last_step() == 5
        log_more(run, 6, 9)
        await until(pilot, lambda: last_step() == 9)


async def test_t_and_tab_go_through_the_terms_and_l_changes_the_axis(
    make_run: MakeRun, runs_dir: Path, text_of: TextOf
) -> None:
    make_run("a")
    async with shown(runs_dir) as (app, pilot):
        await pilot.press("2")
        screen = app.screen
        assert isinstance(screen, CurvesScreen)
        seen = [screen.shown_term()]
        for key in ("t", "tab", "t", "shift+tab"):
            await pilot.press(key)
            seen.append(screen.shown_term())
        assert seen == ["loss", "reconstruction", "kl", "loss", "kl"]
        await pilot.press("l")
        await pilot.pause()
        assert screen.query_one(Chart).log_y
        assert "logarithmic" in text_of(app)


async def test_the_cursor_reads_values(make_run: MakeRun, runs_dir: Path, text_of: TextOf) -> None:
    make_run("a", rows=10)
    async with shown(runs_dir) as (app, pilot):
        await pilot.press("2", "left")
        await pilot.pause(0.1)
        cursor = app.screen.query_one(Chart).cursor
        assert cursor is not None
        assert "step 10" in text_of(app)
        assert "train 10" in text_of(app)
        assert "validation 20" in text_of(app)


async def test_marked_runs_are_overlaid(make_run: MakeRun, runs_dir: Path, text_of: TextOf) -> None:
    for number, name in enumerate(("one", "two", "three")):
        make_run(name, started=float(-number))
    async with shown(runs_dir) as (app, pilot):
        await pilot.press("space", "space", "2")
        await pilot.pause(0.1)
        text = text_of(app)
        assert "one" in text
        assert "two" in text
        assert "three" not in text
        await pilot.press("1", "u", "2")
        await pilot.pause(0.1)
        assert "validation" in text_of(app)


async def test_a_run_without_a_log_is_no_error(make_run: MakeRun, runs_dir: Path, text_of: TextOf) -> None:
    make_run("a", rows=0)
    async with shown(runs_dir) as (app, pilot):
        await pilot.press("2")
        await pilot.pause(0.1)
        assert "nothing logged yet" in text_of(app)


# Reconstructions


@pytest.mark.parametrize("size", SIZES)
async def test_each_reconstruction_has_its_error_below_it(
    make_run: MakeRun, runs_dir: Path, until: Until, text_of: TextOf, size: tuple[int, int]
) -> None:
    make_run("a", live=True, step=42)
    async with shown(runs_dir, size) as (app, pilot):
        await pilot.press("3")
        # The i-th image has 4·i bright pixels of 64, and the network halves them.
        await until(pilot, lambda: all(f"mse {4 * i * 0.25 / 64:.4f}" in text_of(app) for i in (1, 2, 3)))
        assert "step 42" in text_of(app)
        assert "CPU" in text_of(app).splitlines()[-2]


async def test_the_reconstructions_follow_the_training(
    make_run: MakeRun, runs_dir: Path, until: Until, text_of: TextOf, publish_model: Callable[..., None]
) -> None:
    run = make_run("a", live=True, state="running", step=42)
    async with shown(runs_dir) as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "step 42" in text_of(app) and "mse 0.0156" in text_of(app))
        publish_model(run, step=43, gain=1.0)
        await until(pilot, lambda: "mse 0.0000" in text_of(app) and "step 43" in text_of(app))


async def test_paging_goes_through_all_images_and_not_beyond(
    make_run: MakeRun, runs_dir: Path, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True)
    async with shown(runs_dir) as (app, pilot):
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
    make_run: MakeRun, runs_dir: Path, until: Until, text_of: TextOf
) -> None:
    make_run("a", variant="denoising", live=True, options={"corruption": "masking", "level": 0.5})
    async with shown(runs_dir) as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "masking 0.5" in text_of(app) and "sees them corrupted" in text_of(app))
        await pilot.press("c")
        await until(pilot, lambda: "masking 0.5" not in text_of(app) and "sees them clean" in text_of(app))


@pytest.mark.parametrize("size", SIZES)
async def test_v_compares_the_variants_on_the_same_images(
    make_run: MakeRun, runs_dir: Path, until: Until, text_of: TextOf, size: tuple[int, int]
) -> None:
    for variant in ("variational", "denoising", "sparse", "undercomplete"):
        make_run(f"run-{variant}", variant=variant, live=True)
    async with shown(runs_dir, size) as (app, pilot):
        await pilot.press("3", "v")
        names = ["input", "undercomplete", "sparse", "denoising", "variational"]
        await until(pilot, lambda: any(line.split() == names for line in text_of(app).splitlines()))
        await until(pilot, lambda: text_of(app).count("0.0156") == 4)


async def test_r_changes_the_drawing_and_plus_the_size(
    make_run: MakeRun, runs_dir: Path, until: Until, text_of: TextOf
) -> None:
    make_run("a", live=True)
    async with shown(runs_dir) as (app, pilot):
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
        await until(pilot, lambda: "images 1-1 of 16" in text_of(app))


async def test_a_run_without_a_model_says_so(make_run: MakeRun, runs_dir: Path, until: Until, text_of: TextOf) -> None:
    make_run("a")
    async with shown(runs_dir) as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "no model to look at yet" in text_of(app))
        await pilot.press("4")
        await until(pilot, lambda: "no model to look at yet" in text_of(app))


async def test_a_damaged_model_is_said_and_the_screen_lives(
    make_run: MakeRun, runs_dir: Path, until: Until, text_of: TextOf, publish_model: Callable[..., None]
) -> None:
    run = make_run("a", live=True)
    graph = run.live / "decoder.onnx"
    graph.write_bytes(graph.read_bytes()[:-1] + b"?")
    async with shown(runs_dir) as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "is damaged" in text_of(app))
        publish_model(run, step=101)
        await until(pilot, lambda: "mse 0.0156" in text_of(app))


async def test_probe_images_of_another_size_are_said(
    make_run: MakeRun, runs_dir: Path, until: Until, text_of: TextOf
) -> None:
    run = make_run("a", live=True)
    run.probe.write_bytes(b"no archive")
    async with shown(runs_dir) as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "cannot be read" in text_of(app))


# Latent


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("variant", ["undercomplete", "variational"])
async def test_the_way_from_a_to_b_is_decoded(
    make_run: MakeRun, runs_dir: Path, until: Until, text_of: TextOf, size: tuple[int, int], variant: str
) -> None:
    make_run("a", variant=variant, live=True)
    async with shown(runs_dir, size) as (app, pilot):
        await pilot.press("4")
        screen = app.screen
        assert isinstance(screen, LatentScreen)
        await until(pilot, lambda: screen._frames is not None)
        frames = screen._frames
        assert frames is not None
        # Image 1 has 4 bright pixels and image 2 has 8; the network halves them: four pixels go from 0 to 1/2.
        assert frames[:, 0].reshape(len(frames), -1)[:, 5] == pytest.approx([i / 120 for i in range(61)], abs=1e-6)
        assert frames[:, 0].reshape(len(frames), -1)[:, 0] == pytest.approx([0.5] * 61)
        await until(pilot, lambda: "t = 0.00" in text_of(app) and "64 wide" in text_of(app))


async def test_play_scrub_speed_and_way(make_run: MakeRun, runs_dir: Path, until: Until, text_of: TextOf) -> None:
    make_run("a", live=True)
    async with shown(runs_dir) as (app, pilot):
        await pilot.press("4")
        screen = app.screen
        assert isinstance(screen, LatentScreen)
        await until(pilot, lambda: screen._frames is not None)
        await pilot.press("right")
        assert screen.position == pytest.approx(0.05)
        await pilot.press("left", "left")
        assert screen.position == 0
        await pilot.press("plus", "space")
        assert screen.playing
        await until(pilot, lambda: screen.position > 0.2)
        await pilot.press("space")
        stopped = screen.position
        await pilot.pause(0.3)
        assert screen.position == stopped
        await pilot.press("i")
        assert screen.way == "slerp"
        await until(pilot, lambda: "slerp" in text_of(app))


async def test_a_and_b_go_through_the_images(make_run: MakeRun, runs_dir: Path, until: Until, text_of: TextOf) -> None:
    make_run("a", live=True)
    async with shown(runs_dir) as (app, pilot):
        await pilot.press("4")
        await until(pilot, lambda: "image 2 (1)" in text_of(app))
        await pilot.press("a", "a", "b", "B", "B", "B")
        await until(pilot, lambda: "A  image 3 (2)" in text_of(app) and "B  image 16 (5)" in text_of(app))


async def test_a_variational_run_is_preferred_until_one_is_chosen(
    make_run: MakeRun, runs_dir: Path, until: Until
) -> None:
    make_run("vae", variant="variational", live=True, started=1.0)
    make_run("other", live=True, started=2.0)
    async with shown(runs_dir) as (app, pilot):
        await pilot.press("4")
        screen = app.screen
        assert isinstance(screen, LatentScreen)
        entry = screen.entry()
        assert entry is not None
        assert entry.name == "vae"
        await pilot.press("right_square_bracket")
        assert app.selected == runs_dir / "other"


async def test_a_screen_that_is_left_does_not_play_on(make_run: MakeRun, runs_dir: Path, until: Until) -> None:
    make_run("a", live=True)
    async with shown(runs_dir) as (app, pilot):
        await pilot.press("4")
        screen = app.screen
        assert isinstance(screen, LatentScreen)
        await until(pilot, lambda: screen._frames is not None)
        await pilot.press("space", "1")
        await pilot.pause(0.2)
        stopped = screen.position
        await pilot.pause(0.3)
        assert screen.position == stopped


# All of them


@pytest.mark.parametrize("size", [(20, 6), (80, 24), (200, 60)])
async def test_every_key_of_every_screen_works_at_every_size(
    make_run: MakeRun, runs_dir: Path, text_of: TextOf, size: tuple[int, int]
) -> None:
    make_run("a", live=True, variant="variational")
    make_run("b", live=True, variant="denoising", options={"corruption": "gaussian", "level": 0.3})
    async with shown(runs_dir, size) as (app, pilot):
        for number, where in enumerate(keys.SCREENS, start=1):
            for key in keys.keys_of(where):
                for one in key.keys:
                    await pilot.press(str(number), one, "escape")
        for number, title in enumerate(keys.SCREENS.values(), start=1):
            await pilot.press(str(number))
            await pilot.pause(0.2)
            lines = text_of(app).splitlines()
            assert len(lines) == size[1]
            assert f"{number} {title}"[:14] in lines[0]
            assert "quit" in lines[-1]


async def test_resizing_down_to_one_cell_and_back_breaks_nothing(make_run: MakeRun, runs_dir: Path) -> None:
    make_run("a", live=True)
    async with shown(runs_dir) as (app, pilot):
        for size in ((20, 6), (5, 2), (1, 1), (3, 40), (120, 3), (200, 60), (80, 24)):
            await pilot.resize_terminal(*size)
            for key in "1234":
                await pilot.press(key)
                await pilot.pause(0.05)
        assert app.is_running


@pytest.mark.parametrize("size", SIZES)
async def test_no_screen_has_a_scroll_bar(make_run: MakeRun, runs_dir: Path, size: tuple[int, int]) -> None:
    make_run("a", live=True)
    async with shown(runs_dir, size) as (app, pilot):
        for key in "1234":
            await pilot.press(key)
            await pilot.pause(0.3)
            widgets = [app.screen, *app.screen.query("*")]
            assert not any(any(widget.scrollbars_enabled) for widget in widgets)


async def test_help_opens_over_every_screen_and_closes(make_run: MakeRun, runs_dir: Path, text_of: TextOf) -> None:
    make_run("a")
    async with shown(runs_dir) as (app, pilot):
        for number, title in enumerate(keys.SCREENS.values(), start=1):
            await pilot.press(str(number), "question_mark")
            await pilot.pause(0.1)
            assert isinstance(app.screen, HelpScreen)
            assert title in text_of(app)
            await pilot.press("escape")
            assert not isinstance(app.screen, HelpScreen)


async def test_the_palette_runs_what_it_finds(make_run: MakeRun, runs_dir: Path, until: Until) -> None:
    make_run("a")
    async with shown(runs_dir) as (app, pilot):
        await pilot.press("ctrl+p")
        await pilot.pause(0.5)
        await pilot.press(*"latent")
        await pilot.pause(1.0)
        await pilot.press("enter")
        await until(pilot, lambda: app.current_mode == "latent")


async def test_q_leaves_and_takes_the_engine_with_it(make_run: MakeRun, runs_dir: Path, until: Until) -> None:
    make_run("a", live=True)
    async with shown(runs_dir) as (app, pilot):
        await until(pilot, lambda: app.provider_line().startswith("CPU"))
        engine = app._engine
        assert engine is not None
        pid = engine.pid
        assert pid is not None
        await pilot.press("q")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_an_engine_that_is_killed_is_started_again(
    make_run: MakeRun, runs_dir: Path, until: Until, text_of: TextOf
) -> None:
    import signal

    make_run("a", live=True)
    async with shown(runs_dir) as (app, pilot):
        await pilot.press("3")
        await until(pilot, lambda: "mse" in text_of(app))
        engine = app._engine
        assert engine is not None
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGKILL)
        await pilot.pause(0.2)
        await pilot.press("right")
        await until(pilot, lambda: "images 5-" in text_of(app) or app._told)
        await pilot.press("left", "right")
        await until(pilot, lambda: "images 5-" in text_of(app))


async def test_an_error_is_told_once_and_harmlessly(runs_dir: Path, text_of: TextOf) -> None:
    async with shown(runs_dir, (120, 40)) as (app, pilot):
        for _ in range(5):
            app.tell(ToolError("[red]odd\x1b", why="w[/]", do="d", exit_code=ExitCode.FAILED))
        await pilot.pause(0.3)
        assert text_of(app).count("[red]odd␛") == 1


async def test_in_ascii_every_screen_is_ascii(make_run: MakeRun, runs_dir: Path, text_of: TextOf, until: Until) -> None:
    make_run("ü", live=True)
    app = AetuiApp(Sources(runs_dir=runs_dir, folders=(runs_dir,)), provider="cpu", render="ascii")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.entries)
        for key in ("1", "2", "left", "3", "v", "4", "question_mark", "escape", "1", "n", "escape", "ctrl+p"):
            await pilot.press(key)
            await pilot.pause(0.3)
            assert text_of(app).isascii(), key


async def test_a_bundle_opens_with_its_reconstructions(
    make_run: MakeRun, tmp_path: Path, until: Until, text_of: TextOf
) -> None:
    import shutil

    run = make_run("a", live=True)
    bundle = tmp_path / "bundle"
    shutil.copytree(run.live, bundle)
    shutil.copy(run.probe, bundle / "probe.npz")
    assert json.loads((bundle / "manifest.json").read_text())["name"] == "a"
    app = AetuiApp(Sources(runs_dir=tmp_path, bundles=(bundle,)), provider="cpu")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.entries)
        await pilot.press("enter")
        assert isinstance(app.screen, ReconstructionsScreen)
        await until(pilot, lambda: "mse 0.0156" in text_of(app))
        assert app.screen.query_one(PictureRow).display
