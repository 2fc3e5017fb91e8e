"""Screen 1: what is asked of trainers, and what happens to folders. A trainer is played by the test: it takes away
requests; a real one is started in ``test_start``."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from aetui.app import AetuiApp
from aetui.follow.sources import Sources
from aetui.runs import commands
from aetui.runs.trash import trashed
from aetui.screens.confirm import ConfirmScreen
from aetui.screens.learning_rate import LearningRateScreen, read_rate
from aetui.screens.start import StartScreen
from export.errors import ExitCode, ToolError
from trainer.runs.control import requests
from trainer.runs.folder import RunFolder, find_runs
from trainer.runs.lock import lock_run

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]
Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]

VERBS = [
    ("p", "pause", "pauses, with a checkpoint"),
    ("x", "stop", "stops, with a checkpoint"),
    ("c", "checkpoint", "has written a checkpoint"),
]


@pytest.mark.parametrize(("key", "verb", "said"), VERBS)
async def test_a_key_asks_the_trainer_and_tells_that_it_did(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, key: str, verb: str, said: str
) -> None:
    run = make_run("a", state="running")
    async with shown() as (app, pilot):
        await pilot.press(key)
        await until(pilot, lambda: requests(run))
        (request,) = requests(run)
        assert (request.verb, request.value) == (verb, None)
        request.done()
        await until(pilot, lambda: said in text_of(app))


async def test_p_lets_a_paused_run_go_on(shown: Shown, make_run: MakeRun, until: Until) -> None:
    run = make_run("a", state="paused")
    async with shown() as (_, pilot):
        await pilot.press("p")
        await until(pilot, lambda: [request.verb for request in requests(run)] == ["unpause"])


async def test_a_trainer_that_does_not_answer_is_told_of(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aetui.screens.run_control.PATIENCE_S", 0.3)
    run = make_run("a", state="running")
    async with shown() as (app, pilot):
        await pilot.press("x")
        await until(pilot, lambda: "has not answered yet" in text_of(app))
        await until(pilot, lambda: "no answer" in text_of(app))
    assert len(requests(run)) == 1


async def test_what_cannot_be_written_is_an_error(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    run = make_run("a", state="running")
    run.control.write_text("in the way")
    async with shown() as (app, pilot):
        await pilot.press("x")
        await until(pilot, lambda: "the system refused" in text_of(app))


async def test_another_learning_rate_is_checked_and_asked_for(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    run = make_run("a", state="running")
    async with shown() as (app, pilot):
        await pilot.press("l")
        await pilot.pause()
        assert isinstance(app.screen, LearningRateScreen)
        app.screen.query_one(Input).value = "-1"
        await pilot.pause()
        assert "greater than 0" in text_of(app)
        await pilot.press("enter")
        assert isinstance(app.screen, LearningRateScreen)
        app.screen.query_one(Input).value = "1e-3"
        await pilot.press("enter")
        await until(pilot, lambda: requests(run))
        (request,) = requests(run)
        assert (request.verb, request.value) == ("learning-rate", 0.001)
        request.done()
        await until(pilot, lambda: "learns at most at 0.001" in text_of(app))


async def test_escape_leaves_the_rate_as_it_is(shown: Shown, make_run: MakeRun) -> None:
    run = make_run("a", state="running")
    async with shown() as (app, pilot):
        await pilot.press("l", "escape")
        await pilot.pause()
        assert not isinstance(app.screen, LearningRateScreen)
    assert requests(run) == []


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "0", "-1", "1e400", "1e9", "0,1"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    rate, wrong = read_rate(text)
    assert rate is None
    assert wrong


@pytest.mark.parametrize(("key", "state"), [("p", "finished"), ("c", "stopped"), ("l", "failed"), ("R", "finished")])
async def test_a_run_in_another_state_is_not_asked(
    shown: Shown, make_run: MakeRun, text_of: TextOf, key: str, state: str
) -> None:
    run = make_run("a", state=state)
    async with shown() as (app, pilot):
        await pilot.press(key)
        await pilot.pause(0.2)
        assert "nothing to" in text_of(app)
        assert f"it is {state}" in text_of(app)
    assert requests(run) == []


async def test_several_marked_runs_are_asked_after_a_question_that_lists_them(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    runs = [make_run(name, state=state, started=s) for name, state, s in (("a", "running", 3.0), ("b", "running", 2.0))]
    make_run("c", state="finished", started=1.0)
    async with shown() as (app, pilot):
        await pilot.press("a", "x")
        await pilot.pause()
        assert isinstance(app.screen, ConfirmScreen)
        text = text_of(app)
        assert "stop 2 runs?" in text
        assert "a   running" in text
        assert "1 more marked, but not running or paused" in text
        await pilot.press("n")
        await pilot.pause(0.2)
        assert [requests(run) for run in runs] == [[], []]
        await pilot.press("x", "y")
        await until(pilot, lambda: all(requests(run) for run in runs))


async def test_the_question_can_be_answered_for_the_run_under_the_cursor_alone(
    shown: Shown, make_run: MakeRun, until: Until
) -> None:
    runs = [make_run(name, state="running", started=float(-number)) for number, name in enumerate("ab")]
    async with shown() as (_, pilot):
        await pilot.press("a", "down", "x", "o")
        await until(pilot, lambda: requests(runs[1]))
        assert requests(runs[0]) == []


async def test_marks_on_runs_that_are_over_keep_no_key_from_the_run_under_the_cursor(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    run = make_run("a", state="running", started=3.0)
    for name in "bc":
        make_run(name, started=1.0)
    async with shown() as (app, pilot):
        await pilot.press("down", "space", "space", "home", "p")
        await until(pilot, lambda: [request.verb for request in requests(run)] == ["pause"])
        assert len(app.selection.marked) == 2
        await pilot.press("u", "D")
        await pilot.pause(0.2)
        assert "it is running, not finished, stopped, failed or stale" in " ".join(text_of(app).split())


async def test_o_means_nothing_where_there_is_but_one(shown: Shown, make_run: MakeRun) -> None:
    make_run("a")
    async with shown() as (app, pilot):
        await pilot.press("D", "o")
        await pilot.pause(0.2)
        assert isinstance(app.screen, ConfirmScreen)
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, ConfirmScreen)


@pytest.mark.parametrize("key", ["D", "delete"])
async def test_a_deleted_run_can_be_taken_back(
    shown: Shown, make_run: MakeRun, runs_dir: Path, until: Until, text_of: TextOf, key: str
) -> None:
    make_run("a", started=2.0)
    make_run("b", started=1.0)
    async with shown() as (app, pilot):
        await pilot.press("down", key)
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        assert "b   finished, " in text_of(app)
        await pilot.press("y")
        await until(pilot, lambda: [entry.name for entry in app.entries] == ["a"])
        assert [one.name for one in trashed(runs_dir)] == ["b"]
        await pilot.press("U")
        await until(pilot, lambda: app.selection.path == runs_dir / "b")
        assert trashed(runs_dir) == []
        await pilot.press("U")
        await until(pilot, lambda: "the trash is empty" in text_of(app))


async def test_no_deletes_nothing(shown: Shown, make_run: MakeRun, runs_dir: Path, until: Until) -> None:
    run = make_run("a")
    async with shown() as (app, pilot):
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("n")
        await pilot.pause(0.2)
    assert find_runs(runs_dir) == [run]


async def test_runs_that_are_deleted_together_come_back_together(
    shown: Shown, make_run: MakeRun, runs_dir: Path, until: Until
) -> None:
    for name in "abc":
        make_run(name)
    async with shown() as (app, pilot):
        await pilot.press("a", "D")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: app.entries == ())
        await pilot.press("U")
        await until(pilot, lambda: len(app.entries) == 3)
    assert len(find_runs(runs_dir)) == 3


async def test_a_run_that_trains_is_not_deleted(shown: Shown, make_run: MakeRun, runs_dir: Path, until: Until) -> None:
    make_run("a", state="running")
    async with shown() as (app, pilot):
        await pilot.press("D")
        await pilot.pause(0.2)
        assert not isinstance(app.screen, ConfirmScreen)
    assert len(find_runs(runs_dir)) == 1


async def test_a_run_whose_lock_is_held_is_not_deleted(
    shown: Shown, make_run: MakeRun, runs_dir: Path, until: Until, text_of: TextOf
) -> None:
    run = make_run("a")
    with lock_run(run):
        async with shown() as (app, pilot):
            await pilot.press("D")
            await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
            await pilot.press("y")
            await until(pilot, lambda: "run a is busy" in text_of(app))
    assert find_runs(runs_dir) == [run]


async def test_what_aetrain_says_about_a_run_that_cannot_go_on_is_told(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("a", state="stopped").config.write_text('variant = "sparse"\nodd = 1\n')
    async with shown() as (app, pilot):
        await pilot.press("R")
        await until(pilot, lambda: "unknown key" in text_of(app), seconds=60)


async def test_a_new_run_like_another_has_its_options(shown: Shown, make_run: MakeRun, until: Until) -> None:
    make_run("a", variant="sparse", options={"l1": 0.25})
    async with shown() as (app, pilot):
        await pilot.press("N")
        await until(pilot, lambda: isinstance(app.screen, StartScreen))
        assert isinstance(app.screen, StartScreen)
        assert app.screen.draft.variants == ("sparse",)
        assert app.screen.query_one("#sparse-l1", Input).value == "0.25"
        await pilot.press("escape")


async def test_a_run_without_a_readable_config_is_no_model_for_another(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    run = make_run("a")
    async with shown() as (app, pilot):
        run.config.write_text("= broken")
        await pilot.press("N")
        await until(pilot, lambda: "no readable config.toml" in text_of(app))


def test_what_aetrain_said_is_an_error_of_ours() -> None:
    error = commands.said_error(3, "noise\nerror: it broke\nwhy:   a\ndo:    b\n")
    assert (error.what, error.why, error.do, error.exit_code) == ("it broke", "a", "b", ExitCode.DAMAGED)
    assert commands.said_error(-9, "").what == "aetrain left with -9"
    assert commands.said_error(1, "Killed").why == "Killed"


async def test_a_real_training_does_what_every_key_asks(
    shown: Shown, runs_dir: Path, until: Until, text_of: TextOf
) -> None:
    async with shown() as (app, pilot):
        words = ["fit", "undercomplete", "--steps", "10000000", "--name", "bg", f"--runs-dir={runs_dir}", "--detach"]
        code, _, err = await commands.run_aetrain(words)
        assert code == 0, err
        run = RunFolder(runs_dir / "bg")

        def state() -> str:
            return app.entries[0].state if app.entries else ""

        await until(pilot, lambda: state() == "running", seconds=60)
        await pilot.press("p")
        await until(pilot, lambda: state() == "paused")
        await pilot.press("p")
        await until(pilot, lambda: state() == "running")
        await pilot.press("c")
        await until(pilot, lambda: "has written a checkpoint" in text_of(app))
        await pilot.press("l")
        await until(pilot, lambda: isinstance(app.screen, LearningRateScreen))
        app.screen.query_one(Input).value = "0.0005"
        await pilot.press("enter")
        await until(pilot, lambda: "learns at most at 0.0005" in text_of(app))
        assert "learning-rate 0.0005" in run.log.read_text()
        await pilot.press("x")
        await until(pilot, lambda: state() == "stopped")
        await pilot.press("R")
        await until(pilot, lambda: state() == "running", seconds=120)
        await pilot.press("x")
        await until(pilot, lambda: state() == "stopped")
        with contextlib.suppress(AssertionError):  # the trainer holds the lock until it has scored the test images
            await until(pilot, lambda: not _is_locked(run), seconds=20)
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: app.entries == ())
        assert len(trashed(runs_dir)) == 1


def _is_locked(run: RunFolder) -> bool:
    try:
        with lock_run(run):
            return False
    except ToolError:
        return True


async def test_a_run_that_comes_back_behind_the_filter_is_told_of(
    shown: Shown, make_run: MakeRun, until: Until, text_of: TextOf
) -> None:
    make_run("apple", started=2.0)
    make_run("pear", started=1.0)
    async with shown() as (app, pilot):
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: len(app.entries) == 1)
        await pilot.press("slash", "p", "e", "a", "r", "enter", "U")
        await until(pilot, lambda: "the filter hides the new run" in text_of(app))
        assert app.selection.path is not None
        assert app.selection.path.name == "pear"


async def test_the_only_run_that_was_named_comes_back_too(make_run: MakeRun, runs_dir: Path, until: Until) -> None:
    run = make_run("a")
    app = AetuiApp(Sources(runs_dir=runs_dir, runs=(run.path,)), provider="cpu")
    async with app.run_test() as pilot:
        await until(pilot, lambda: len(app.entries) == 1)
        await pilot.press("1")
        await until(pilot, lambda: app.current_mode == "runs")
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("y")
        await until(pilot, lambda: app.entries == ())
        await pilot.press("U")
        await until(pilot, lambda: len(app.entries) == 1)
