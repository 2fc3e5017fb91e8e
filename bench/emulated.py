"""An app of this process on a terminal in memory: what an emulator makes of its output, beside what it was to show.

``Emulator(columns, rows)`` is the terminal, ``on(emulator, app, script)`` runs an app on it, ``wrong_cells(app,
emulator)`` compares. Cells are compared as they look: ``▀`` in white on black is ``▄`` in black on white.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import pyte
import pyte.graphics
from pyte.screens import Char
from rich.cells import get_character_cell_size
from rich.color import Color, ColorSystem, ColorType
from rich.style import Style
from textual import events
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.geometry import Size
from textual.message import Message
from textual.pilot import Pilot

Cell = tuple[str, str, str, tuple[bool, ...]]
"""Character, its colour, the colour below it (of a block: "", the upper half, the lower half), and how it is set."""

Size2 = tuple[int, int]

CURSOR_QUERY = "\x1b[6n"
SYNC_QUERY, SYNC_ANSWER = "\x1b[?2026$p", "\x1b[?2026;2$y"

_DEFAULT_INK, _DEFAULT_PAPER = "ink", "paper"
_PLAIN = (False, False, False, False)
_NAMES = {
    **{name: pyte.graphics.FG_BG_256[code - 30] for code, name in pyte.graphics.FG_ANSI.items() if code != 39},
    **{name: pyte.graphics.FG_BG_256[code - 82] for code, name in pyte.graphics.FG_AIXTERM.items()},
    **{name: pyte.graphics.FG_BG_256[code - 40] for code, name in pyte.graphics.BG_ANSI.items() if code != 49},
    **{name: pyte.graphics.FG_BG_256[code - 92] for code, name in pyte.graphics.BG_AIXTERM.items()},
}
"""The emulator's names of the first 16 colours."""


class _Screen(pyte.Screen):
    def __init__(self, columns: int, rows: int, answer: Callable[[str], None]) -> None:
        super().__init__(columns, rows)
        self._answer = answer

    def write_process_input(self, data: str) -> None:
        self._answer(data)

    def draw(self, data: str) -> None:
        """Half of a wide character does not stay when its other half is written over (the emulator's own would)."""
        line = self.buffer[self.cursor.y]
        if all(cell.data for cell in line.values()):
            super().draw(data)
            return
        for character in data:
            at, wide = self.cursor.x, get_character_cell_size(character)
            for place, other in ((at, at - 1), (at + wide, at + wide)):
                if line[place].data == "":
                    line[other] = line[other]._replace(data=" ")
            super().draw(character)


class Emulator:
    """A terminal of columns × rows.

    answers: False: it never says anything. synchronized: it knows synchronized output and says so.
    """

    def __init__(self, columns: int, rows: int, *, answers: bool = True, synchronized: bool = True) -> None:
        self.screen = _Screen(columns, rows, self._answer)
        self.written = 0
        """Bytes that came."""
        self.asked = 0
        """How often it was asked where its cursor is."""
        self._answers, self._synchronized = answers, synchronized
        self._stream = pyte.Stream(self.screen)
        self._driver: MemoryDriver | None = None

    @property
    def size(self) -> Size2:
        return self.screen.columns, self.screen.lines

    def attach(self, driver: MemoryDriver) -> None:
        """The driver that its answers and keys go to."""
        self._driver = driver

    def feed(self, data: str) -> None:
        """Show it, and answer what it asks."""
        self.written += len(data.encode())
        self.asked += data.count(CURSOR_QUERY)
        self._stream.feed(data.replace(SYNC_QUERY, ""))
        if SYNC_QUERY in data and self._synchronized:
            self._answer(SYNC_ANSWER)

    def type(self, data: str) -> None:
        """The bytes of keys, as a terminal sends them."""
        if self._driver is not None:
            self._driver.read(data)

    def resize(self, columns: int, rows: int) -> None:
        """Its window has another size; the app hears of it."""
        self.screen.resize(rows, columns)
        if self._driver is not None:
            self._driver.tell_size()

    def rows(self) -> list[list[Cell]]:
        """What it shows."""
        columns, rows = self.size
        return [[_shown(self.screen.buffer[row][column]) for column in range(columns)] for row in range(rows)]

    def _answer(self, data: str) -> None:
        if self._answers:
            self.type(data)


class MemoryDriver(Driver):
    """Textual's driver of an ``Emulator``: made for an app by ``on``."""

    emulator: Emulator

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self.listeners: list[Callable[[str], None]] = list(getattr(app, "listeners", ()))
        self._reported: Callable[[int, int], None] | None = None

    def write(self, data: str) -> None:
        for listener in self.listeners:
            listener(data)
        self.emulator.feed(data)

    def start_application_mode(self) -> None:
        self._parser = XTermParser(False)
        self.emulator.attach(self)
        self.write(f"\x1b[?1049h\x1b[?25l\x1b[?7l{SYNC_QUERY}")
        self.tell_size()

    def read(self, data: str) -> None:
        """What the terminal sends: keys and answers, one after the other, never while the app is writing."""
        self._loop.call_soon(self._parse, data)

    def _parse(self, data: str) -> None:
        for message in [*self._parser.feed(data), *self._parser.tick()]:
            self.process_message(message)

    def on_input(self, begins: Callable[[], None], ends: Callable[[], None]) -> None:
        """It is always read."""

    def on_report(self, reported: Callable[[int, int], None]) -> None:
        self._reported = reported

    def process_message(self, message: Message) -> None:
        if isinstance(message, events.CursorPosition) and self._reported is not None:
            self._reported(message.x, message.y)
        else:
            super().process_message(message)

    def tell_size(self) -> None:
        size = Size(*self.emulator.size)
        self.send_message(events.Resize(size, size))

    def disable_input(self) -> None:
        """There is no thread that reads."""

    def stop_application_mode(self) -> None:
        self.write("\x1b[?1049l\x1b[?25h")


def on(
    emulator: Emulator, app: App[Any], script: Callable[[Pilot[Any]], Awaitable[None]], *, limit_s: float = 600.0
) -> None:
    """Run ``app`` on ``emulator``, do what ``script`` does and leave; what fails in there is raised."""

    class Mine(MemoryDriver):
        pass

    Mine.emulator = emulator
    app.driver_class = Mine

    async def scripted(pilot: Pilot[Any]) -> None:
        try:
            await asyncio.wait_for(script(pilot), limit_s)
        finally:
            app.exit(0)

    asyncio.run(app.run_async(size=emulator.size, auto_pilot=scripted))
    if app._exception is not None:
        raise app._exception


@contextmanager
def colours(term: str = "xterm-256color", **more: str) -> Iterator[None]:
    """The environment of a terminal for apps that are made within: 256 colours, whatever this process runs on."""
    ours = ("TERM", "COLORTERM", "NO_COLOR", "TEXTUAL_COLOR_SYSTEM", "TMUX")
    before = {name: os.environ.pop(name) for name in ours if name in os.environ}
    os.environ.update({"TERM": term, **more})
    try:
        yield
    finally:
        for name in ("TERM", *more):
            os.environ.pop(name, None)
        os.environ.update(before)


def wrong_cells(app: App[Any], emulator: Emulator) -> list[tuple[int, int]]:
    """(row, column) of every cell that is not what Textual's compositor would show."""
    found, wanted = emulator.rows(), meant(app)
    if [len(row) for row in found] != [len(row) for row in wanted]:
        return [(row, column) for row, cells in enumerate(found) for column in range(len(cells))]
    return [
        (row, column)
        for row, (ours, theirs) in enumerate(zip(found, wanted, strict=True))
        if ours != theirs
        for column, (one, other) in enumerate(zip(ours, theirs, strict=True))
        if one != other
    ]


def meant(app: App[Any]) -> list[list[Cell]]:
    """What Textual's compositor makes of the app now, drawn anew."""
    system = _SYSTEMS.get(app.console.color_system or "")
    rows: list[list[Cell]] = []
    for strip in app.screen._compositor.render_strips():
        cells: list[Cell] = []
        for segment in strip:
            for character in segment.text:
                cells.append(_styled(character, segment.style, system))
                if get_character_cell_size(character) == 2:
                    cells.append(_styled("", segment.style, system))
        rows.append(cells)
    return rows


_SYSTEMS = {
    "standard": ColorSystem.STANDARD,
    "256": ColorSystem.EIGHT_BIT,
    "truecolor": ColorSystem.TRUECOLOR,
}


@lru_cache(1 << 16)
def _shown(char: Char) -> Cell:
    """A cell of the emulator."""
    ink = _DEFAULT_INK if char.fg == "default" else _NAMES.get(char.fg, char.fg)
    paper = _DEFAULT_PAPER if char.bg == "default" else _NAMES.get(char.bg, char.bg)
    if char.reverse:
        ink, paper = paper, ink
    return _looks(char.data, ink, paper, (char.bold, char.italics, char.underscore, char.strikethrough))


@lru_cache(1 << 16)
def _styled(character: str, style: Style | None, system: ColorSystem | None) -> Cell:
    """A cell of a strip, on a terminal with so many colours."""
    style = style or Style.null()
    ink = _hex(style.color, system) or _DEFAULT_INK
    paper = _hex(style.bgcolor, system) or _DEFAULT_PAPER
    if style.reverse:
        ink, paper = paper, ink
    setting = (style.bold, style.italic, style.underline, style.strike)
    return _looks(character, ink, paper, tuple(map(bool, setting)))


def _hex(colour: Color | None, system: ColorSystem | None) -> str | None:
    """None: the terminal's own."""
    if colour is None or system is None:
        return None
    sent = colour.downgrade(system)
    if sent.type == ColorType.DEFAULT:
        return None
    if sent.triplet is not None and sent.type == ColorType.TRUECOLOR:
        return sent.triplet.hex[1:]
    return pyte.graphics.FG_BG_256[sent.number or 0]


def _looks(character: str, ink: str, paper: str, setting: tuple[bool, ...]) -> Cell:
    bold, italic, underlined, struck = setting
    if character == "▀":
        return "", ink, paper, _PLAIN
    if character == "▄":
        return "", paper, ink, _PLAIN
    if character == "█":
        return "", ink, ink, _PLAIN
    if character == " " and not (underlined or struck):
        return "", paper, paper, _PLAIN
    return character, ink, paper, (bold, italic, underlined, struck)
