"""The delta painter on a terminal in memory: what it sends, when, and that Textual's repaints fit with it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from aetui.paint.colours import GRAYS
from aetui.settings import Settings
from aetui.shell import Shell
from aetui.terminal.delta import REST_S
from aetui.terminal.pacing import Pacer
from aetui.widgets.picture import Picture
from bench.emulated import Emulator, colours, on, wrong_cells

REPORT = "\x1b[6n"
SYNC = "\x1b[?2026h", "\x1b[?2026l"
Script = Callable[[Pilot[Any], "Heard"], Awaitable[None]]


class Heard(Emulator):
    """A terminal that remembers what was written, write by write."""

    def __init__(self, columns: int, rows: int, **more: bool) -> None:
        super().__init__(columns, rows, **more)
        self.heard: list[str] = []

    def feed(self, data: str) -> None:
        self.heard.append(data)
        super().feed(data)


class Two(Shell):
    """Two pictures and a line to type in."""

    AUTO_FOCUS = None  # a cursor that blinks would write as well
    CSS = "Two Picture { width: 20; height: 8; }"

    def __init__(self) -> None:
        super().__init__(Settings(), "half", None, True)

    def on_mount(self) -> None:
        self.start_painter()

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Picture(id="one")
            yield Picture(id="two")
        yield Input(id="line")


class Over(ModalScreen[None]):
    def compose(self) -> ComposeResult:
        yield Static("something else")


def run(script: Script, emulator: Heard | None = None) -> None:
    """An app with two pictures that are drawn, then ``script``."""
    terminal = emulator or Heard(60, 20)

    async def whole(pilot: Pilot[Any]) -> None:
        await pilot.pause(0.05)
        show(pilot, "one", noise(0))
        show(pilot, "two", noise(1))
        await still(pilot, terminal)
        terminal.heard.clear()
        await script(pilot, terminal)

    with colours():
        on(terminal, Two(), whole, limit_s=60)


def noise(seed: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.random.default_rng(seed).random((16, 16), np.float32)


def show(pilot: Pilot[Any], name: str, image: np.ndarray[Any, np.dtype[np.float32]]) -> None:
    pilot.app.query_one(f"#{name}", Picture).show_image(image)


async def still(pilot: Pilot[Any], terminal: Heard) -> None:
    """Until nothing has been written for a moment and nothing is to be."""
    quiet, before = 0, -1
    while quiet < 4:
        await asyncio.sleep(0.02)
        painter = pilot.app.painter
        busy = terminal.written != before or (painter is not None and painter.waiting)
        quiet, before = 0 if busy else quiet + 1, terminal.written


def frames(terminal: Heard) -> list[str]:
    """The writes that asked for a report."""
    return [text for text in terminal.heard if REPORT in text]


def test_all_views_of_a_frame_leave_in_one_write_in_synchronized_output() -> None:
    async def script(pilot: Pilot[Any], terminal: Heard) -> None:
        show(pilot, "one", noise(2))
        show(pilot, "two", noise(3))
        await still(pilot, terminal)
        assert len(terminal.heard) == 1
        frame = terminal.heard[0]
        assert frame.startswith(SYNC[0])
        assert frame.endswith(SYNC[1])
        assert frame.count(REPORT) == 1
        assert not wrong_cells(pilot.app, terminal)

    run(script)


def test_a_terminal_without_synchronized_output_is_not_asked_for_it() -> None:
    async def script(pilot: Pilot[Any], terminal: Heard) -> None:
        show(pilot, "one", noise(2))
        await still(pilot, terminal)
        assert len(terminal.heard) == 1
        assert "2026" not in terminal.heard[0]

    run(script, Heard(60, 20, synchronized=False))


def test_one_pixel_is_one_cell() -> None:
    async def script(pilot: Pilot[Any], terminal: Heard) -> None:
        image = noise(0)
        image[5, 7] = 1 - image[5, 7]
        show(pilot, "one", image)
        await still(pilot, terminal)
        (frame,) = terminal.heard
        assert len(re.findall("[▀▄█ ]", frame)) == 1
        show(pilot, "one", image)  # nothing changed: nothing is sent
        await still(pilot, terminal)
        assert len(terminal.heard) == 1

    run(script)


def test_the_cursor_is_never_asked_for_in_the_first_row() -> None:
    """``ESC [ 1 ; 2 R`` is Shift-F3."""

    async def script(pilot: Pilot[Any], terminal: Heard) -> None:
        for seed in range(2, 40):
            show(pilot, "one", noise(seed))
            await asyncio.sleep(0.02)
        await still(pilot, terminal)
        asked = [int(row) for frame in frames(terminal) for row in re.findall(r"\x1b\[(\d+)H\x1b\[6n", frame)]
        assert len(asked) == len(frames(terminal)) > 10
        assert min(asked) >= 2
        assert max(asked) <= 20

    run(script)


def test_reports_never_reach_a_line_that_is_typed_into() -> None:
    async def script(pilot: Pilot[Any], terminal: Heard) -> None:
        line = pilot.app.query_one(Input)
        line.focus()
        await pilot.pause()
        for seed in range(2, 30):
            show(pilot, "two", noise(seed))
            terminal.type("ab"[seed % 2])
            await asyncio.sleep(0.02)
        await still(pilot, terminal)
        assert len(frames(terminal)) > 10
        assert line.value == "ab" * 14

    run(script)


def test_a_report_that_nobody_asked_for_changes_nothing() -> None:
    async def script(pilot: Pilot[Any], terminal: Heard) -> None:
        line = pilot.app.query_one(Input)
        line.focus()
        terminal.type("\x1b[7;1R\x1b[1;2R\x1b[9;9R")
        await still(pilot, terminal)
        assert line.value == ""
        show(pilot, "one", noise(2))
        await still(pilot, terminal)
        assert not wrong_cells(pilot.app, terminal)

    run(script)


@pytest.mark.parametrize("closes", [False, True])
def test_below_a_dialog_textual_repaints(closes: bool) -> None:
    async def script(pilot: Pilot[Any], terminal: Heard) -> None:
        picture = pilot.app.query_one("#one", Picture)
        await pilot.app.push_screen(Over())
        await still(pilot, terminal)
        terminal.heard.clear()
        picture.show_image(noise(2))
        await still(pilot, terminal)
        assert not wrong_cells(pilot.app, terminal)
        # Textual repaints, and then a report is asked for as well.
        assert all(len(frame) < 60 for frame in frames(terminal))
        if closes:
            await pilot.app.pop_screen()
            await still(pilot, terminal)
            assert not wrong_cells(pilot.app, terminal)
            terminal.heard.clear()
            picture.show_image(noise(3))
            await still(pilot, terminal)
            assert len(terminal.heard) == len(frames(terminal)) == 1
            assert not wrong_cells(pilot.app, terminal)

    run(script)


def test_what_a_toast_covers_is_not_painted_over() -> None:
    async def script(pilot: Pilot[Any], terminal: Heard) -> None:
        pilot.app.notify("a toast over the pictures\n" * 3, timeout=60)
        await still(pilot, terminal)
        terminal.heard.clear()
        for seed in (2, 3):
            show(pilot, "one", noise(seed))
            show(pilot, "two", noise(seed + 9))
            await still(pilot, terminal)
            assert not wrong_cells(pilot.app, terminal)
        assert len(terminal.heard) == len(frames(terminal)) == 2  # what can be seen of them still goes as changes
        pilot.app.clear_notifications()
        await still(pilot, terminal)
        assert not wrong_cells(pilot.app, terminal)

    run(script, Heard(44, 12))


class Coarse(Pacer):
    """A link that takes seven grays."""

    @property
    def grays(self) -> int:
        return 7


def test_what_moves_on_a_slow_link_has_few_grays_and_all_of_them_at_rest() -> None:
    async def script(pilot: Pilot[Any], terminal: Heard) -> None:
        painter = pilot.app.painter
        assert painter is not None
        painter.pacer = Coarse()
        picture = pilot.app.query_one("#one", Picture)
        picture.show_image(noise(2))
        await asyncio.sleep(0.1)
        drawn = picture.cells()
        seen = set(drawn.foreground.ravel().tolist()) | set(drawn.background.ravel().tolist())
        assert len(seen & set(GRAYS.tolist())) == 7
        await asyncio.sleep(REST_S)
        await still(pilot, terminal)
        drawn = picture.cells()
        seen = set(drawn.foreground.ravel().tolist()) | set(drawn.background.ravel().tolist())
        assert len(seen & set(GRAYS.tolist())) > 20
        assert not wrong_cells(pilot.app, terminal)
        before = terminal.written
        await asyncio.sleep(2 * REST_S)
        assert terminal.written == before  # and then there is peace

    run(script)


class Tight(Pacer):
    """A link that takes the cells of one picture at a time."""

    @property
    def budget(self) -> int | None:
        return 100


def test_where_not_all_views_fit_into_a_frame_they_take_turns() -> None:
    async def script(pilot: Pilot[Any], terminal: Heard) -> None:
        painter = pilot.app.painter
        assert painter is not None
        painter.pacer = Tight()
        for seed in range(2, 12):
            show(pilot, "one", noise(seed))
            show(pilot, "two", noise(seed + 50))
            await asyncio.sleep(0.05)
        await still(pilot, terminal)
        places = [{int(column) > 20 for column in re.findall(r";(\d+)H", frame)[:-1]} for frame in frames(terminal)]
        assert all(len(place) == 1 for place in places)  # the last one is where the cursor is put back
        left = [place == {False} for place in places]
        assert abs(2 * sum(left) - len(left)) <= 2
        assert not wrong_cells(pilot.app, terminal)

    run(script)


class Slow(Heard):
    """Keeps its answers until ``tell``."""

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__(columns, rows)
        self.kept: list[str] | None = None

    def _answer(self, data: str) -> None:
        if self.kept is None:
            super()._answer(data)
        else:
            self.kept.append(data)

    def tell(self) -> None:
        kept, self.kept = self.kept or [], None
        for data in kept:
            self._answer(data)


class Patient(Pacer):
    """Waits for every answer as long as it takes, and then a little more."""

    def wait_s(self, now: float) -> float:
        return 3600.0 if self.unanswered else max(0.0, self._last_sent + 0.5 - now)


def test_the_frame_after_an_answer_leaves_when_it_is_due_and_no_later() -> None:
    terminal = Slow(60, 20)

    async def script(pilot: Pilot[Any], _: Heard) -> None:
        painter = pilot.app.painter
        assert painter is not None
        painter.pacer = Patient()
        terminal.kept = []
        show(pilot, "one", noise(2))
        while not terminal.kept:
            await asyncio.sleep(0.001)
        show(pilot, "one", noise(3))
        terminal.tell()
        await still(pilot, terminal)
        assert not wrong_cells(pilot.app, terminal)

    run(script, terminal)


def test_a_terminal_that_never_answers_gets_frames_all_the_same() -> None:
    async def script(pilot: Pilot[Any], terminal: Heard) -> None:
        begun, sent = time.monotonic(), 0
        while time.monotonic() - begun < 3.0:
            sent += 1
            show(pilot, "one", noise(sent))
            await asyncio.sleep(0.02)
        count = len([text for text in terminal.heard if "▀" in text or "▄" in text])
        assert 10 < count < 50  # 15 a second, after the first second
        painter = pilot.app.painter
        assert painter is not None
        assert not painter.pacer.meter(time.monotonic()).answers

    run(script, Heard(60, 20, answers=False))


def test_without_a_terminal_the_lines_are_refreshed() -> None:
    async def headless() -> None:
        app = Two()
        async with app.run_test(size=(60, 20)) as pilot:
            await pilot.pause()
            assert app.painter is not None
            picture = app.query_one("#one", Picture)
            assert not app.painter.want(picture)
            picture.show_image(noise(2))
            assert not app.painter.waiting
            drawn = picture.cells()
            assert len(np.unique(drawn.background)) > 10

    with colours():
        asyncio.run(headless())
