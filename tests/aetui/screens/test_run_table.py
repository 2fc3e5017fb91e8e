"""Screen 1: the filter, the order, marks, baseline and colours; every key that only looks."""

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
from aetui.paint.colours import series_colour
from aetui.screens.details import DetailsScreen
from aetui.screens.runs import RunsScreen
from aetui.terminal.styles import rich_colour
from aetui.widgets.filter_line import FilterLine
from aetui.widgets.run_table import RunTable
from trainer.runs.folder import RunFolder

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]
Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]


@pytest.fixture
def five(make_run: MakeRun) -> None:
    """Five runs, a the newest: losses 5 … 1, every other one a VAE."""
    for number, name in enumerate("abcde"):
        variant = "variational" if number % 2 == 0 else "sparse"
        make_run(f"{name}-run", variant=variant, loss=5.0 - number, started=100.0 - number, rows=3)


def rows(app: AetuiApp) -> str:
    """The first letters of the runs that are seen, in their order."""
    return "".join(line[4][0].strip()[:1] for line in app.screen.query_one(RunTable)._lines[1:])


async def write(pilot: Pilot[int], text: str) -> None:
    """Type ``text`` into what has the focus."""
    line = pilot.app.screen.query_one("#filter", Input)
    line.value = text
    await pilot.pause()


def page(app: AetuiApp) -> RunsScreen:
    assert isinstance(app.screen, RunsScreen)
    return app.screen


async def test_a_filter_is_seen_while_it_is_typed_and_enter_keeps_it(shown: Shown, five: None, text_of: TextOf) -> None:
    async with shown() as (app, pilot):
        await pilot.press("slash")
        for key in ["v", "a", "e"]:
            await pilot.press(key)
        await pilot.pause()
        assert rows(app) == "ace"
        assert "3 of 5 runs" in text_of(app)
        await pilot.press("enter")
        await pilot.pause()
        assert not app.screen.query_one(FilterLine).display
        assert rows(app) == "ace"
        assert "3 of 5 runs (vae)" in text_of(app)
        await pilot.press("F")
        assert rows(app) == "abcde"


async def test_escape_brings_the_filter_before_back(shown: Shown, five: None) -> None:
    async with shown() as (app, pilot):
        await pilot.press("slash")
        await write(pilot, "vae")
        await pilot.press("enter", "slash")
        assert app.screen.query_one("#filter", Input).value == "vae"
        await write(pilot, "sparse")
        assert rows(app) == "bd"
        await pilot.press("escape")
        await pilot.pause()
        assert rows(app) == "ace"
        assert app.current_mode == "runs"


async def test_a_bad_filter_says_where_and_keeps_the_last_good_one(shown: Shown, five: None, text_of: TextOf) -> None:
    async with shown() as (app, pilot):
        await pilot.press("slash")
        await write(pilot, "vae")
        await write(pilot, "vae lss<3")
        said = text_of(app).splitlines()[2]
        assert said == " " * (7 + 4) + "^ no field 'lss': did you mean loss?"
        assert rows(app) == "ace"
        await pilot.press("enter")
        await pilot.pause()
        assert "(vae)" in text_of(app)


async def test_a_long_bad_filter_says_where_in_words(shown: Shown, five: None, text_of: TextOf) -> None:
    async with shown() as (app, pilot):
        await pilot.press("slash")
        await write(pilot, "a" * 60 + " lss<3")
        assert "at 62: no field 'lss'" in text_of(app)


async def test_a_filter_that_nothing_passes_says_how_to_go_on(shown: Shown, five: None, text_of: TextOf) -> None:
    async with shown() as (app, pilot):
        await pilot.press("slash")
        await write(pilot, "vae")
        await write(pilot, "vae nothing")
        assert rows(app) == "ace"
        assert "0 of 5 runs" in text_of(app)
        await pilot.press("enter")
        await pilot.pause()
        assert "none of 5 runs passes" in text_of(app)
        assert "press F" in text_of(app)
        await pilot.press("F")
        await pilot.pause()
        assert rows(app) == "abcde"


async def test_f1_shows_the_grammar_and_goes_back_to_the_line(shown: Shown, five: None, text_of: TextOf) -> None:
    async with shown() as (app, pilot):
        await pilot.press("slash", "f1")
        await pilot.pause()
        assert isinstance(app.screen, DetailsScreen)
        assert "loss<0.03" in text_of(app)
        await pilot.press("f1", "x")
        await pilot.pause()
        assert app.screen.query_one("#filter", Input).value == "x"


async def test_the_other_screens_step_through_the_runs_as_they_are_shown(
    shown: Shown, five: None, runs_dir: Path
) -> None:
    async with shown() as (app, pilot):
        await pilot.press("slash")
        await write(pilot, "vae")
        await pilot.press("enter", "enter")
        await pilot.pause()
        seen = []
        for _ in range(4):
            await pilot.press("right_square_bracket")
            assert app.selection.path is not None
            seen.append(app.selection.path.name[0])
        assert seen == ["c", "e", "a", "c"]


async def test_the_cursor_stays_on_a_run_that_is_shown(shown: Shown, five: None) -> None:
    async with shown() as (app, pilot):
        await pilot.press("down", "slash")
        await write(pilot, "vae")
        assert app.selection.path is not None
        assert app.selection.path.name == "c-run"


async def test_o_sorts_by_the_next_column_and_i_turns_it_round(shown: Shown, five: None, text_of: TextOf) -> None:
    async with shown((120, 30)) as (app, pilot):
        await pilot.press("o")
        assert rows(app) == "abcde"
        assert "name▲" in text_of(app)
        await pilot.press("i")
        assert rows(app) == "edcba"
        assert "name▼" in text_of(app)
        assert "by name" in text_of(app)
        await pilot.press("O", "O")
        assert "started▼" in text_of(app)
        await pilot.press("o", *["o"] * 6)
        assert "loss▲" in text_of(app)
        assert rows(app) == "edcba"


async def test_the_cursor_keeps_to_its_run_when_the_order_changes(shown: Shown, five: None, text_of: TextOf) -> None:
    async with shown() as (app, pilot):
        await pilot.press("down", "i")
        assert app.selection.path is not None
        assert app.selection.path.name == "b-run"
        assert "›○ b-run" in text_of(app)


async def test_a_click_on_a_heading_sorts_and_another_turns_it_round(shown: Shown, five: None, text_of: TextOf) -> None:
    async with shown() as (app, pilot):
        await pilot.click(RunTable, offset=(4, 0))
        await pilot.pause()
        assert "name▲" in text_of(app)
        await pilot.click(RunTable, offset=(4, 0))
        await pilot.pause()
        assert "name▼" in text_of(app)


async def test_marks_can_be_set_on_all_that_are_shown_and_taken_away(shown: Shown, five: None, text_of: TextOf) -> None:
    async with shown() as (app, pilot):
        await pilot.press("slash")
        await write(pilot, "vae")
        await pilot.press("enter", "a")
        await pilot.press("F")
        assert [path.name[0] for path in app.selection.marked] == ["a", "c", "e"]
        assert "3 marked" in text_of(app)
        assert text_of(app).count("●") == 3
        await pilot.press("u")
        assert app.selection.marked == []
        await pilot.press("space", "space")
        assert [path.name[0] for path in app.selection.marked] == ["a", "b"]


async def test_a_click_on_a_mark_marks(shown: Shown, five: None, runs_dir: Path) -> None:
    async with shown() as (app, pilot):
        await pilot.click(RunTable, offset=(1, 2))
        await pilot.pause()
        assert app.selection.marked == [runs_dir / "b-run"]


async def test_the_mark_has_the_colour_of_the_curve(shown: Shown, five: None) -> None:
    async with shown() as (app, pilot):
        for line, entry in zip(app.screen.query_one(RunTable)._lines[1:], page(app)._shown, strict=True):
            style = line[1][1]
            assert style.color == rich_colour(series_colour(app.selection.colour_of(entry), app.look))
        await pilot.press("i")
        assert app.screen.query_one(RunTable)._lines[1][1][1].color is not None


async def test_a_baseline_is_pinned_and_the_others_are_held_against_it(
    shown: Shown, five: None, text_of: TextOf, runs_dir: Path
) -> None:
    async with shown((120, 30)) as (app, pilot):
        assert "vs base" not in text_of(app)
        await pilot.press("b", "down", "down")
        assert app.selection.baseline == runs_dir / "a-run"
        lines = text_of(app).splitlines()
        assert "vs base" in lines[1]
        assert lines[2].startswith("◆○ a-run")
        assert "baseline" in lines[2]
        assert " -2 " in lines[4]
        assert "loss -2 (-40.0%) against a-run" in text_of(app)
        await pilot.press("up", "up", "b")
        assert app.selection.baseline is None


async def test_columns_without_room_are_counted_and_come_in_from_the_right(
    shown: Shown, make_run: MakeRun, text_of: TextOf
) -> None:
    make_run("a-run-with-a-rather-long-name", state="running", step=50, steps_per_s=1.0)
    async with shown() as (app, pilot):
        heading = text_of(app).splitlines()[1]
        assert heading.split()[-1].startswith("+")
        assert "device" not in heading
        for _ in range(12):
            await pilot.press("right")
        heading = text_of(app).splitlines()[1]
        assert heading.split()[0] == "name"
        assert "started" in heading
        for _ in range(12):
            await pilot.press("left")
        assert "state" in text_of(app).splitlines()[1]
        assert page(app).view_state()["skip"] == 0


async def test_home_and_end_go_to_the_ends(shown: Shown, five: None) -> None:
    async with shown() as (app, pilot):
        for key, name in (("end", "e"), ("home", "a"), ("G", "e"), ("g", "a")):
            await pilot.press(key)
            assert app.selection.path is not None
            assert app.selection.path.name[0] == name


async def test_d_shows_all_about_the_run_and_how_marked_ones_differ(shown: Shown, five: None, text_of: TextOf) -> None:
    async with shown() as (app, pilot):
        await pilot.press("d")
        await pilot.pause()
        assert "folder" in text_of(app)
        await pilot.press("y", "d")
        await pilot.pause()
        assert "a-run" in app.clipboard
        await pilot.press("space", "space", "d")
        await pilot.pause()
        assert "2 marked runs differ" in text_of(app)


async def test_y_copies_the_table(shown: Shown, five: None) -> None:
    async with shown() as (app, pilot):
        await pilot.press("y")
        lines = [line.split("\t") for line in app.clipboard.splitlines()]
        assert lines[0][:2] == ["name", "variant"]
        assert [line[0][0] for line in lines[1:]] == list("abcde")


async def test_the_letters_of_a_jump_lead_to_a_run(shown: Shown, five: None) -> None:
    async with shown() as (app, pilot):
        target = next(one for one in app.screen.query_one(RunTable).jump_targets() if one.y == 4)
        target.go()
        await pilot.pause()
        assert app.selection.path is not None
        assert app.selection.path.name[0] == "c"


async def test_the_error_of_a_failed_run_is_shown_whole(shown: Shown, make_run: MakeRun, text_of: TextOf) -> None:
    make_run("a", state="failed", error="CUDA out of memory: " + "tried to allocate much " * 5 + "END")
    async with shown() as (app, _):
        assert "CUDA out of memory" in text_of(app)
        assert "END" in text_of(app)


async def test_the_marked_runs_are_drawn_over_each_other(shown: Shown, five: None, text_of: TextOf) -> None:
    async with shown((100, 40)) as (app, pilot):
        assert "validation" in text_of(app)
        await pilot.press("space", "space")
        await pilot.pause()
        text = text_of(app)
        assert "━ a-run" in text
        assert "━ b-run" in text


async def test_a_wide_screen_has_the_details_beside_the_curve(shown: Shown, make_run: MakeRun, text_of: TextOf) -> None:
    run = make_run("a", variant="sparse", options={"l1": 0.25})
    run.evaluation.write_text('{"mse": 0.5}')
    async with shown((200, 60)) as (app, _):
        assert "l1 0.25" in text_of(app)
        assert "mse" in text_of(app)


async def test_filter_and_order_are_remembered(five: None, runs_dir: Path, tmp_path: Path, until: Until) -> None:
    def make() -> AetuiApp:
        sources = Sources(runs_dir=runs_dir, folders=(runs_dir,))
        return AetuiApp(sources, provider="cpu", state_file=tmp_path / "state.json")

    first = make()
    async with first.run_test() as pilot:
        await until(pilot, lambda: len(first.entries) == 5)
        await pilot.press("i", "slash")
        await write(pilot, "vae kl<100")
        await pilot.press("enter")
        assert rows(first) == "eca"
        first.exit()
    again = make()
    async with again.run_test() as pilot:
        await until(pilot, lambda: len(again.entries) == 5)
        await pilot.pause()
        assert rows(again) == "eca"


@pytest.mark.parametrize(
    "state",
    [
        {"filter": 3, "sort": [], "descending": "x", "skip": -1},
        {"filter": "((", "sort": "gone", "skip": 10**9},
        {"filter": None, "skip": True},
    ],
)
async def test_a_hostile_state_does_no_harm(shown: Shown, five: None, state: dict[str, Any]) -> None:
    async with shown() as (app, pilot):
        page(app).restore_state(state)
        app.update_page()
        await pilot.pause()
        assert rows(app) == "abcde"


async def test_only_lines_that_changed_are_drawn_again(shown: Shown, five: None) -> None:
    async with shown() as (app, pilot):
        table = app.screen.query_one(RunTable)
        await pilot.pause()
        before = list(table._lines)
        await pilot.press("down")
        after = table._lines
        assert [y for y, (old, new) in enumerate(zip(before, after, strict=True)) if old != new] == [1, 2]
