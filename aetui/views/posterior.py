"""The lecture's central picture: a value for each dimension of the code beside a distribution for each."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from aetui import keys
from aetui.follow.entries import Entry
from aetui.frames import Frames, tile
from aetui.latent.encoded import Encoded, decode, encode, key_of
from aetui.paint.images import Image, shape_of, size_of
from aetui.paint.number_lines import NumberLine
from aetui.probes import Images
from aetui.terminal.outside_text import plain
from aetui.view_state import whole
from aetui.views.code_text import code_text
from aetui.views.latent_view import LatentView
from aetui.widgets.number_lines import NumberLines
from aetui.widgets.picture_row import PictureRow
from aetui.widgets.text_lines import TextLine, TextLines

MOST_DRAWS = 16
USUAL_DRAWS = 6

_PICTURE_SHARE = 0.3
_NARROW = 6
_SHORT = {"image": "x", "mean": "mean", "value": "z"}
"""Captions below pictures that are narrower than that; of draws there the number is enough."""
_ROWS_FOR_HINT = 14


class PosteriorView(LatentView):
    """The chosen image, what each network makes of it, draws from q(z|x); below them the codes on number lines."""

    where = "latent/posterior"
    title = "Posterior"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("latent/posterior")]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.draws = USUAL_DRAWS
        self.seed = 0
        self.first = 0
        """The line at the top."""
        self.bells = True
        self.other: Encoded | None = None
        self._mean: dict[int, Images] = {}
        self._drawn_codes: npt.NDArray[np.float32] | None = None
        self._drawn: Images | None = None

    def body(self) -> ComposeResult:
        yield TextLines(id="facts")
        yield PictureRow(id="pictures")
        with Horizontal(id="codes"):
            yield NumberLines(id="one")
            yield NumberLines(id="two")

    # What is asked

    def beside(self) -> Entry | None:
        """The newest run of the same data with a value where the chosen one has a distribution, or the other way."""
        entry = self.page.entry()
        if entry is None:
            return None
        wanted = "undercomplete" if entry.variant == "variational" else "variational"
        return next(
            (
                found
                for found in self.ui.entries
                if found.variant == wanted and found.data == entry.data and found.model is not None
            ),
            None,
        )

    def question(self) -> tuple[object, ...]:
        other = self.beside()
        return (self.image, self.draws, self.seed, key_of(other) if other is not None else None)

    async def answer(self, encoded: Encoded) -> None:
        other_entry = self.beside()
        other = None if other_entry is None else await encode(self.ui.ask, other_entry, self.other)
        if other is not None and (other.x.shape[1:] != encoded.x.shape[1:] or len(other.x) <= self.image):
            other = None
        self.other = other
        self._mean, self._drawn, self._drawn_codes = {}, None, None
        for place, one in enumerate(self._both(encoded)):
            codes = one.code[self.image][None]
            if one.posterior is not None and self._drawn_codes is None:
                noise = np.random.default_rng(self.seed).standard_normal((self.draws, codes.shape[1]))
                self._drawn_codes = one.posterior.draw(self.image, noise.astype(np.float32))
                decoded = await decode(self.ui.ask, one, np.concatenate([codes, self._drawn_codes]))
                self._mean[place], self._drawn = decoded[:1], decoded[1:]
            else:
                self._mean[place] = await decode(self.ui.ask, one, codes)

    def _both(self, encoded: Encoded) -> list[Encoded]:
        return [encoded] if self.other is None else [encoded, self.other]

    # Drawing

    def show(self, encoded: Encoded) -> None:
        both = self._both(encoded)
        if len(self._mean) != len(both):
            return
        self._show_pictures(encoded, both)
        longest = max(one.code.shape[1] for one in both)
        self.query_one("#two").display = len(both) > 1
        for panel, one in zip(self.query(NumberLines), both, strict=False):
            panel.show_lines(headline(one), self._lines(one), first=self.first, bells=self.bells, among=longest)
        lines: list[TextLine] = [self._facts(encoded, both)]
        if len(both) < 2 and self.size.height >= _ROWS_FOR_HINT:
            wanted = "an undercomplete" if encoded.posterior is not None else "a variational"
            lines.append((f"{wanted} run of {encoded.entry.data} would stand beside it", "quiet"))
        self.query_one("#facts").styles.height = len(lines)
        self.query_one("#facts", TextLines).show_lines(lines)

    def _show_pictures(self, encoded: Encoded, both: list[Encoded]) -> None:
        images = [encoded.x[self.image][None], *(self._mean[place] for place in range(len(both)))]
        captions = ["image", *("mean" if one.posterior is not None else "value" for one in both)]
        if self._drawn is not None:
            images.append(self._drawn)
            captions += [f"draw {i + 1}" for i in range(len(self._drawn))]
        pictures: list[Image] = list(encoded.pictures(np.concatenate(images)))
        across, wide, high = self._places(shape_of(pictures[0]), len(pictures))
        if wide < _NARROW:
            captions = [_SHORT.get(caption, caption.removeprefix("draw ")) for caption in captions]
        row = self.query_one("#pictures", PictureRow)
        row.styles.height = high * -(-len(pictures) // across)
        row.show_images(pictures, captions, columns=across)

    def _places(self, shape: tuple[int, int], count: int) -> tuple[int, int, int]:
        """How many of ``count`` pictures stand side by side, so that they are as large as may be; the columns of one,
        and its rows with its caption."""
        columns, rows = max(1, self.size.width), max(1, self.size.height)
        choices = []
        for down in range(1, count + 1):
            across = -(-count // down)
            room = max(1, (columns + 1) // across - 1), max(1, round(rows * _PICTURE_SHARE) // down - 1)
            wide, high = size_of(*shape, *room, self.ui.look)
            choices.append((wide, -down, across, high + 1))
        wide, _, across, high = max(choices)
        return across, wide, high

    def _lines(self, one: Encoded) -> list[NumberLine]:
        dimensions, image, posterior = one.dimensions, self.image, one.posterior
        drawn = self._drawn_codes if posterior is not None else None
        return [
            NumberLine(
                name=f"z{i + 1}",
                value=float(one.code[image, i]),
                sigma=None if posterior is None else float(np.sqrt(posterior.variance[image, i])),
                behind=(float(dimensions.centre[i]), float(dimensions.spread[i])),
                draws=() if drawn is None else tuple(drawn[:, i].tolist()),
                quiet=bool(dimensions.dead[i]),
            )
            for i in dimensions.order.tolist()
        ]

    def _facts(self, encoded: Encoded, both: list[Encoded]) -> str:
        text = encoded.name_of(self.image)
        if self._drawn is not None:
            text += f", {len(self._drawn)} draws from q(z|x), seed {self.seed}"
        text += "; faint: " + ", ".join(behind(one) for one in both)
        return text

    # Keys

    def action_scroll(self, by: int) -> None:
        if self.encoded is not None:
            longest = max(one.code.shape[1] for one in self._both(self.encoded))
            seen = max(1, min(panel.seen for panel in self.query(NumberLines) if panel.display))
            self.first = max(0, min(longest - seen, self.first + by))
            self.draw()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_scroll(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_scroll(-1)

    def _has_draws(self) -> bool:
        """Whether one of them gives a distribution; where none does that is said."""
        encoded = self.encoded
        if encoded is not None and all(one.posterior is None for one in self._both(encoded)):
            self.ui.say("a value has no draws: a variational run gives a distribution")
            return False
        return True

    def action_count(self, by: int) -> None:
        if not self._has_draws():
            return
        self.draws = max(1, min(MOST_DRAWS, self.draws + by))
        self.update()

    def action_draw_again(self) -> None:
        if not self._has_draws():
            return
        self.seed += 1
        self.update()

    def action_bells(self) -> None:
        self.bells = not self.bells
        self.draw()

    # What the app asks for

    def frames(self) -> Frames | None:
        """The image, its reconstructions and the draws in a row."""
        if self.encoded is None or not self._mean:
            return None
        images = [self.encoded.x[self.image][None], *self._mean.values()]
        if self._drawn is not None:
            images.append(self._drawn)
        row = self.encoded.to_save(np.concatenate(images))
        return Frames(images=tile(row, len(row)), title=f"draws for image {self.image + 1}")

    def copied(self) -> str | None:
        """The codes of the image, and of the distribution also its standard deviations; tabs between."""
        if self.encoded is None:
            return None
        lines = []
        for one in self._both(self.encoded):
            run, name = plain(one.entry.name), "code" if one.posterior is None else "mean"
            lines.append(f"{run}\t{name}\t{code_text(one.code[self.image])}")
            if one.posterior is not None:
                lines.append(f"{run}\tsigma\t{code_text(np.sqrt(one.posterior.variance[self.image]))}")
        return "\n".join(lines)

    def view_state(self) -> dict[str, Any]:
        return {**super().view_state(), "draws": self.draws, "seed": self.seed, "bells": self.bells}

    def restore_state(self, state: dict[str, Any]) -> None:
        super().restore_state(state)
        self.draws = whole(state.get("draws"), self.draws, 1, MOST_DRAWS)
        self.seed = whole(state.get("seed"), self.seed, 0, 1_000_000_000)
        self.bells = state.get("bells", self.bells) is not False


def behind(one: Encoded) -> str:
    """What is drawn faintly behind its lines."""
    return "all codes" if one.posterior is None else "the prior"


def headline(one: Encoded) -> str:
    """Over its number lines."""
    what = "a value" if one.posterior is None else "a distribution"
    return f"{what} per dimension: {one.entry.name}"
