"""One slider per dimension of the code, what carries most first; what the network makes of the code beside them."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from aetui import keys
from aetui.frames import Frames
from aetui.latent.encoded import Encoded, decode
from aetui.latent.playback import Playback
from aetui.paint.axes import number
from aetui.paint.images import shape_of, size_of
from aetui.paint.points import point_text
from aetui.paint.sliders import Slider, value_text
from aetui.probes import Images
from aetui.view_state import whole
from aetui.views.animated import FRAMES_PER_S, AnimatedView
from aetui.views.code_text import code_text
from aetui.widgets.picture import Picture
from aetui.widgets.picture_row import PictureRow
from aetui.widgets.sliders import Sliders
from aetui.widgets.text_lines import TextLine, TextLines

REACH = 3.0
"""The sliders go so many σ to either side."""

STRIP = 9
SWEEP = 61

_STRIP_SHARE = 0.3


class TraversalView(AnimatedView):
    """Sliders on the left, the decoded picture on the right, the chosen dimension's filmstrip below."""

    where = "latent/traversal"
    title = "Traversal"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("latent/traversal")]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.dimension = -1
        """The chosen one; −1: the first."""
        self.from_origin = False
        """Start from the mean of the prior, or of the codes, instead of an image."""
        self.moved_to: dict[int, float] = {}
        """The values that were changed, by dimension."""
        self._decoded: Images | None = None
        self._strip: Images | None = None
        self._sweep: Images | None = None
        self._still: tuple[tuple[object, ...], list[Slider]] | None = None
        self._strip_shown: tuple[Images, tuple[object, ...]] | None = None

    def body(self) -> ComposeResult:
        with Horizontal(id="above"):
            with Vertical(id="left"):
                yield TextLines(id="head")
                yield Sliders(id="sliders")
            with Vertical(id="right"):
                yield Picture(id="decoded")
                yield TextLines(id="facts")
        yield PictureRow(id="strip")

    # The code

    def start(self, encoded: Encoded) -> npt.NDArray[np.float32]:
        """The code that the sliders start from: float32 [d]."""
        if self.from_origin:
            return np.asarray(encoded.dimensions.centre, np.float32)
        return np.asarray(encoded.code[self.image % len(encoded.code)], np.float32)

    def code(self, encoded: Encoded) -> npt.NDArray[np.float32]:
        """The code as the sliders stand: float32 [d]."""
        code = self.start(encoded).copy()
        for dimension, value in self.moved_to.items():
            if dimension < len(code):
                code[dimension] = value
        return code

    def value(self, encoded: Encoded) -> float:
        """Of the chosen dimension, also while it sweeps."""
        if self.playback.playing:
            low, high = reach_of(encoded, self.dimension)
            return low + self.position() * (high - low)
        return float(self.code(encoded)[self.dimension])

    def _settle(self, encoded: Encoded) -> None:
        """Have a dimension chosen that this code has."""
        width = encoded.code.shape[1]
        if not 0 <= self.dimension < width:
            self.dimension = int(encoded.dimensions.order[0])
        self.moved_to = {dimension: value for dimension, value in self.moved_to.items() if dimension < width}

    def question(self) -> tuple[object, ...]:
        moved = tuple(sorted(self.moved_to.items()))
        return (self.image, self.from_origin, self.dimension, moved, self.playback.playing)

    async def answer(self, encoded: Encoded) -> None:
        self._settle(encoded)
        code = self.code(encoded)
        count = SWEEP if self.playback.playing else STRIP
        along = np.repeat(code[None], count, axis=0)
        along[:, self.dimension] = np.linspace(*reach_of(encoded, self.dimension), count)
        decoded = await decode(self.ui.ask, encoded, np.concatenate([code[None], along]))
        self._decoded = decoded[0]
        self._sweep = decoded[1:] if count == SWEEP else None
        self._strip = decoded[1 :: (SWEEP - 1) // (STRIP - 1)] if count == SWEEP else decoded[1:]

    # Drawing

    def show(self, encoded: Encoded) -> None:
        self._fit(encoded)
        self.moved()

    def moved(self) -> None:
        encoded = self.encoded
        if encoded is None or self._decoded is None:
            return
        self._settle(encoded)  # a state may have been restored since
        self._show_strip(encoded)
        image = self._decoded
        if self.playback.playing and self._sweep is not None:
            image = self._sweep[round(self.position() * (len(self._sweep) - 1))]
        caption = point_text(image) if encoded.points else ""
        self.query_one("#decoded", Picture).show_image(encoded.pictures(image[None])[0], caption)
        order = encoded.dimensions.order
        chosen = int(np.flatnonzero(order == self.dimension)[0])
        self.query_one(Sliders).show_sliders(self._sliders(encoded), chosen)
        self.query_one("#facts", TextLines).show_lines(self._facts(encoded))
        self.query_one("#head", TextLines).show_lines([self._head(encoded)])

    def _sliders(self, encoded: Encoded) -> list[Slider]:
        """As they stand; of a thousand only those that moved are made anew."""
        key = (encoded.key, self.image, self.from_origin)
        if self._still is None or self._still[0] != key:
            self._still = (key, sliders_of(encoded, self.start(encoded)))
        sliders = list(self._still[1])
        moved = {**self.moved_to, self.dimension: self.value(encoded)}
        for place in np.flatnonzero(np.isin(encoded.dimensions.order, list(moved))).tolist():
            value = moved[int(encoded.dimensions.order[place])]
            sliders[place] = replace(sliders[place], value=value)
        return sliders

    def _head(self, encoded: Encoded) -> TextLine:
        measure = "KL in nats" if encoded.dimensions.unit == "nats" else "variance"
        dead = int(encoded.dimensions.dead.sum())
        range_text = "±3σ" if self.ui.look.unicode else "+-3 sigma"
        return (f"{measure}, {range_text}" + (f", {dead} dead last" if dead else ""), "quiet")

    def _facts(self, encoded: Encoded) -> list[TextLine]:
        dimensions, play = encoded.dimensions, self.playback
        origin = "the prior's mean" if encoded.posterior is not None else "the mean code"
        score = f"{number(float(dimensions.score[self.dimension]), 3)} {dimensions.unit}"
        dead = ", dead" if dimensions.dead[self.dimension] else ""
        sweep = f"sweeps {play.times:g}x {play.ends}" if play.playing else "space sweeps it"
        return [
            f"z{self.dimension + 1} = {value_text(self.value(encoded))}  {score}{dead}",
            f"start: {origin if self.from_origin else encoded.name_of(self.image)}",
            (f"{len(self.moved_to)} moved; {sweep}", "strong" if play.playing else "quiet"),
        ]

    def _show_strip(self, encoded: Encoded) -> None:
        if self._strip is None:
            return
        low, high = reach_of(encoded, self.dimension)
        values = np.linspace(low, high, STRIP)
        nearest = int(np.abs(values - self.value(encoded)).argmin())
        columns = max(1, self.size.width)
        wide, _ = self._strip_size(encoded)
        gap = max(1, (columns - STRIP * wide) // (STRIP - 1))
        captions = [value_text(float(value), wide) for value in values]
        key = (captions, gap, nearest)
        if self._strip_shown is None or self._strip_shown[0] is not self._strip or self._strip_shown[1] != key:
            self._strip_shown = (self._strip, key)
            row = self.query_one("#strip", PictureRow)
            row.show_images(encoded.pictures(self._strip), captions, gap=gap, selected=nearest)

    def _strip_size(self, encoded: Encoded) -> tuple[int, int]:
        """Columns and rows of one picture of the strip."""
        height, width = shape_of(encoded.pictures(encoded.x[:1])[0])
        across = max(1, (self.size.width + 1) // STRIP - 1)
        rows = max(1, round(self.size.height * _STRIP_SHARE) - 1)
        high = size_of(height, width, across, rows, self.ui.look)[1]
        return size_of(height, width, across, high, self.ui.look)  # the strip has no rows to spare: as it is drawn

    def _fit(self, encoded: Encoded) -> None:
        """The strip has the rows that its pictures fill; the sliders as many columns as they can use."""
        self.query_one("#strip").styles.height = self._strip_size(encoded)[1] + 1
        self.query_one("#left").styles.width = max(1, min(64, round(self.size.width * 0.5)))

    # Keys

    def play(self, playback: Playback) -> None:
        encoded = self.encoded
        if encoded is not None and self.playback.playing and not playback.playing:
            low, high = reach_of(encoded, self.dimension)
            self.moved_to[self.dimension] = low + playback.position(0.0) * (high - low)  # where the sweep stopped
        super().play(playback)
        if self.is_mounted and self.display:
            self.update()

    def action_play(self) -> None:
        """Sweep the chosen dimension from where it is, or stop."""
        encoded = self.encoded
        if encoded is None:
            return
        if not self.playback.playing:
            low, high = reach_of(encoded, self.dimension)
            self.playback = self.playback.moved_to((self.value(encoded) - low) / (high - low))
        self.play(self.playback.toggled(time.monotonic()))

    def action_choose(self, by: int) -> None:
        """Another dimension, in the order of the list."""
        if self.encoded is not None:
            order = self.encoded.dimensions.order
            at = int(np.flatnonzero(order == self.dimension)[0])
            self._choose(max(0, min(len(order) - 1, at + by)))

    def _choose(self, place: int) -> None:
        if self.encoded is not None and place < len(self.encoded.dimensions.order):
            self.stop()
            self.dimension = int(self.encoded.dimensions.order[place])
            self.update()

    def action_move(self, by: float) -> None:
        """The chosen slider, by σ."""
        encoded = self.encoded
        if encoded is not None:
            self.stop()
            low, high = reach_of(encoded, self.dimension)
            moved = self.value(encoded) + by * float(encoded.dimensions.spread[self.dimension])
            self.moved_to[self.dimension] = round(max(low, min(high, moved)), 6)
            self.update()

    def action_reset(self) -> None:
        self.stop()
        self.moved_to.pop(self.dimension, None)
        self.update()

    def action_reset_all(self) -> None:
        self.stop()
        self.moved_to.clear()
        self.update()

    def action_image(self, by: int) -> None:
        self.stop()
        self.from_origin = False
        self.moved_to.clear()
        super().action_image(by)

    def action_origin(self) -> None:
        """Start from the prior's mean, or again from the image."""
        self.stop()
        self.from_origin = not self.from_origin
        self.moved_to.clear()
        self.update()

    def on_sliders_chosen(self, message: Sliders.Chosen) -> None:
        self._choose(message.index)

    def on_sliders_moved(self, message: Sliders.Moved) -> None:
        self._choose(message.index)
        self.moved_to[self.dimension] = message.value
        self.update()

    def on_picture_row_picked(self, message: PictureRow.Picked) -> None:
        if self.encoded is not None:
            self.stop()
            low, high = reach_of(self.encoded, self.dimension)
            self.moved_to[self.dimension] = low + message.index / (STRIP - 1) * (high - low)
            self.update()

    # What the app asks for

    def frames(self) -> Frames | None:
        """The chosen dimension's way: fine where it was swept, else the filmstrip."""
        encoded = self.encoded
        images = self._strip if self._sweep is None else self._sweep
        if encoded is None or images is None:
            return None
        per_s = FRAMES_PER_S * self.playback.times if images is self._sweep else 6.0
        there = encoded.to_save(images)
        both = np.concatenate([there, there[-2:0:-1]])
        return Frames(images=both, per_s=per_s, title=f"traversal of z{self.dimension + 1}")

    def copied(self) -> str | None:
        return None if self.encoded is None else code_text(self.code(self.encoded))

    def view_state(self) -> dict[str, Any]:
        return {**super().view_state(), "dimension": self.dimension, "origin": self.from_origin}

    def restore_state(self, state: dict[str, Any]) -> None:
        super().restore_state(state)
        self.dimension = whole(state.get("dimension"), self.dimension, -1, 1 << 20)
        self.from_origin = state.get("origin") is True


def reach_of(encoded: Encoded, dimension: int) -> tuple[float, float]:
    """The lowest and the highest value of a slider."""
    return encoded.dimensions.reach(dimension, REACH)


def sliders_of(encoded: Encoded, code: npt.NDArray[np.float32]) -> list[Slider]:
    """All at ``code`` [d], in the order of what they carry."""
    dimensions = encoded.dimensions
    found = []
    for dimension in dimensions.order.tolist():
        low, high = dimensions.reach(dimension, REACH)
        value = float(code[dimension])
        note, dead = score_text(float(dimensions.score[dimension])), bool(dimensions.dead[dimension])
        name = f"z{dimension + 1}"
        found.append(Slider(name=name, value=value, low=low, high=high, start=value, note=note, quiet=dead))
    return found


def score_text(score: float) -> str:
    """At most five characters."""
    if 0 < score < 0.0005:
        return "<.001"
    return f"{score:.3f}"[:5].rstrip(".") if score < 99999 else f"{score:.0e}".replace("e+", "e")
