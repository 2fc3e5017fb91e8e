"""The app itself on terminals: what moves leaves as changes, and dialogs, lines and leaving get along with it."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from textual.pilot import Pilot

from aetui.app import AetuiApp
from aetui.follow.sources import Sources
from aetui.paint.look import FULL_GRAYS
from aetui.settings import Settings
from aetui.terminal.delta import REST_S, DeltaPainter
from aetui.terminal.pacing import Pacer
from aetui.views.deck import DeckView
from aetui.widgets.picture import Picture
from aetui.widgets.picture_row import PictureRow
from bench.emulated import CURSOR_QUERY, Emulator, colours, on, wrong_cells
from bench.machine import environment
from bench.slow_link import SlowTerminal, Wire
from bench.tui import AETUI
from trainer.runs.folder import RunFolder
from trainer.runs.status import read_status, write_status

MakeRun = Callable[..., RunFolder]
Until = Callable[..., Awaitable[None]]
Script = Callable[[Pilot[Any], "Heard"], Awaitable[None]]


PICTURES, STATUS = set(range(13, 23)), 23
"""Their rows on a terminal of 24."""


class Heard(Emulator):
    """A terminal that remembers what was written, write by write."""

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__(columns, rows)
        self.heard: list[str] = []

    def feed(self, data: str) -> None:
        self.heard.append(data)
        super().feed(data)

    def frames(self) -> list[str]:
        """The painter's writes."""
        return [text for text in self.heard if CURSOR_QUERY in text]

    def repaints(self) -> list[str]:
        """Textual's."""
        return [text for text in self.heard if CURSOR_QUERY not in text]


def rows(texts: list[str]) -> set[int]:
    """Where something was put; the last place is where the cursor is left."""
    return {int(row) for text in texts for row in re.findall(r"\x1b\[(\d+);\d+H(?!\Z)", text)}


def ui(pilot: Pilot[Any]) -> AetuiApp:
    return cast(AetuiApp, pilot.app)


def painter(pilot: Pilot[Any]) -> DeltaPainter:
    found = ui(pilot).painter
    assert found is not None
    return found


async def still(pilot: Pilot[Any], terminal: Heard) -> None:
    """Until nothing has been written for a while, and nothing is to be."""
    quiet, before = 0, -1
    while quiet < 6:
        await asyncio.sleep(0.04)
        busy = terminal.written != before or painter(pilot).waiting or painter(pilot).moving
        quiet, before = 0 if busy else quiet + 1, terminal.written


@pytest.fixture
def deck(make_run: MakeRun, runs_dir: Path, until: Until) -> Callable[[Script], None]:
    """Runs a script on the interpolation deck at 80 x 24, which plays."""

    def run(script: Script) -> None:
        make_run("a-run", variant="variational", live=True)
        terminal = Heard(80, 24)

        async def whole(pilot: Pilot[Any]) -> None:
            await until(pilot, lambda: ui(pilot).entries)
            await pilot.press("4")
            await until(pilot, lambda: pilot.app.screen.query(DeckView) and pilot.app.screen.query_one(DeckView).ways)
            await still(pilot, terminal)
            await pilot.press("space")
            await asyncio.sleep(0.2)
            terminal.heard.clear()
            await script(pilot, terminal)

        with colours():
            settings = Settings(save_dir=str(runs_dir.parent))
            app = AetuiApp(Sources(runs_dir=runs_dir, folders=(runs_dir,)), provider="cpu", settings=settings)
            on(terminal, app, whole, limit_s=60)

    return run


async def pause(pilot: Pilot[Any], terminal: Heard) -> None:
    await pilot.press("space")
    await still(pilot, terminal)


def test_what_moves_leaves_as_changes_and_textual_repaints_the_status_alone(
    deck: Callable[[Script], None], until: Until
) -> None:
    async def script(pilot: Pilot[Any], terminal: Heard) -> None:
        await until(pilot, lambda: len(terminal.frames()) > 10 and len(rows(terminal.frames()) & PICTURES) > 4)
        assert rows(terminal.repaints()) <= {STATUS}
        pilot.app.notify("a toast over the pictures\n" * 4, timeout=60)
        await asyncio.sleep(0.3)
        terminal.heard.clear()
        await until(pilot, lambda: len(terminal.frames()) > 3)
        assert rows(terminal.repaints()) <= {19, 20, 21, 22, STATUS}  # where the toast is
        await pause(pilot, terminal)
        await until(pilot, lambda: not wrong_cells(pilot.app, terminal))

    deck(script)


def test_nothing_changes_below_a_dialog_and_all_of_it_goes_on_after_it(
    deck: Callable[[Script], None], runs_dir: Path, until: Until
) -> None:
    async def script(pilot: Pilot[Any], terminal: Heard) -> None:
        run = RunFolder(runs_dir / "a-run")
        status = read_status(run)
        assert status is not None
        for key, step in (("question_mark", 77), ("ctrl+p", 88)):
            await pilot.press(key)
            await asyncio.sleep(0.2)
            await still(pilot, terminal)
            assert len(pilot.app.screen_stack) == 2
            await until(pilot, lambda: not wrong_cells(pilot.app, terminal))
            terminal.heard.clear()
            write_status(run, replace(status, step=step))
            await until(pilot, lambda step=step: ui(pilot).entries[0].step == step)
            await asyncio.sleep(0.3)
            assert rows(terminal.heard) <= {5, 6, 7}  # the line of the palette, whose cursor blinks
            await pilot.press("escape")
            terminal.heard.clear()
            await until(pilot, lambda: len(terminal.frames()) > 3)
            await until(pilot, lambda step=step: f"step {step}/100" in terminal.screen.display[STATUS - 1])
        await pause(pilot, terminal)
        await until(pilot, lambda: not wrong_cells(pilot.app, terminal))

    deck(script)


class Coarse(Pacer):
    """A link that takes seven grays while something moves."""

    @property
    def grays(self) -> int:
        return 7


def test_at_rest_every_picture_has_all_its_grays(deck: Callable[[Script], None]) -> None:
    async def script(pilot: Pilot[Any], terminal: Heard) -> None:
        def full() -> list[bool]:
            views = [*pilot.app.screen.query(Picture), *pilot.app.screen.query(PictureRow)]
            shown = [view for view in views if view.size.width and view.is_on_screen]
            return [np.array_equal(view.cells().background, view.paint(*view.size).background) for view in shown]

        painter(pilot).pacer = Coarse()
        await asyncio.sleep(0.5)
        assert not all(full())
        await pilot.press("space")
        await asyncio.sleep(REST_S)
        await still(pilot, terminal)
        assert len(full()) >= 4
        assert all(full())
        assert ui(pilot).look.grays == FULL_GRAYS
        assert not wrong_cells(pilot.app, terminal)

    deck(script)


def test_answers_that_come_late_are_typed_neither_into_a_line_nor_into_the_shell(
    make_run: MakeRun, runs_dir: Path, tmp_path: Path
) -> None:
    make_run("a-run", variant="variational", live=True)
    aetui = shlex.join([*AETUI, "--provider", "cpu", "--runs-dir", str(runs_dir)])
    shell = ["sh", "-c", f"{aetui}; echo left $?; sleep 0.7; echo over"]
    link = Wire(bytes_per_s=None, round_trip_s=0.4)
    with SlowTerminal(shell, tmp_path, (80, 24), link, environment()) as terminal:
        terminal.wait_for("a-run")
        terminal.press(b"4")
        terminal.wait_for("paused")
        terminal.press(b" ")
        terminal.wait_for("fps")
        terminal.press(b"\x10")
        for key in (b"x", b"y", b"z"):
            terminal.read_for(0.15)
            terminal.press(key)
        for _, data in terminal.read_for(1.0):
            terminal.feed(data)
        assert any(line.split()[-1:] == ["xyz"] for line in terminal.screen.display)
        terminal.press(b"\x1b")
        terminal.wait_for("fps")
        terminal.press(b"q")
        came = b""
        for _ in range(100):
            came += b"".join(data for _, data in terminal.read_for(0.1))
            if b"over" in came:
                break
    assert b"left 0" in came
    assert b"over" in came
    assert b"^[" not in came
