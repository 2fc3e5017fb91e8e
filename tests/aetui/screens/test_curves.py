"""Screen 2: the losses, live."""

from __future__ import annotations

import contextlib
import csv
import json
import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.app import App
from textual.pilot import Pilot

from aetui.app import AetuiApp
from aetui.paint.look import Look
from aetui.screens.curves import CurvesScreen
from aetui.widgets.choice_bar import ChoiceBar
from aetui.widgets.read_out import ReadOut
from trainer.runs.folder import RunFolder

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
TextOf = Callable[[App[Any]], str]
LogMore = Callable[[RunFolder, int, int], None]

Shown = Callable[..., contextlib.AbstractAsyncContextManager[tuple[AetuiApp, Pilot[int]]]]

SIZES = [(80, 24), (200, 60)]
SPLITS = ("validation", "train")


def screen_of(app: AetuiApp) -> CurvesScreen:
    assert isinstance(app.screen, CurvesScreen)
    return app.screen


async def press(pilot: Pilot[int], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause(0.05)


@pytest.mark.parametrize("size", SIZES)
async def test_the_curves_follow_the_log(
    shown: Shown, make_run: MakeRun, until: Until, log_more: LogMore, size: tuple[int, int]
) -> None:
    run = make_run("a", state="running", rows=5)
    async with shown(size) as (app, pilot):
        await press(pilot, "2")

        def last_step() -> float:
            return max(float(entry.series["train", "loss"].steps[-1]) for entry in app.entries)

        assert last_step() == 5
        log_more(run, 6, 9)
        await until(pilot, lambda: last_step() == 9)
        await until(pilot, lambda: screen_of(app).chart.curves()[0].xs[-1] == 9)


async def test_the_status_says_why_a_run_failed(shown: Shown, make_run: MakeRun, text_of: TextOf) -> None:
    make_run("a", state="failed", error="the loss is not finite")
    async with shown() as (app, pilot):
        await press(pilot, "2")
        assert "failed  a  the loss is not finite" in text_of(app)


async def test_a_part_that_reaches_the_end_follows_the_log(
    shown: Shown, make_run: MakeRun, until: Until, log_more: LogMore
) -> None:
    run = make_run("a", state="running", rows=9)
    async with shown() as (app, pilot):
        await press(pilot, "2", "plus")
        chart = screen_of(app).chart
        before = chart.x_range
        assert before is not None
        log_more(run, 10, 13)
        await until(pilot, lambda: chart.curves()[0].xs[-1] == 13)
        assert chart.x_range == (before[0] + 4, before[1] + 4)
        await press(pilot, "pageup")
        stays = chart.x_range
        log_more(run, 14, 15)
        await until(pilot, lambda: chart.curves()[0].xs[-1] == 15)
        assert chart.x_range == stays


async def test_t_n_and_p_go_through_the_terms(shown: Shown, make_run: MakeRun) -> None:
    make_run("a")
    async with shown() as (app, pilot):
        await press(pilot, "2")
        seen = [screen_of(app).shown_term()]
        for key in ("t", "n", "t", "p"):
            await press(pilot, key)
            seen.append(screen_of(app).shown_term())
        assert seen == ["loss", "reconstruction", "kl", "loss", "kl"]


async def test_l_and_o_change_the_height(shown: Shown, make_run: MakeRun, text_of: TextOf) -> None:
    make_run("a", rows=100)
    async with shown() as (app, pilot):
        await press(pilot, "2")
        chart = screen_of(app).chart
        assert chart.frame().y_range[1] > 200
        await press(pilot, "l")
        assert "log y" in text_of(app)
        assert chart.frame().y_range[1] == pytest.approx(np.log10(200), rel=0.05)
        await press(pilot, "l", "o")
        assert "no outliers" in text_of(app)
        assert chart.frame().y_range[1] < 150


async def test_tab_goes_through_the_kinds_of_display(shown: Shown, make_run: MakeRun, text_of: TextOf) -> None:
    make_run("a", variant="variational")
    async with shown() as (app, pilot):
        await press(pilot, "2", "tab")
        text = text_of(app)
        assert "−ELBO =" in text
        panel = screen_of(app).chart.panels()[0]
        assert panel.stacked
        assert [series.name for series in panel.series] == ["kl", "reconstruction"]
        await press(pilot, "tab")
        assert [panel.title for panel in screen_of(app).chart.panels()] == ["loss", "reconstruction", "kl"]
        await press(pilot, "tab", "shift+tab", "shift+tab", "shift+tab")
        assert not screen_of(app).chart.panels()[0].stacked


async def test_the_areas_add_up_to_what_was_logged(shown: Shown, make_run: MakeRun) -> None:
    make_run("a", variant="variational")
    async with shown() as (app, pilot):
        await press(pilot, "2", "tab")
        kl, total = screen_of(app).chart.curves()
        np.testing.assert_allclose(kl.ys, 25 / kl.xs)
        np.testing.assert_allclose(total.ys, 100 / total.xs)
        table = screen_of(app).query_one(ReadOut).table
        assert [column.head for column in table.columns] == ["reconstruction", "kl", "−ELBO"]
        assert table.lines[0].values == pytest.approx((7.5, 2.5, 10))


async def test_the_cursor_reads_values(shown: Shown, make_run: MakeRun, text_of: TextOf) -> None:
    make_run("a", rows=10)
    async with shown() as (app, pilot):
        await press(pilot, "2")
        assert screen_of(app).query_one(ReadOut).table.title == "last value"
        await press(pilot, "left")
        table = screen_of(app).query_one(ReadOut).table
        assert table.title == "step 10"
        assert table.lines[0].values == (20, 10)
        assert "step 10" in text_of(app)
        await press(pilot, "home")
        assert screen_of(app).query_one(ReadOut).table.lines[0].values == (200, 100)
        await press(pilot, "right", "shift+right")
        cursor = screen_of(app).chart.cursor
        assert cursor is not None
        plot = screen_of(app).chart.frame()
        assert plot.column_of(cursor) == plot.left + 11
        await press(pilot, "shift+left", "left", "end")
        assert screen_of(app).chart.cursor == 10
        await press(pilot, "c")
        assert screen_of(app).chart.cursor is None


async def test_x_goes_through_the_axes_and_stays_at_the_same_point(shown: Shown, make_run: MakeRun) -> None:
    make_run("a", rows=41)
    async with shown() as (app, pilot):
        await press(pilot, "2", "end", "plus")
        chart = screen_of(app).chart
        low, high = chart.x_range or (0.0, 0.0)
        await press(pilot, "x")
        assert chart.x_label == "epoch"
        assert chart.x_range == pytest.approx((low / 10, high / 10))
        assert chart.cursor == pytest.approx(4.1)
        await press(pilot, "x")
        assert (chart.x_label, chart.x_time) == ("time", True)
        assert screen_of(app).query_one(ReadOut).table.title == "time 0:00:40"
        assert "0:00:40" in "".join(label for _, label in chart.frame().x_ticks)
        await press(pilot, "x")
        assert chart.x_range == pytest.approx((low, high))


async def test_smoothing_keeps_the_raw_curve_behind(shown: Shown, make_run: MakeRun, text_of: TextOf) -> None:
    make_run("a", rows=10)
    async with shown() as (app, pilot):
        await press(pilot, "2", "full_stop")
        assert "smooth 0.5" in text_of(app)
        curves = screen_of(app).chart.curves()
        assert [(curve.series.faint, curve.series.ghost) for curve in curves] == [
            (False, False),
            (False, True),
            (True, False),
            (False, True),
        ]
        ys = 200 / np.arange(1, 11)
        weights = 0.5 ** np.arange(10)[::-1]
        assert curves[0].ys[-1] == pytest.approx((weights * ys).sum() / weights.sum())
        np.testing.assert_allclose(curves[1].ys, ys)
        await press(pilot, "v")
        assert [curve.series.faint for curve in screen_of(app).chart.curves()] == [False, True]
        await press(pilot, "comma")
        assert len(screen_of(app).chart.curves()) == 1
        await press(pilot, "greater_than_sign", "less_than_sign", "less_than_sign")
        assert "smooth" not in text_of(app).splitlines()[1]


async def test_v_chooses_the_splits(shown: Shown, make_run: MakeRun, text_of: TextOf) -> None:
    make_run("a", rows=10)
    async with shown() as (app, pilot):
        await press(pilot, "2")
        seen = []
        for _ in range(4):
            seen.append([curve.series.name for curve in screen_of(app).chart.curves()])
            await press(pilot, "v")
        assert seen == [["validation", "train"], ["validation"], ["train"], ["validation", "train"]]
        assert "validation only" in text_of(app)


async def test_zoom_pan_and_fit(shown: Shown, make_run: MakeRun) -> None:
    make_run("a", rows=101)
    async with shown() as (app, pilot):
        await press(pilot, "2", "plus", "equals_sign")
        chart = screen_of(app).chart
        low, high = chart.x_range or (0.0, 0.0)
        assert high == 101
        assert high - low == pytest.approx(100 / 1.5**2)
        await press(pilot, "pageup", "a")
        assert chart.x_range == pytest.approx((max(1, 2 * low - high), high - (low - max(1, 2 * low - high))))
        await press(pilot, "pagedown", "d", "d")
        assert chart.x_range == pytest.approx((low, high))
        await press(pilot, "minus", "minus", "minus")
        assert chart.x_range is None
        await press(pilot, "plus", "left", "f")
        assert (chart.x_range, chart.cursor) == (None, None)


async def test_marked_runs_are_overlaid_and_b_compares_them(shown: Shown, make_run: MakeRun, text_of: TextOf) -> None:
    runs = [make_run(name, started=float(-number)) for number, name in enumerate(("one", "two", "three"))]
    async with shown() as (app, pilot):
        app.selection.marked = [run.path for run in runs[:2]]
        await press(pilot, "2")
        text = text_of(app)
        assert "one" in text
        assert "two" in text
        assert "three" not in text
        colours = {entry.name: app.selection.colour_of(entry) for entry in app.entries}
        front = [curve.series for curve in screen_of(app).chart.curves() if not curve.series.faint]
        assert [(series.name, series.colour) for series in front] == [("one", colours["one"]), ("two", colours["two"])]
        await press(pilot, "b")
        assert app.selection.baseline == runs[0].path
        assert [curve.series.dashed for curve in screen_of(app).chart.curves()] == [True, False, False, False]
        table = screen_of(app).query_one(ReadOut).table
        assert [column.head for column in table.columns] == ["validation", "train", "Δ baseline", "in %"]
        assert [line.values[2:] for line in table.lines] == [(None, None), (0.0, 0.0)]
        await press(pilot, "b", "b")
        assert app.selection.baseline is None


async def test_a_pinned_baseline_is_shown_beside_the_selected_run(
    shown: Shown, make_run: MakeRun, text_of: TextOf
) -> None:
    runs = [make_run(name, started=float(-number)) for number, name in enumerate(("one", "two"))]
    async with shown() as (app, pilot):
        app.selection.baseline = runs[1].path
        app.select(runs[0].path)
        await press(pilot, "2")
        assert [line.name for line in screen_of(app).query_one(ReadOut).table.lines] == ["one", "two"]


async def test_many_runs_are_scrolled_to_and_none_is_dropped_silently(
    shown: Shown, make_run: MakeRun, text_of: TextOf
) -> None:
    runs = [make_run(f"a run with a name as long as {number}", started=float(-number)) for number in range(9)]
    async with shown() as (app, pilot):
        app.selection.marked = [run.path for run in runs]
        await press(pilot, "2")
        assert "5 below" in text_of(app)
        await press(pilot, "down", "down", "down")
        assert "3 above, 2 below" in text_of(app)
        await press(pilot, "up")
        assert "2 above, 3 below" in text_of(app)


async def test_stacks_are_paged_as_soon_as_their_table_takes_rows(
    shown: Shown, make_run: MakeRun, text_of: TextOf
) -> None:
    for name in "abcd":
        make_run(name, variant="variational")
    async with shown((80, 24)) as (app, pilot):
        await press(pilot, "a", "2", "tab")
        assert "page 1/2" in text_of(app)


async def test_all_terms_of_several_runs_are_paged(shown: Shown, make_run: MakeRun, text_of: TextOf) -> None:
    runs = [make_run(name, started=float(-number)) for number, name in enumerate(("one", "two"))]
    async with shown((80, 24)) as (app, pilot):
        app.selection.marked = [run.path for run in runs]
        await press(pilot, "2", "shift+tab")
        chart = screen_of(app).chart
        titles = [panel.title for panel in chart.panels()]
        assert titles == [f"{term} {split}" for term in ("loss", "reconstruction", "kl") for split in SPLITS]
        assert "page 1/2" in text_of(app)
        assert "loss train" in text_of(app)
        await press(pilot, "pagedown")
        assert "page 2/2" in text_of(app)
        assert "kl train" in text_of(app)
        await press(pilot, "pageup")
        assert "page 1/2" in text_of(app)


async def test_alerts_stand_on_the_axis_and_i_goes_to_them(
    shown: Shown, make_run: MakeRun, text_of: TextOf, until: Until
) -> None:
    run = make_run("a", rows=50)
    rows = [
        {"step": 10, "kind": "health", "layers": {}},
        {"step": 20, "kind": "loss-spike", "text": "the loss jumped", "hint": "lower --lr"},
        {"step": 30, "kind": "dead-units", "text": "half are dead \x1b[31m", "hint": ""},
    ]
    run.health.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    async with shown() as (app, pilot):
        await press(pilot, "2")
        await until(pilot, lambda: "half are dead" in text_of(app))
        assert "\x1b" not in text_of(app)
        assert text_of(app).count("▲") == 3
        await press(pilot, "i")
        assert screen_of(app).chart.cursor == 20
        assert "the loss jumped. lower --lr" in text_of(app)
        await press(pilot, "i", "i")
        assert screen_of(app).chart.cursor == 20
        await press(pilot, "x")
        assert screen_of(app).chart.panels()[0].marks == (2.0, 3.0)


async def test_without_alerts_i_says_so(shown: Shown, make_run: MakeRun) -> None:
    make_run("a")
    async with shown() as (app, pilot):
        await press(pilot, "2", "i")
        assert "nothing wrong" in app.messages.text()


async def test_w_writes_the_raw_values_and_never_over_another_file(
    shown: Shown, make_run: MakeRun, tmp_path: Path, until: Until
) -> None:
    make_run("a/../../x y".replace("/", "_"), rows=5)
    async with shown() as (app, pilot):
        await press(pilot, "2", "full_stop", "w")
        await until(pilot, lambda: len(list(tmp_path.glob("*.csv"))) == 1)
        await press(pilot, "w")
        await until(pilot, lambda: len(list(tmp_path.glob("*.csv"))) == 2)
        await until(pilot, lambda: app.messages.text().count("10 rows") == 2)
    path = min(tmp_path.glob("*.csv"))
    assert path.name.startswith("aetui-a_.._.._x-y-loss-")
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert list(rows[0]) == ["run", "split", "term", "step", "epoch", "time", "value"]
    assert len(rows) == 10
    assert {(row["split"], row["term"]) for row in rows} == {("validation", "loss"), ("train", "loss")}
    for row in rows:
        step = int(row["step"])
        assert float(row["value"]) == (200 if row["split"] == "validation" else 100) / step
        assert (float(row["epoch"]), float(row["time"])) == (step / 10, step - 1)


@pytest.mark.parametrize("tabs", [0, 1, 2])
async def test_the_chart_is_a_drawing_of_its_own(
    shown: Shown, make_run: MakeRun, tmp_path: Path, until: Until, tabs: int
) -> None:
    make_run("a", rows=5)
    async with shown() as (app, pilot):
        await press(pilot, "2", *["tab"] * tabs, "W")
        await until(pilot, lambda: "drawing" in app.messages.text())
    (path,) = tmp_path.glob("*.svg")
    root = ET.fromstring(path.read_text(encoding="utf-8"))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[0] in ("a loss", "a  train loss =", "a  loss")
    assert "step" in texts


async def test_where_nothing_can_be_written_it_is_said(
    shown: Shown, make_run: MakeRun, tmp_path: Path, until: Until
) -> None:
    make_run("a", rows=5)
    async with shown() as (app, pilot):
        object.__setattr__(app.settings, "save_dir", str(tmp_path / "not there"))
        await press(pilot, "2", "w")
        await until(pilot, lambda: "not there" in app.messages.text())


async def test_y_copies_what_the_table_says_with_all_digits(shown: Shown, make_run: MakeRun) -> None:
    make_run("a", rows=3)
    async with shown() as (app, pilot):
        await press(pilot, "2")
        assert screen_of(app).copied() == f"last value\tvalidation\ttrain\na\t{200 / 3!r}\t{100 / 3!r}"


async def test_what_was_chosen_is_remembered_and_nonsense_passed_over(shown: Shown, make_run: MakeRun) -> None:
    make_run("a")
    async with shown() as (app, pilot):
        await press(pilot, "2", "t", "x", "v", "l", "o", "full_stop", "tab")
        screen = screen_of(app)
        state = screen.view_state()
        assert json.loads(json.dumps(state)) == {
            "kind": "stack",
            "term": "reconstruction",
            "axis": "epoch",
            "split": "validation",
            "smoothing": 0.5,
            "log_y": True,
            "robust": True,
        }
        screen.restore_state({"kind": [], "term": 3, "axis": {}, "split": None, "smoothing": 1.5, "log_y": "yes"})
        assert screen.view_state() == state
        screen.restore_state({"smoothing": float("nan"), "robust": 1})
        assert screen.view_state() == state
        screen.restore_state({**state, "term": "no such term", "kind": "lines"})
        screen.update()
        assert screen.shown_term() == "loss"


async def test_the_brackets_go_through_the_runs(shown: Shown, make_run: MakeRun) -> None:
    for number, name in enumerate(("one", "two")):
        make_run(name, started=float(-number))
    async with shown() as (app, pilot):
        await press(pilot, "2", "right_square_bracket")
        assert screen_of(app).query_one(ReadOut).table.lines[0].name == "two"
        await press(pilot, "left_square_bracket")
        assert screen_of(app).query_one(ReadOut).table.lines[0].name == "one"


async def test_a_click_chooses_a_term_and_a_kind_of_display(shown: Shown, make_run: MakeRun, text_of: TextOf) -> None:
    make_run("a")
    async with shown() as (app, pilot):
        await press(pilot, "2")
        line = text_of(app).splitlines()[1]
        await pilot.click("#choice", offset=(line.index("kl") + 1, 0))
        assert screen_of(app).shown_term() == "kl"
        await pilot.click("#choice", offset=(line.index("stacked") + 1, 0))
        await pilot.pause()
        assert screen_of(app).chart.panels()[0].stacked


async def test_a_jump_goes_to_a_term_and_to_a_kind_of_display(shown: Shown, make_run: MakeRun) -> None:
    make_run("a")
    async with shown() as (app, pilot):
        await press(pilot, "2")
        targets = screen_of(app).query_one(ChoiceBar).jump_targets()
        assert len(targets) == 6
        for target in (targets[5], targets[1]):
            going = target.go()
            assert isinstance(going, Awaitable)
            await going
        await pilot.pause()
        assert screen_of(app).view_state()["term"] == "kl"
        assert screen_of(app).view_state()["kind"] == "stack"


async def test_a_run_without_a_log_is_no_error(shown: Shown, make_run: MakeRun, text_of: TextOf) -> None:
    make_run("a", rows=0)
    async with shown() as (app, pilot):
        await press(pilot, "2", "left", "plus", "w", "W", "i", "x", "f", "pageup", "tab")
        assert "nothing logged yet" in text_of(app)
        assert "nothing to save" in app.messages.text()


@pytest.mark.parametrize("size", [(1, 1), (12, 5), (300, 100)])
@pytest.mark.parametrize("look", [Look(), Look(depth="16", dark=False), Look(depth="mono", unicode=False)])
async def test_every_kind_of_display_takes_any_size(
    shown: Shown, make_run: MakeRun, text_of: TextOf, size: tuple[int, int], look: Look
) -> None:
    runs = [make_run(name, variant="variational", started=float(-n)) for n, name in enumerate(("one", "two"))]
    async with shown(size) as (app, pilot):
        app.look = look
        app.selection.marked = [run.path for run in runs]
        app.selection.baseline = runs[0].path
        await press(pilot, "2", "full_stop", "left")
        for _ in range(3):
            await press(pilot, "tab", "plus", "pagedown", "down", "i")
            assert look.unicode or text_of(app).isascii()
