"""The app of ``bench.random_walk``: everything that pictures may be beside, below, behind and within."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Grid, VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Static

from aetui.paint.cells import Cells, blank, put
from aetui.paint.look import FULL_GRAYS
from aetui.settings import Settings
from aetui.shell import Shell
from aetui.terminal.delta import DeltaPainter
from aetui.terminal.pacing import Pacer
from aetui.widgets.cells_view import CellsView
from aetui.widgets.picture import Picture


class Words(CellsView):
    """Cells with text among them: coloured words, wide characters, block characters of every kind."""

    words: tuple[tuple[str, int, int], ...] = ()

    def paint(self, columns: int, rows: int) -> Cells:
        cells = blank(rows, columns)
        for place, (text, foreground, background) in enumerate(self.words):
            put(cells, place % max(1, rows), place * 5 % max(1, columns), text, foreground, background)
        return cells


class Album(Screen[None]):
    """Pictures that can be scrolled, beside a text; something may lie on top of them."""

    DEFAULT_CSS = """
    Album { layers: below above; }
    Album VerticalScroll { width: 1fr; }
    Album Picture { width: 16; height: 8; margin: 0 1; }
    Album #cover { layer: above; width: 20; height: 3; background: $panel; offset: 4 2; display: none; }
    Album Grid { grid-size: 2; grid-gutter: 1; width: 2fr; }
    Album Grid Picture { width: 1fr; height: 1fr; margin: 0; }
    Album Words { height: 4; }
    """

    def compose(self) -> ComposeResult:
        yield Static("nothing yet", id="text")
        with Grid():
            for _ in range(4):
                yield Picture()
        with VerticalScroll():
            for _ in range(4):
                yield Picture()
        yield Words()
        yield Static("on top of it", id="cover")


class Wall(Screen[None]):
    """Pictures alone, edge to edge."""

    DEFAULT_CSS = """
    Wall { layout: grid; grid-size: 3; }
    Wall Picture.framed { border: round $accent; }
    """

    def compose(self) -> ComposeResult:
        for place in range(6):
            yield Picture(classes="framed" if place == 2 else None)


class Dialog(ModalScreen[None]):
    """Lies on the screen; it has a picture of its own."""

    DEFAULT_CSS = """
    Dialog { align: center middle; }
    Dialog Picture { width: 20; height: 8; border: solid $accent; background: $surface; }
    Dialog Input { width: 20; }
    """

    def compose(self) -> ComposeResult:
        yield Picture()
        line = Input(select_on_focus=False)
        line.cursor_blink = False
        yield line


class AnyPace(Pacer):
    """Lets frames go at once, in as many grays and of as many bytes as the walk wishes."""

    wished_grays = FULL_GRAYS
    wished_budget: int | None = None

    def __init__(self) -> None:
        super().__init__(most_per_s=1000.0)

    @property
    def grays(self) -> int:
        return self.wished_grays

    @property
    def budget(self) -> int | None:
        return self.wished_budget


class Walker(Shell):
    """What is walked through."""

    SCREENS: ClassVar[dict[str, Callable[[], Screen[Any]]]] = {"album": Album, "wall": Wall}
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, *, delta: bool) -> None:
        super().__init__(Settings(), "half", None, True)
        self.animation_level = "none"
        self._delta = delta
        self.pace = AnyPace()

    def on_mount(self) -> None:
        if self._delta:
            self.painter = DeltaPainter(self, self.pace)
        self.push_screen("album")
