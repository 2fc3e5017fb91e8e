"""Pictures that move, in an app of the product's shell: what ``bench.link`` measures, with either painter.

``python -m bench.moving_app --images FILE.npy``: an array [2, count, height, width] in [0, 1]; every picture fades from
its first image to its second and back. ``k`` counts up a text, ``g`` draws one cycle step by step, ``q`` leaves.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

# As ``aetui`` sets them, before Textual is imported.
os.environ.setdefault("TEXTUAL_FPS", "120")
os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")

import numpy as np
import numpy.typing as npt
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid
from textual.timer import Timer
from textual.widgets import Static

from aetui.settings import Settings
from aetui.shell import Shell
from aetui.terminal import driver
from aetui.terminal.capabilities import RENDERS
from aetui.widgets.picture import Picture

STEPS = 120
"""Of a cycle, there and back: 4 s at 30 frames/s."""
CYCLE_S = 4.0
CYCLE_PER_S = 40.0
"""At most so many steps a second are drawn at ``g``: both painters wait for the next as they would in use."""

PAINTERS = ("full", "line", "delta")
"""full: every picture is refreshed as a whole, as most apps do; line: the rows that changed; delta: the cells."""
BEGIN, END = b"\x1b]2;begin\a", b"\x1b]2;end\a"
"""Titles of the terminal that are set before and after the cycle that ``g`` draws."""
WARM_UP = 30
"""Steps before it."""
READY = "press k"
"""What stands on the screen once it is there."""


def blend(images: npt.NDArray[np.float32], at: float) -> npt.NDArray[np.float32]:
    """images: [2, ...]. at: in cycles; at n + ½ the second image."""
    way = 1 - abs(1 - 2 * (at % 1.0))
    return np.asarray((1 - way) * images[0] + way * images[1], np.float32)


def marker(count: int) -> str:
    """The text after so many keys; nothing else on the screen looks like it."""
    return f"key-{count:04d}!"


class Moving(Shell):
    """Pictures in a grid, and a line of text below.

    cells: columns and rows of each. per_s: wanted frames/s, 0: none by themselves. report: where ``g`` leaves what its
    cycle took, as JSON. numbered: the first picture says which frame it is.
    """

    CSS = """
    Grid { grid-gutter: 0; }
    #text { height: 1; dock: bottom; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("k", "count"), ("g", "cycle"), ("q", "quit")]

    def __init__(
        self,
        images: npt.NDArray[np.float32],
        *,
        across: int,
        cells: tuple[int, int],
        painter: str,
        render: str,
        per_s: float,
        kb_per_s: int,
        report: Path | None,
        numbered: bool,
    ) -> None:
        super().__init__(Settings(kb_per_s=kb_per_s), render, None, True)
        self._images, self._across, self._cells = images, across, cells
        self._delta, self._full = painter == "delta", painter == "full"
        self._per_s, self._report = per_s, report
        self._pictures: list[Picture] = []
        self._keys = self._ticks = 0
        self._numbered = numbered
        self._steps: Iterator[int] | None = None
        self._drawn = self._drawn_before = self._late = 0
        self._due = 0.0
        self._began = (0.0, 0.0)
        self._watch: Timer | None = None

    def compose(self) -> ComposeResult:
        self._pictures = [Picture() for _ in range(self._images.shape[1])]
        with Grid() as grid:
            yield from self._pictures
        grid.styles.grid_size_columns = self._across
        for picture in self._pictures:
            picture.styles.width, picture.styles.height = self._cells
        yield Static(READY, id="text")

    def on_mount(self) -> None:
        if self._delta:
            self.start_painter()
            if self.painter is not None:
                self.painter.on_frame = self._sent
        self.show(0.0)
        gc.collect()
        gc.freeze()
        if self._per_s:
            self.set_interval(1 / self._per_s, self._tick)

    def post_display_hook(self) -> None:
        super().post_display_hook()
        if not self._delta:
            self._sent()

    def show(self, at: float) -> None:
        """at: in cycles."""
        for picture, image in zip(self._pictures, blend(self._images, at), strict=True):
            picture.show_image(image, f"frame {self._ticks}" if self._numbered and picture is self._pictures[0] else "")
            if self._full:
                picture.refresh()

    def _tick(self) -> None:
        self._ticks += 1
        self.show(time.monotonic() / CYCLE_S)

    def action_count(self) -> None:
        self._keys += 1
        self.query_one("#text", Static).update(marker(self._keys))

    def action_cycle(self) -> None:
        """Every step once, each when the one before is on its way."""
        self._steps = itertools.chain(range(STEPS - WARM_UP, STEPS), range(STEPS))
        self._drawn = 0
        self._watch = self.set_interval(0.5, self._go_on)
        self._step()

    def _sent(self) -> None:
        """A frame is on its way."""
        if self._steps is not None:
            loop = asyncio.get_running_loop()
            self._due = max(self._due + 1 / CYCLE_PER_S, loop.time())
            loop.call_at(self._due, self._step)

    def _go_on(self) -> None:
        """A step that changes no cell sends nothing."""
        if self._steps is not None and self._drawn == self._drawn_before:
            self._late += 1
            self._step()
        self._drawn_before = self._drawn

    def _step(self) -> None:
        if self._steps is None:
            return
        if self._drawn == WARM_UP:
            driver.write(self, BEGIN.decode())
            self._began, self._late = (time.process_time(), time.perf_counter()), 0
        step = next(self._steps, None)
        if step is None:
            self._steps = None
            self._finish()
            return
        self._drawn += 1
        self.show(step / STEPS)

    def _finish(self) -> None:
        took = {
            "cpu_s": time.process_time() - self._began[0],
            "wall_s": time.perf_counter() - self._began[1],
            "frames": STEPS,
            "late": self._late,
            "places": [[*picture.content_region.offset, *picture.content_region.size] for picture in self._pictures],
        }
        if self._watch is not None:
            self._watch.stop()
        if self._report is not None:
            self._report.write_text(json.dumps(took))
        driver.write(self, END.decode())


def main(arguments: list[str] | None = None) -> int:
    """The command line. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.moving_app")
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--across", type=int, default=4, help="pictures side by side")
    parser.add_argument("--cells", type=int, nargs=2, default=(30, 15), help="columns and rows of a picture")
    parser.add_argument("--painter", choices=PAINTERS, default="delta")
    parser.add_argument("--render", choices=RENDERS, default="auto")
    parser.add_argument("--per-s", type=float, default=0.0, help="frames/s; 0: at g alone")
    parser.add_argument("--kb-per-s", type=int, default=0, help="as of aetui")
    parser.add_argument("--report", type=Path)
    parser.add_argument("--numbered", action="store_true", help="below the first picture stands which frame it is")
    options = parser.parse_args(arguments)
    app = Moving(
        np.load(options.images),
        across=options.across,
        cells=tuple(options.cells),
        painter=options.painter,
        render=options.render,
        per_s=options.per_s,
        kb_per_s=options.kb_per_s,
        report=options.report,
        numbered=options.numbered,
    )
    return app.run() or 0


if __name__ == "__main__":
    sys.exit(main())
