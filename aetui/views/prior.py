"""Pictures that nobody drew: codes from the prior, decoded."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import BindingType

from aetui import keys
from aetui.frames import Frames, tile
from aetui.latent.encoded import Encoded, Key, decode
from aetui.latent.prior import Prior, fitted_prior
from aetui.paint.images import shape_of, size_of
from aetui.paint.points import Points, raster
from aetui.probes import Images
from aetui.view_state import whole
from aetui.views.code_text import code_text
from aetui.views.latent_view import LatentView
from aetui.widgets.picture import Picture
from aetui.widgets.picture_row import PictureRow
from aetui.widgets.text_lines import TextLine, TextLines
from export.errors import ExitCode, ToolError

HOTTEST = 30
"""Tenths."""

MOST_ACROSS = 24
LARGEST_SEED = 999_999_999

_POINTS = 400
_ROOMY = 8
"""Rows from which on there are two lines of text."""
_NARROWEST, _USUAL_ACROSS = 10, 12


class PriorView(LatentView):
    """A grid of draws; the seed says which."""

    where = "latent/prior"
    title = "Prior"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("latent/prior")]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.seed = 0
        self.temperature = 10
        """In tenths, so that it comes back to 1 exactly."""
        self.across = 0
        """Pictures a row; 0: as suits the screen."""
        self.codes: np.ndarray | None = None
        self.samples: Images | None = None
        self._prior: tuple[Key, Prior] | None = None

    def body(self) -> ComposeResult:
        yield TextLines(id="facts")
        yield PictureRow(id="samples")
        yield Picture(id="cloud")

    def question(self) -> tuple[object, ...]:
        return (self.seed, self.temperature, self.across, self.size)

    async def answer(self, encoded: Encoded) -> None:
        if self._prior is None or self._prior[0] != encoded.key:
            self._prior = (encoded.key, await asyncio.to_thread(prior_of, encoded))
        across, down = self._grid(encoded)
        count = _POINTS if encoded.points else across * down
        self.codes = self._prior[1].draw(count, self.seed, self.temperature / 10)
        self.samples = await decode(self.ui.ask, encoded, self.codes)

    def _grid(self, encoded: Encoded) -> tuple[int, int]:
        """(across, down): as many pictures as fit; without a wish many that leave little of the screen empty."""
        height, width = shape_of(encoded.pictures(encoded.x[:1])[0])
        columns, rows, look = max(1, self.size.width), max(1, self.size.height - self._facts_rows()), self.ui.look

        def placed(across: int) -> tuple[int, int, float]:
            each = max(1, (columns + 1) // across - 1)
            wide, high = size_of(height, width, each, rows, look)
            down = max(1, (rows + 1) // (high + 1))
            return across, down, across * wide * down * high * (across * down) ** 0.25

        if self.across:
            return placed(self.across)[:2]
        natural = width if look.pixels == "half" else 2 * width
        narrowest = max(min(natural, _NARROWEST), columns // _USUAL_ACROSS)
        most = max(1, (columns + 1) // (narrowest + 1))
        return max((placed(across) for across in range(max(1, most // 2), most + 1)), key=lambda one: one[2])[:2]

    def _facts_rows(self) -> int:
        return 2 if self.size.height >= _ROOMY else 1

    # Drawing

    def show(self, encoded: Encoded) -> None:
        samples = self.samples
        if samples is None or self._prior is None:
            return
        self.set_class(encoded.points, "-points")
        if encoded.points:
            cloud = Points(samples.reshape(len(samples), -1), encoded.x.reshape(len(encoded.x), -1))
            self.query_one("#cloud", Picture).show_image(cloud)
        else:
            across, _ = self._grid(encoded)
            self.query_one("#samples", PictureRow).show_images(encoded.pictures(samples), columns=across)
        fitted = self._prior[1].fitted is not None
        source = "a Gaussian fitted to the probe codes: no prior" if fitted else "the prior N(0, I)"
        facts = f"{len(samples)} from {source}"
        drawn = f"seed {self.seed}, temperature {self.temperature / 10:.1f}, step {encoded.step}"
        lines: list[TextLine] = [facts, (drawn, "strong")]
        self.query_one("#facts").styles.height = self._facts_rows()
        self.query_one("#facts", TextLines).show_lines(lines[-self._facts_rows() :])

    # Keys

    def action_draw(self, by: int) -> None:
        self.seed = max(0, min(LARGEST_SEED, self.seed + by))
        self.update()

    def action_temperature(self, by: int) -> None:
        """By tenths; 0: back to 1."""
        self.temperature = 10 if by == 0 else max(0, min(HOTTEST, self.temperature + by))
        self.update()

    def action_size(self, by: int) -> None:
        """Fewer, larger pictures (1), or more (−1)."""
        if self.encoded is not None and not self.encoded.points:
            self.across = max(1, min(MOST_ACROSS, self._grid(self.encoded)[0] - by))
            self.update()

    # What the app asks for

    def frames(self) -> Frames | None:
        encoded, samples = self.encoded, self.samples
        if encoded is None or samples is None:
            return None
        title = f"samples seed {self.seed}"
        if encoded.points:
            cloud = Points(samples.reshape(len(samples), -1), encoded.x.reshape(len(encoded.x), -1))
            return Frames(images=raster(cloud, 280)[None], title=title)
        return Frames(images=tile(samples, self._grid(encoded)[0]), title=title)

    def copied(self) -> str | None:
        if self.encoded is None or self.codes is None:
            return None
        head = f"seed {self.seed}, temperature {self.temperature / 10:.1f}"
        return "\n".join([head, *(code_text(code) for code in self.codes)])

    def view_state(self) -> dict[str, Any]:
        kept = {"seed": self.seed, "temperature": self.temperature, "across": self.across}
        return {**super().view_state(), **kept}

    def restore_state(self, state: dict[str, Any]) -> None:
        super().restore_state(state)
        self.seed = whole(state.get("seed"), self.seed, 0, LARGEST_SEED)
        self.temperature = whole(state.get("temperature"), self.temperature, 0, HOTTEST)
        self.across = whole(state.get("across"), self.across, 0, MOST_ACROSS)


def prior_of(encoded: Encoded) -> Prior:
    """What codes are drawn from; for a thread. Raises ToolError where the codes are no numbers."""
    if encoded.posterior is not None:
        return Prior(width=encoded.code.shape[1])
    try:
        return fitted_prior(encoded.code)
    except ValueError as error:
        raise ToolError(
            f"nothing can be drawn for {encoded.entry.name}",
            why=f"its encoder gives codes that are no numbers: {error}",
            do="train it again, with a smaller --lr",
            exit_code=ExitCode.FAILED,
        ) from error
