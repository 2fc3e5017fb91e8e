from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pyte
import pytest
from rich.color import ColorSystem
from rich.console import Console
from textual.app import App, ComposeResult
from textual.reactive import reactive
from textual.widget import Widget

from aetui.paint.cells import blank, lines, put
from aetui.paint.colours import GRAYS, components, series_colour
from aetui.paint.images import half_blocks
from aetui.paint.look import Look
from aetui.paint.series import Series
from aetui.terminal.styles import cell_style, rich_colour
from aetui.widgets.cells_view import CellsView
from aetui.widgets.chart import Chart
from aetui.widgets.picture import Picture
from aetui.widgets.picture_row import PictureRow

LOOKS = {
    "256": Look(),
    "16": Look(depth="16"),
    "ascii": Look(pixels="characters", depth="mono", unicode=False),
}
SIZES = [(80, 24), (200, 60), (20, 6), (3, 2)]


class Stage(App[None]):
    """One widget on the whole screen."""

    look: reactive[Look] = reactive(Look())

    def __init__(self, widget: Widget, look: Look | None = None) -> None:
        super().__init__()
        if look is not None:
            self.set_reactive(Stage.look, look)
        self.widget = widget
        self.picked: list[int] = []
        self.cursors: list[float | None] = []

    def compose(self) -> ComposeResult:
        yield self.widget

    def on_picture_row_picked(self, message: PictureRow.Picked) -> None:
        self.picked.append(message.index)

    def on_chart_cursor_moved(self, message: Chart.CursorMoved) -> None:
        self.cursors.append(message.x)


def text_of(widget: Widget) -> list[str]:
    return ["".join(segment.text for segment in widget.render_line(y)) for y in range(widget.size.height)]


def sent(widget: Widget, colour_system: str) -> str:
    """What would be written to a terminal for the widget's lines."""
    console = Console(
        file=io.StringIO(),
        color_system=colour_system,
        force_terminal=True,
        legacy_windows=False,
        _environ={},  # type: ignore[arg-type]
    )
    return "\r\n".join(widget.render_line(y).render(console) for y in range(widget.size.height))


@pytest.mark.parametrize("number", [*range(16)])
def test_the_16_colours_reach_the_terminal_as_they_are(number: int) -> None:
    colour = rich_colour(number)
    assert colour is not None
    assert colour.downgrade(ColorSystem.STANDARD).number == number


def palette() -> Iterator[int]:
    yield from GRAYS.tolist()
    for dark in (True, False):
        for faint in (True, False):
            yield from (series_colour(index, Look(dark=dark), faint=faint) for index in range(8))


@pytest.mark.parametrize("number", sorted(set(palette())))
def test_the_256_colours_reach_the_terminal_as_they_are(number: int) -> None:
    colour = rich_colour(number)
    assert colour is not None
    assert colour.downgrade(ColorSystem.EIGHT_BIT).number == number


def test_the_default_colours_are_left_to_the_theme() -> None:
    assert cell_style(-1, -1).color is None
    assert cell_style(-1, -1).bgcolor is None


async def test_a_terminal_shows_the_pixels_that_were_painted() -> None:
    image = np.random.default_rng(0).random((1, 28, 28), np.float32)
    cells = half_blocks(image, Look())
    view = CellsView()
    async with Stage(view).run_test(size=(40, 16)):
        view.show(cells)
        screen = pyte.Screen(40, 16)
        pyte.Stream(screen).feed(sent(view, "256"))
    for row in range(14):
        for column in range(28):
            cell = screen.buffer[row][column]
            assert cell.data == cells.characters[row, column]
            assert cell.bg == _hex(int(cells.background[row, column]))
            if cell.data == "▀":
                assert cell.fg == _hex(int(cells.foreground[row, column]))


def _hex(number: int) -> str:
    value = {16: 0, 231: 255}.get(number, 8 + 10 * (number - 232))
    return f"{value:02x}" * 3


async def test_only_rows_that_changed_are_drawn_again() -> None:
    view = CellsView()
    async with Stage(view).run_test(size=(10, 5)) as pilot:
        cells = blank(5, 10)
        view.show(cells)
        await pilot.pause()
        asked: list[int] = []
        original = view.render_line
        view.render_line = lambda y: (asked.append(y), original(y))[1]  # type: ignore[method-assign, func-returns-value]
        other = blank(5, 10)
        put(other, 3, 2, "x")
        view.show(other)
        await pilot.pause()
        assert set(asked) == {3}
        asked.clear()
        view.show(other)
        await pilot.pause()
        assert asked == []


async def test_a_change_inside_a_border_is_drawn() -> None:
    view = CellsView()
    view.styles.border = ("solid", "white")
    async with Stage(view).run_test(size=(10, 5)) as pilot:
        await pilot.pause()
        for text in ("first", "again"):
            cells = blank(3, 8)
            put(cells, 2, 0, text)
            view.show(cells)
            await pilot.pause()
            shown = [
                "".join(segment.text for segment in strip) for strip in pilot.app.screen._compositor.render_strips()
            ]
            assert text in shown[3]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "look",
    [Look(), Look(depth="16"), Look(pixels="characters", depth="mono", unicode=False)],
    ids=["256", "16", "ascii"],
)
async def test_every_widget_fills_any_size_and_keeps_to_its_look(size: tuple[int, int], look: Look) -> None:
    rng = np.random.default_rng(0)
    picture, row, chart = Picture(), PictureRow(), Chart()
    for widget in (picture, row, chart):
        async with Stage(widget, look).run_test(size=size) as pilot:
            picture.show_image(rng.random((1, 28, 28)), "naïve [/red] \x1b[31m")
            row.show_images(rng.random((8, 1, 8, 8)), ["α"] * 8, selected=1)
            chart.set_series([Series(np.arange(50), rng.random(50), "naïve [/b] \x1b")])
            await pilot.pause()
            drawn = text_of(widget)
            assert [len(line) for line in drawn] == [size[0]] * size[1]
            assert "\x1b" not in "".join(drawn)
            if not look.unicode:
                assert "".join(drawn).isascii()
            assert "\x1b[38;2" not in sent(widget, "256")


async def test_widgets_follow_the_look_of_the_app() -> None:
    picture = Picture()
    app = Stage(picture)
    async with app.run_test(size=(40, 20)) as pilot:
        picture.show_image(np.random.default_rng(0).random((1, 28, 28)))
        await pilot.pause()
        assert "▀" in "".join(text_of(picture))
        app.look = Look(pixels="characters", depth="mono", unicode=False)
        await pilot.pause()
        assert "".join(text_of(picture)).isascii()


async def test_without_a_look_of_the_app_the_environment_decides() -> None:
    class Bare(App[None]):
        def compose(self) -> ComposeResult:
            yield Picture()

    async with Bare().run_test(size=(40, 20)) as pilot:
        pilot.app.query_one(Picture).show_image(np.ones((1, 4, 4)))
        await pilot.pause()
        assert isinstance(pilot.app.query_one(Picture).look, Look)


async def test_the_caption_stands_under_the_picture_and_none_clears_it() -> None:
    picture = Picture()
    async with Stage(picture).run_test(size=(40, 20)) as pilot:
        picture.show_image(np.random.default_rng(0).random((1, 28, 28)), "boot")
        await pilot.pause()
        drawn = text_of(picture)
        below = next(y for y, line in enumerate(drawn) if "boot" in line)
        assert "▀" in drawn[below - 1]
        assert drawn[below].strip() == "boot"
        picture.show_image(None)
        await pilot.pause()
        assert "".join(text_of(picture)).strip() == ""


async def test_a_click_picks_the_image_under_it() -> None:
    row = PictureRow()
    app = Stage(row)
    async with app.run_test(size=(80, 24)) as pilot:
        row.show_images(np.ones((4, 1, 8, 8), np.float32), columns=2)
        await pilot.pause()
        assert row._layout is not None
        for index in range(4):
            top, left = row._layout.corner(index)
            await pilot.click(row, offset=(left + 1, top + 1))
        assert app.picked == [0, 1, 2, 3]


async def test_the_capacity_counts_images_at_full_size() -> None:
    row = PictureRow()
    async with Stage(row).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert row.capacity(28) == 2
        assert row.capacity(8) == 9
        assert row.capacity(100) == 1


async def test_the_chart_zooms_about_its_cursor_and_pans_within_the_data() -> None:
    chart = Chart()
    app = Stage(chart)
    async with app.run_test(size=(80, 24)) as pilot:
        chart.set_series([Series(np.arange(1001), np.arange(1001.0), "loss")])
        await pilot.pause()
        chart.cursor = 500.0
        chart.zoom(2)
        assert chart.x_range == (250.0, 750.0)
        chart.pan(0.1)
        assert chart.x_range == (300.0, 800.0)
        chart.pan(5)
        assert chart.x_range == (500.0, 1000.0)
        chart.zoom(0.25)
        assert chart.x_range is None
        chart.reset_view()
        assert chart.cursor is None
        await pilot.pause()
        assert app.cursors == [None]


async def test_the_cursor_moves_by_columns_and_stays_on_the_plot() -> None:
    chart = Chart()
    async with Stage(chart).run_test(size=(80, 24)) as pilot:
        chart.set_series([Series(np.arange(1001), np.arange(1001.0), "loss")])
        await pilot.pause()
        chart.move_cursor(-1)
        assert chart.cursor == 1000
        chart.move_cursor(-10)
        plot = chart.frame()
        assert chart.cursor is not None
        assert plot.column_of(chart.cursor) == plot.left + plot.columns - 11
        chart.move_cursor(-1000)
        assert chart.cursor == 0
        await pilot.pause()
        assert "step 0" in lines(chart.cells())[0]


async def test_the_mouse_reads_out_and_zooms() -> None:
    chart = Chart()
    app = Stage(chart)
    async with app.run_test(size=(80, 24)) as pilot:
        chart.set_series([Series(np.arange(1001), np.arange(1001.0), "loss")])
        await pilot.pause()
        await pilot.hover(chart, offset=(40, 10))
        await pilot.pause()
        assert chart.cursor == pytest.approx(chart.frame().x_at(40))
        assert app.cursors


async def test_log_y_and_title_are_drawn_at_once() -> None:
    chart = Chart()
    async with Stage(chart).run_test(size=(80, 24)) as pilot:
        chart.set_series([Series(np.arange(100), 10.0 ** (-np.arange(100) / 20), "loss")])
        chart.title, chart.log_y = "all [/runs]", True
        await pilot.pause()
        drawn = lines(chart.cells())
        assert drawn[0].startswith("all [/runs]")
        assert any(line.lstrip().startswith("0.001") for line in drawn)


def test_exact_colours_stay_exact() -> None:
    assert rich_colour(1 << 24 | 0x010203) is not None
    assert components(1 << 24 | 0x010203) == (1, 2, 3)
