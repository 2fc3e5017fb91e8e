"""Screen 4: from one image to another through the code, decoded on the way."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Static

from aetui import keys
from aetui.entries import Entry
from aetui.latest import Latest
from aetui.paint.images import size_of
from aetui.probes import Images, probe_of
from aetui.screens.page import Page
from aetui.terminal.outside_text import outside, plain
from aetui.widgets.picture import Picture
from aetui.widgets.picture_row import PictureRow
from export.errors import ToolError
from export.interpolation import Way, between

STEPS = 60
"""The way from A to B is decoded at so many equal steps, and one."""

FRAMES_PER_S = 20
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Ways per two seconds."""

_MOST_VALUES = 16_000_000
_FACTS_WIDTH = 26


class LatentScreen(Page):
    """A filmstrip from A to B, and one frame of it large: play it, or scrub."""

    where = "latent"
    CSS_PATH = "latent.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("latent")]

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = 0, 1
        self.position = 0.0
        self.way: Way = "linear"
        self.playing = False
        self._picked = False
        self._speed = SPEEDS.index(1.0)
        self._direction = 1
        self._frames: Images | None = None
        self._codes: np.ndarray | None = None
        self._labels: np.ndarray = np.empty(0, np.int64)
        self._step = 0
        self._shown: tuple[object, ...] | None = None
        self._strip: tuple[object, ...] | None = None
        self._timer: Timer | None = None
        self._latest = Latest(self._ask)

    def body(self) -> ComposeResult:
        yield PictureRow(id="strip")
        with Horizontal(id="below"):
            yield Picture(id="frame")
            yield Static("", id="facts", markup=False)

    def on_mount(self) -> None:
        self._timer = self.set_interval(1 / FRAMES_PER_S, self._tick, pause=True)
        super().on_mount()

    async def on_unmount(self) -> None:
        await self._latest.stop()

    def on_screen_suspend(self) -> None:
        if self._timer is not None:
            self._timer.pause()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self._timer is not None and self.playing:
            self._timer.resume()

    def entry(self) -> Entry | None:
        """The selected run; before one was chosen rather a variational one, whose space is smooth."""
        with_model = [entry for entry in self.ui.entries if entry.model is not None]
        if not self.ui.selection.chosen:
            for found in with_model:
                if found.variant == "variational":
                    return found
            if with_model:
                return with_model[0]
        return self.ui.selected_entry()

    def entries_changed(self) -> None:
        entry = self.entry()
        key = (entry.path, entry.model, entry.version, self.a, self.b, self.way) if entry is not None else None
        if key is None or key != self._shown:
            if self._shown is None or key is None or key[0] != self._shown[0]:
                self._frames, self._picked = None, False
            self._shown = key
            self._latest.ask()
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._draw)

    async def _ask(self) -> None:
        """Encode A and B, decode the way between them."""
        entry = self.entry()
        if entry is None or entry.model is None:
            self._frames = None
            self._draw()
            return
        model = entry.model
        try:
            probe = probe_of(entry)
            pixels = probe.pixels()
            if not self._picked:
                self._picked, (self.a, self.b) = True, first_pair(probe.labels)
            self._labels = probe.labels
            self.a, self.b = self.a % max(1, len(pixels)), self.b % max(1, len(pixels))
            pair = pixels[[self.a, self.b]]
            encoded = await self.ui.ask(lambda engine: engine.encode(model, pair))
            self._codes = encoded.arrays["code"]
            steps = max(8, min(STEPS, _MOST_VALUES // max(1, pair[0].size)))
            latent = between(self._codes[0], self._codes[1], steps + 1, self.way)
            decoded = await self.ui.ask(lambda engine: engine.decode(model, latent))
        except ToolError as error:
            self.ui.tell(error)
            self._frames = None
            self._say(error.what)
            return
        self._frames, self._step = decoded.arrays["reconstruction"], decoded.step
        self._shown = (entry.path, model, entry.version, self.a, self.b, self.way)
        self._strip = None
        self._draw()

    # Drawing

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        strip, frame = self.query_one("#strip", PictureRow), self.query_one("#frame", Picture)
        frames = self._frames
        if frames is None or len(frames) < 2:
            strip.show_images([])
            frame.show_image(None)
            self._strip = None
            self._say(self._nothing())
            return
        count, gap = self._fit(frames.shape[2], frames.shape[3])
        at = round(self.position * (count - 1))
        key = (id(frames), count, gap, at, self.ui.look)
        if key != self._strip:
            self._strip = key
            chosen = [round(i / (count - 1) * (len(frames) - 1)) for i in range(count)]
            strip.show_images([frames[i] for i in chosen], self._strip_captions(count), gap=gap, selected=at)
        frame.show_image(frames[round(self.position * (len(frames) - 1))])
        self._say(self._facts())

    def _fit(self, height: int, width: int) -> tuple[int, int]:
        """Give the strip the rows that its pictures fill, at most 40 % of the screen; the large frame has the rest.

        Returns how many pictures the strip has, and the columns between two.
        """
        columns, look = max(1, self.size.width), self.ui.look
        count = frames_in_strip(columns)
        room = max(1, self.size.height - 3)
        each = max(1, columns // count - 1)
        wide, rows = size_of(height, width, each, max(1, round(room * 0.4) - 1), look)
        strip, frame = self.query_one("#strip", PictureRow), self.query_one("#frame", Picture)
        strip.styles.height = rows + 1
        wide_frame, _ = size_of(height, width, max(1, columns - _FACTS_WIDTH), max(1, room - rows - 1), look)
        frame.styles.width = min(columns, wide_frame + 2)
        return count, max(1, (columns - count * wide) // (count - 1))

    def _strip_captions(self, count: int) -> list[str]:
        middle = [f"{i / (count - 1):.2f}"[1:] for i in range(1, count - 1)]
        return ["A", *middle, "B"]

    def _nothing(self) -> str:
        entry = self.entry()
        if entry is None:
            return "no run yet: press 1, then n, or aetrain fit"
        if entry.model is None:
            return f"{entry.name}: no model to look at yet"
        return "decoding"

    def _facts(self) -> str:
        """The text beside the large frame, narrow lines."""
        unicode = self.ui.look.unicode
        lines = [
            f"A  {self._image_name(self.a)}",
            f"B  {self._image_name(self.b)}",
            "",
            f"{slider(self.position, 20, unicode=unicode)}",
            f"t = {self.position:.2f}",
            f"way    {self.way}",
            f"speed  {SPEEDS[self._speed]:g}x {'playing' if self.playing else 'paused'}",
        ]
        if self._codes is not None and len(self._codes) == 2:
            distance = float(np.linalg.norm(self._codes[1] - self._codes[0]))
            lines += ["", f"code   {self._codes.shape[1]} wide", f"|A - B| {distance:.2f}"]
        if self._step:
            lines.append(f"step   {self._step}")
        return "\n".join(lines)

    def _image_name(self, index: int) -> str:
        entry, label = self.entry(), int(self._labels[index]) if index < len(self._labels) else -1
        name = entry.class_name(label) if entry is not None else ""
        return f"image {index + 1}" + (f" ({name})" if name else "")

    def _say(self, text: str) -> None:
        unicode = self.ui.look.unicode
        width = max(1, self.query_one("#facts").size.width or self.size.width)
        shown = outside("", unicode=unicode)
        for number, line in enumerate(text.split("\n")):
            shown.append(("\n" if number else "") + plain(line, width, unicode=unicode))
        self.query_one("#facts", Static).update(shown, layout=False)

    # Time

    def _tick(self) -> None:
        """One frame on; at either end it turns round."""
        position = self.position + self._direction * SPEEDS[self._speed] / (2 * FRAMES_PER_S)
        if not 0 <= position <= 1:
            self._direction = -self._direction
            position = max(0.0, min(1.0, position))
        self.position = position
        self._draw()

    # Keys

    def action_play(self) -> None:
        self.playing = not self.playing and self._frames is not None
        if self._timer is not None:
            self._timer.resume() if self.playing else self._timer.pause()
        self._draw()

    def action_scrub(self, by: int) -> None:
        if self.playing:
            self.action_play()
        self.position = max(0.0, min(1.0, round(self.position * STEPS + by * 3) / STEPS))
        self._draw()

    def action_pick(self, which: str, by: int) -> None:
        count = max(1, len(self._labels))
        if which == "a":
            self.a = (self.a + by) % count
        else:
            self.b = (self.b + by) % count
        self.update()

    def action_interpolation(self) -> None:
        self.way = "slerp" if self.way == "linear" else "linear"
        self.update()

    def action_speed(self, by: int) -> None:
        self._speed = max(0, min(len(SPEEDS) - 1, self._speed + by))
        self._draw()

    def on_picture_row_picked(self, message: PictureRow.Picked) -> None:
        count = frames_in_strip(self.size.width)
        self.position = message.index / max(1, count - 1)
        self._draw()


def frames_in_strip(width: int) -> int:
    """5, 7 or 9 frames, as the screen is wide."""
    return 5 if width < 76 else 7 if width < 120 else 9


def first_pair(labels: np.ndarray) -> tuple[int, int]:
    """Two images to begin with: of different classes where there are classes."""
    other = np.flatnonzero(labels != labels[0]) if len(labels) else np.empty(0, np.int64)
    return 0, int(other[0]) if len(other) else min(1, max(0, len(labels) - 1))


def slider(position: float, width: int, *, unicode: bool) -> str:
    """``A────●──B``."""
    line, knob = ("─", "●") if unicode else ("-", "O")
    inside = width - 2
    at = round(position * (inside - 1))
    return "A" + line * at + knob + line * (inside - 1 - at) + "B"
