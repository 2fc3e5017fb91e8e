"""The chart widget: mouse, pages, a view that follows the data; and the table below it."""

from __future__ import annotations

import numpy as np
import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.reactive import reactive
from textual.widget import Widget

from aetui.paint.cells import lines
from aetui.paint.look import Look
from aetui.paint.panels import Panel
from aetui.paint.read_out import Column, Line, Table
from aetui.paint.series import Series
from aetui.widgets.chart import Chart
from aetui.widgets.read_out import ReadOut


class Stage(App[None]):
    look: reactive[Look] = reactive(Look())

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self._widget = widget

    def compose(self) -> ComposeResult:
        yield self._widget


def line(last: int, colour: int = 0) -> Series:
    return Series(np.arange(last + 1), np.arange(last + 1.0), "loss", colour)


async def wheel(pilot: Pilot[None], chart: Chart, kind: type[events.MouseEvent], x: int, y: int) -> None:
    chart.post_message(kind(chart, x, y, 0, 0, 0, False, False, False, screen_x=x, screen_y=y))
    await pilot.pause()


async def test_the_wheel_zooms_and_what_is_under_the_pointer_stays() -> None:
    chart = Chart()
    async with Stage(chart).run_test(size=(80, 24)) as pilot:
        chart.set_series([Series(np.arange(1001), np.arange(1001) % 2)])  # labels as wide as before at any zoom
        await pilot.pause()
        under = chart.frame().x_at(30)
        await wheel(pilot, chart, events.MouseScrollUp, 30, 10)
        assert chart.frame().x_at(30) == pytest.approx(under, abs=1e-6)
        low, high = chart.x_range or (0.0, 0.0)
        assert high - low == pytest.approx(1000 / 1.25)
        await wheel(pilot, chart, events.MouseScrollDown, 30, 10)
        assert chart.x_range is None


async def test_dragging_pans_and_leaves_the_cursor() -> None:
    chart = Chart()
    async with Stage(chart).run_test(size=(80, 24)) as pilot:
        chart.set_series([line(1000)])
        chart.x_range = (400.0, 600.0)
        await pilot.pause()
        plot = chart.frame()
        await pilot.mouse_down(chart, offset=(40, 10))
        await pilot.hover(chart, offset=(50, 10))
        by = 10 / (plot.columns - 1) * 200
        assert chart.x_range == pytest.approx((400 - by, 600 - by))
        await pilot.hover(chart, offset=(40, 10))
        assert chart.x_range == pytest.approx((400, 600))
        await pilot.mouse_up(chart, offset=(40, 10))
        await pilot.hover(chart, offset=(45, 10))
        assert chart.x_range == pytest.approx((400, 600))
        assert chart.cursor == pytest.approx(chart.frame().x_at(45))


async def test_a_view_at_the_right_end_follows_and_another_one_stays() -> None:
    chart = Chart()
    async with Stage(chart).run_test(size=(80, 24)) as pilot:
        chart.set_series([line(100)])
        await pilot.pause()
        chart.zoom(2)
        assert chart.x_range == (50, 100)
        chart.set_series([line(120)])
        assert chart.x_range == (70, 120)
        chart.pan(-0.5)
        chart.set_series([line(150)])
        assert chart.x_range == (45, 95)


async def test_zooming_out_at_an_end_reaches_everything() -> None:
    chart = Chart()
    async with Stage(chart).run_test(size=(80, 24)) as pilot:
        chart.set_series([line(100)])
        chart.x_range = (80.0, 100.0)
        await pilot.pause()
        chart.zoom(0.5, about=80)
        assert chart.x_range == (60, 100)
        chart.zoom(0.3)
        assert chart.x_range is None


async def test_panels_share_cursor_and_axis_and_turn_pages() -> None:
    chart = Chart()
    async with Stage(chart).run_test(size=(80, 24)) as pilot:
        chart.set_panels([Panel([line(100 * (n + 1), n)], f"panel {n}") for n in range(10)])
        chart.legend = "values"
        await pilot.pause()
        assert chart.page_count() == 2
        drawn = "\n".join(lines(chart.cells()))
        assert [f"panel {n}" in drawn for n in range(10)] == [True] * 6 + [False] * 4
        assert {chart.frame(place).x_range for place in range(6)} == {(0, 1000)}
        box = chart.shape().box(1)
        await pilot.hover(chart, offset=(box[0] + box[2] - 1, box[1] + 3))
        assert chart.cursor == pytest.approx(1000)
        assert "━ -" in lines(chart.cells())[0]
        chart.page = 7
        await pilot.pause()
        assert (chart.shown_page(), "panel 9" in "\n".join(lines(chart.cells()))) == (1, True)


async def test_x_is_brought_into_view() -> None:
    chart = Chart()
    async with Stage(chart).run_test(size=(80, 24)) as pilot:
        chart.set_series([line(1000)])
        chart.x_range = (0.0, 100.0)
        await pilot.pause()
        chart.show_x(50)
        assert chart.x_range == (0, 100)
        chart.show_x(500)
        assert chart.x_range == (450, 550)
        chart.show_x(1000)
        assert chart.x_range == (900, 1000)


async def test_the_table_is_as_high_as_it_needs_to_be() -> None:
    found = ReadOut()
    rows = tuple(Line("*", -1, f"a run that has quite a long name {n}", (float(n),)) for n in range(8))
    async with Stage(found).run_test(size=(60, 24)) as pilot:
        found.set_table(Table("last", (Column("loss"),), rows[:3]), most_rows=6)
        await pilot.pause()
        assert found.size.height == 4
        found.set_table(Table("last", (Column("loss"),), rows), most_rows=6)
        await pilot.pause()
        assert found.size.height == 6
        found.scroll_lines(100)
        assert "7" in lines(found.cells())[-2]
        found.scroll_lines(-100)
        assert "0" in lines(found.cells())[1]
