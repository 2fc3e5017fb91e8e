"""The interpolation deck: from image A to image B through the code, in a straight line and on a great circle."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from aetui import keys
from aetui.frames import Frames
from aetui.latent.encoded import Encoded, decode
from aetui.paint.images import shape_of, size_of
from aetui.paint.points import point_text
from aetui.probes import Images
from aetui.view_state import whole
from aetui.views.animated import FRAMES_PER_S, AnimatedView
from aetui.views.code_text import code_text
from aetui.widgets.image_grid import ImageGrid
from aetui.widgets.picture import Picture
from aetui.widgets.picture_row import PictureRow
from aetui.widgets.text_lines import TextLine, TextLines
from export.interpolation import Way, between

STEPS = 60
"""Each way from A to B is decoded at so many equal steps, and one."""

WAYS: tuple[Way, Way] = ("linear", "slerp")

_MOST_VALUES = 16_000_000
_FACTS_WIDTH = 26
_STRIP_SHARE = 0.24
"""Of the height, for each of the two filmstrips."""


class DeckView(AnimatedView):
    """Two filmstrips and a large frame of each; or the grid that A and B are picked from."""

    where = "latent/deck"
    title = "Deck"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("latent/deck")]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.a, self.b = -1, -1
        self.only: int | None = None
        """The class that ``a`` and ``b`` go through; None: all."""
        self.ways: dict[Way, Images] = {}
        self._codes: dict[Way, np.ndarray] = {}
        self._next_click = "a"
        self._strip: tuple[object, ...] | None = None

    def body(self) -> ComposeResult:
        yield PictureRow(id="linear-strip")
        yield PictureRow(id="slerp-strip")
        with Horizontal(id="frames"):
            yield Picture(id="linear-frame")
            yield TextLines(id="facts")
            yield Picture(id="slerp-frame")
        yield ImageGrid(id="grid")

    def question(self) -> tuple[object, ...]:
        return (self.a, self.b)

    async def answer(self, encoded: Encoded) -> None:
        count = len(encoded.x)
        if min(self.a, self.b) < 0:
            self.a, self.b = first_pair(encoded.probe.labels)
        self.a, self.b = self.a % count, self.b % count
        steps = max(8, min(STEPS, _MOST_VALUES // (2 * encoded.x[0].size)))
        a, b = encoded.code[self.a], encoded.code[self.b]
        codes = {way: between(a, b, steps + 1, way) for way in WAYS}
        decoded = await decode(self.ui.ask, encoded, np.concatenate([codes[way] for way in WAYS]))
        self._codes, self.ways = codes, dict(zip(WAYS, np.split(decoded, 2), strict=True))
        self._strip = None

    # Drawing

    @property
    def picking(self) -> bool:
        """Whether the grid is open."""
        return self.has_class("-picking")

    def show(self, encoded: Encoded) -> None:
        if not self.picking:
            self.moved()
            return
        shown = self._listed(encoded)
        marks = {self.a: "A ", self.b: "B "}
        captions = [marks.get(image, "") + encoded.short_name_of(image) for image in shown.tolist()]
        grid = self.query_one(ImageGrid)
        grid.show_grid(encoded.pictures(encoded.x[shown]), shown, captions, self._grid_title(encoded))

    def moved(self) -> None:
        encoded = self.encoded
        if encoded is None or self.picking or len(self.ways) < 2:
            return
        position = self.position()
        self._draw_strips(encoded, position)
        for way in WAYS:
            images = self.ways[way]
            image = images[round(position * (len(images) - 1))]
            caption = f"{way} {point_text(image)}" if encoded.points else way
            self.query_one(f"#{way}-frame", Picture).show_image(encoded.pictures(image[None])[0], caption)
        self.query_one("#facts", TextLines).show_lines(self._facts(encoded, position))

    def _draw_strips(self, encoded: Encoded, position: float) -> None:
        first = encoded.pictures(self.ways["linear"][:1])[0]
        count, gap = self._fit(*shape_of(first))
        at = round(position * (count - 1))
        key = (id(self.ways), count, gap, at, self.size, self.ui.look)
        if key == self._strip:
            return
        self._strip = key
        captions = ["A", *(f"{i / (count - 1):.2f}"[1:] for i in range(1, count - 1)), "B"]
        for way in WAYS:
            images = self.ways[way]
            chosen = [round(i / (count - 1) * (len(images) - 1)) for i in range(count)]
            pictures = encoded.pictures(images[chosen])
            row = self.query_one(f"#{way}-strip", PictureRow)
            row.show_images(pictures, captions, gap=gap, selected=at)

    def _fit(self, height: int, width: int) -> tuple[int, int]:
        """Give the strips the rows that their pictures fill; the large frames have the rest.

        Returns how many pictures a strip has, and the columns between two.
        """
        columns, look = max(1, self.size.width), self.ui.look
        count = frames_in_strip(columns)
        room = max(1, self.size.height)
        wide, rows = size_of(height, width, max(1, columns // count - 1), max(1, round(room * _STRIP_SHARE) - 1), look)
        for way in WAYS:
            self.query_one(f"#{way}-strip").styles.height = rows + 1
        self.query_one("#facts").styles.width = self._facts_width()
        return count, max(1, (columns - count * wide) // (count - 1))

    def _facts_width(self) -> int:
        return min(_FACTS_WIDTH, max(10, self.size.width // 3))

    def _facts(self, encoded: Encoded, position: float) -> list[TextLine]:
        """The text between the large frames, narrow lines."""
        play = self.playback
        a, b = encoded.code[self.a], encoded.code[self.b]
        lines: list[TextLine] = [
            f"A  {encoded.name_of(self.a)}",
            f"B  {encoded.name_of(self.b)}",
            slider(position, self._facts_width() - 1, unicode=self.ui.look.unicode),
            f"t = {position:.2f}  {play.times:g}x {play.ends}",
            ("playing" if play.playing else "paused", "strong" if play.playing else "quiet"),
            "",
            f"code {encoded.code.shape[1]} wide, |A-B| {float(np.linalg.norm(b - a)):.2f}",
        ]
        for way in WAYS:
            codes = self._codes[way]
            lines.append(
                (f"|z| {way:6} {float(np.linalg.norm(codes[round(position * (len(codes) - 1))])):.2f}", "quiet")
            )
        if encoded.step:
            lines.append((f"step {encoded.step}", "quiet"))
        return lines

    # The grid

    def _listed(self, encoded: Encoded) -> np.ndarray:
        """The probe images of the class that is chosen."""
        if self.only is None:
            return np.arange(len(encoded.x))
        return np.flatnonzero(encoded.probe.labels == self.only)

    def _grid_title(self, encoded: Encoded) -> str:
        only = "all classes" if self.only is None else f"class {encoded.entry.class_name(self.only)}"
        return f"{only}: a and b set A and B, a click sets {self._next_click.upper()}, enter goes back"

    def on_image_grid_picked(self, message: ImageGrid.Picked) -> None:
        self._pick(self._next_click, message.image)
        self._next_click = "b" if self._next_click == "a" else "a"
        self.update()

    def _pick(self, which: str, image: int) -> None:
        if which == "a":
            self.a = image
        else:
            self.b = image

    # Keys

    def action_grid(self) -> None:
        if self.encoded is None:
            return
        self.stop()
        opened = not self.picking
        self.set_class(opened, "-picking")
        if opened:
            self._next_click = "a"
            self.query_one(ImageGrid).move_to(self.a)
        self._strip = None
        self.call_after_refresh(self.update)

    def action_close_grid(self) -> None:
        if self.picking:
            self.action_grid()

    def action_pick(self, which: str, by: int) -> None:
        """In the grid the image under the cursor; else the next one of the class."""
        if self.picking:
            image = self.query_one(ImageGrid).image
            if image is not None:
                self._pick(which, image)
        elif self.encoded is not None:
            now = self.a if which == "a" else self.b
            listed = self._listed(self.encoded)
            self._pick(which, following(listed, now, by))
        self.update()

    def action_only(self, by: int) -> None:
        """Another class, or all of them."""
        if self.encoded is None:
            return
        known = np.unique(self.encoded.probe.labels)
        choices = [None, *(int(label) for label in known if label >= 0)]
        at = choices.index(self.only) if self.only in choices else 0
        self.only = choices[(at + by) % len(choices)]
        self.update()

    def action_scrub(self, by: float) -> None:
        """Along the way by a share of it; in the grid to the image beside."""
        if self.picking:
            self.query_one(ImageGrid).move(1 if by > 0 else -1, 0)
        elif self.encoded is not None:
            self.play(self.playback.moved_to(round((self.position() + by) * STEPS) / STEPS))

    def action_scrub_to(self, position: float) -> None:
        if self.encoded is not None and not self.picking:
            self.play(self.playback.moved_to(position))

    def action_row(self, by: int) -> None:
        if self.picking:
            self.query_one(ImageGrid).move(0, by)

    def action_play(self) -> None:
        if not self.picking:
            super().action_play()

    def on_picture_row_picked(self, message: PictureRow.Picked) -> None:
        self.action_scrub_to(message.index / (frames_in_strip(self.size.width) - 1))

    # What the app asks for

    def frames(self) -> Frames | None:
        """Both ways side by side, from A to B and back."""
        if self.encoded is None or len(self.ways) < 2:
            return None
        linear, slerp = (self.encoded.to_save(self.ways[way]) for way in WAYS)
        gap = np.ones((*linear.shape[:3], 1), np.float32)
        there = np.concatenate([linear, gap, slerp], axis=3)
        images = there if self.playback.ends == "loop" else np.concatenate([there, there[-2:0:-1]])
        return Frames(images=images, per_s=FRAMES_PER_S * self.playback.times, title="linear and slerp")

    def copied(self) -> str | None:
        """A line per way: its name, the position, its code there; tabs between."""
        if self.encoded is None or len(self.ways) < 2:
            return None
        at = round(self.position() * (len(self._codes["linear"]) - 1))
        return "\n".join(f"{way}\t{self.position():.3f}\t{code_text(self._codes[way][at])}" for way in WAYS)

    def view_state(self) -> dict[str, Any]:
        return {**super().view_state(), "a": self.a, "b": self.b}

    def restore_state(self, state: dict[str, Any]) -> None:
        super().restore_state(state)
        self.a = whole(state.get("a"), self.a, 0, 1_000_000)
        self.b = whole(state.get("b"), self.b, 0, 1_000_000)


def frames_in_strip(width: int) -> int:
    """5, 7 or 9 frames, as the screen is wide."""
    return 5 if width < 40 else 7 if width < 64 else 9


def first_pair(labels: np.ndarray) -> tuple[int, int]:
    """Two images to begin with: of different classes where there are classes."""
    other = np.flatnonzero(labels != labels[0]) if len(labels) else np.empty(0, np.int64)
    return 0, int(other[0]) if len(other) else min(1, max(0, len(labels) - 1))


def following(listed: np.ndarray, now: int, by: int) -> int:
    """The image after (by 1) or before (−1) ``now`` among ``listed``, which ascend, round the end; of none: ``now``."""
    if not len(listed):
        return now
    at = int(np.searchsorted(listed, now, side="right" if by > 0 else "left"))
    return int(listed[(at if by > 0 else at - 1) % len(listed)])


def slider(position: float, width: int, *, unicode: bool) -> str:
    """``A────●──B``."""
    line, knob = ("─", "●") if unicode else ("-", "O")
    inside = max(1, width - 2)
    at = round(position * (inside - 1))
    return "A" + line * at + knob + line * (inside - 1 - at) + "B"
