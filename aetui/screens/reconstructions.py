"""Screen 3: what the network makes of test images; one run, or several on the same images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from aetui import keys
from aetui.arrangement import MOST, Arrangement, arrange
from aetui.entries import Entry
from aetui.latest import Latest
from aetui.paint.text import clip, width_of
from aetui.probes import Images, corrupted, probe_of
from aetui.screens.page import Page
from aetui.terminal.outside_text import outside, plain
from aetui.widgets.picture_row import PictureRow
from export.errors import ToolError
from trainer.variants import VARIANTS, Denoising

USUAL_CORRUPTION = (Denoising.corruption, Denoising.level)
"""What ``c`` does where no run in sight was trained with a corruption."""


FRAME_ROWS = 4
"""Rows of the screen that are not for pictures: title, info, status, keys."""


@dataclass(frozen=True)
class _Row:
    """One kind of picture for all images of the page: what the captions call it, and the images [n, C, H, W].

    mse: per image [n], where it is a reconstruction.
    """

    name: str
    images: Images
    mse: np.ndarray | None = None


class ReconstructionsScreen(Page):
    """input | corrupted | reconstruction, with the squared error per pixel below each image."""

    where = "reconstructions"
    CSS_PATH = "reconstructions.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("reconstructions")]

    def __init__(self) -> None:
        super().__init__()
        self._first = 0
        self._images: int | None = None
        self._compare = False
        self._corrupt: bool | None = None
        self._shown: tuple[object, ...] | None = None
        self._rows: list[_Row] = []
        self._labels: list[str] = []
        self._latest = Latest(self._ask)

    def body(self) -> ComposeResult:
        yield Static("", id="info", markup=False)
        yield Static("", id="names", markup=False)
        yield PictureRow(id="pictures")

    async def on_unmount(self) -> None:
        await self._latest.stop()

    # What is shown

    def subjects(self) -> list[Entry]:
        """The runs whose reconstructions are shown: those that have a model."""
        if not self._compare:
            entry = self.entry()
            return [entry] if entry is not None else []
        marked = [entry for entry in self.ui.marked_entries() if entry.model]
        if len(marked) > 1:
            return marked
        newest: dict[str, Entry] = {}
        data = entry.data if (entry := self.entry()) is not None else None
        for found in self.ui.entries:
            if found.model is not None and found.data == data:
                newest.setdefault(found.variant, found)
        order = [*VARIANTS, *newest]
        return sorted(newest.values(), key=lambda found: order.index(found.variant))

    def corruption(self, subjects: list[Entry]) -> tuple[str, float] | None:
        """What the networks see: by default what a single denoising run was trained for, else clean images."""
        trained = [entry.corruption for entry in (*subjects, *self.ui.entries) if entry.corruption is not None]
        if self._corrupt is None:
            return subjects[0].corruption if len(subjects) == 1 else None
        return (trained[0] if trained else USUAL_CORRUPTION) if self._corrupt else None

    def entries_changed(self) -> None:
        subjects = self.subjects()
        key = (
            tuple((entry.path, entry.model, entry.version) for entry in subjects),
            self._compare,
            self.corruption(subjects),
            self._first,
            self._images,
            self.size,
            self.ui.look,
        )
        if key != self._shown:
            self._shown = key
            self._latest.ask()

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.update)

    async def _ask(self) -> None:
        """Put the page's images to the engine and show the answers."""
        subjects = [entry for entry in self.subjects() if entry.model is not None]
        if not subjects:
            self._show_nothing()
            return
        try:
            info = await self._fill(subjects)
        except ToolError as error:
            self.query_one("#info", Static).update(outside(error.what, self.size.width, unicode=self.ui.look.unicode))
            self.ui.tell(error)
            return
        self._draw()
        self.query_one("#info", Static).update(outside(info, self.size.width, unicode=self.ui.look.unicode))

    async def _fill(self, subjects: list[Entry]) -> str:
        """Ask for every subject's reconstruction of this page's images. Returns the line above the pictures."""
        probe, corruption = probe_of(subjects[0]), self.corruption(subjects)
        pixels = probe.pixels()
        way = self._arrangement(pixels.shape[2:], len(subjects) + 1 + (corruption is not None))
        count = min(way.images, len(pixels))
        self._first = max(0, min(self._first, len(pixels) - count))
        chosen = slice(self._first, self._first + count)
        x = pixels[chosen]
        seen = corrupted(x, probe.index[chosen], *corruption) if corruption else x
        rows = [_Row("input", x)]
        if corruption:
            rows.append(_Row(f"{corruption[0]} {corruption[1]:g}", seen))
        step = 0
        for entry in subjects:
            model = entry.model or entry.path
            answer = await self.ui.ask(lambda engine, model=model: engine.reconstruct(model, seen))  # type: ignore[misc]
            x_hat = answer.arrays["reconstruction"]
            step = answer.step
            mse = ((x_hat - x) ** 2).mean(axis=(1, 2, 3)) if x_hat.shape == x.shape else None
            rows.append(_Row(entry.variant if self._compare else "recon", x_hat, mse))
        names = [subjects[0].class_name(int(label)) for label in probe.labels[chosen]]
        self._rows, self._labels = (
            rows,
            [f"#{self._first + i}" + f" {name}" * bool(name) for i, name in enumerate(names, 1)],
        )
        return self._info(subjects, len(pixels), count, corruption, step)

    def _info(
        self, subjects: list[Entry], total: int, count: int, corruption: tuple[str, float] | None, step: int
    ) -> str:
        last = f"-{self._first + count}" if count > 1 else ""
        images = f"image{'s' * (count > 1)} {self._first + 1}{last} of {total}"
        if len(subjects) > 1:
            return f"{images}, {len(subjects)} runs, the same images; below each its mse"
        at = f"step {step}" if subjects[0].state != "bundle" else "bundle"
        errors = self._rows[-1].mse
        mean = "" if errors is None or not len(errors) else f", mean mse {float(errors.mean()):.4f}"
        seen = "corrupted" if corruption else "clean"
        return f"{images}, {at}, the network sees them {seen}{mean}"

    def _show_nothing(self) -> None:
        entry = self.entry()
        if entry is None:
            text = "no run yet: press 1, then n, or aetrain fit"
        elif self._compare:
            text = "no run of this data set has a model to look at yet"
        else:
            text = f"{entry.name}: no model to look at yet; a run writes its first one within seconds"
        self._rows = []
        self.query_one("#info", Static).update(outside(text, self.size.width, unicode=self.ui.look.unicode))
        self.query_one(PictureRow).show_images([])

    # Drawing

    def _arrangement(self, image: tuple[int, ...], pictures: int) -> Arrangement:
        width, height = self.size.width, self.size.height - FRAME_ROWS
        across = True if self._compare else None
        shape = (image[0], image[1])
        return arrange(width, height, shape, pictures, self.ui.look, images=self._images, across=across)

    def _draw(self) -> None:
        way = self._arrangement(self._rows[0].images.shape[2:], len(self._rows))
        count = len(self._rows[0].images)
        room = way.picture[0]
        pairs = (
            [(row, i) for i in range(count) for row in self._rows]
            if way.across
            else [(row, i) for row in self._rows for i in range(count)]
        )
        self.query_one(PictureRow).show_images(
            [row.images[i] for row, i in pairs],
            [self._caption(row, i, room) for row, i in pairs],
            columns=len(self._rows) if way.across else count,
            gap=way.gap,
        )
        names = self.query_one("#names", Static)
        names.display = way.across
        each, unicode = way.picture[0] + way.gap, self.ui.look.unicode
        texts = [plain(row.name, each - 1, unicode=unicode) for row in self._rows]
        names.update(Text("".join(text + " " * (each - width_of(text)) for text in texts), no_wrap=True))

    def _caption(self, row: _Row, image: int, room: int) -> str:
        """What fits below a picture: its name where that does not stand above, and its number or its error."""
        if row.mse is not None:
            long = f"recon mse {row.mse[image]:.4f}"
            return next(text for text in (long, long[6:], long[10:]) if width_of(text) <= room or text == long[10:])
        if row.name != "input":
            return clip(row.name, room)
        label = plain(self._labels[image])
        long = f"input {label}"
        return long if width_of(long) <= room else clip(label, room)

    # Keys

    def action_page(self, by: int) -> None:
        count = len(self._rows[0].images) if self._rows else 1
        self._first = max(0, self._first + by * count)
        self.update()

    def action_variants(self) -> None:
        self._compare = not self._compare
        self.update()

    def action_corrupt(self) -> None:
        self._corrupt = self.corruption(self.subjects()) is None
        self.update()

    def action_zoom(self, by: int) -> None:
        count = self._images or (len(self._rows[0].images) if self._rows else 1)
        self._images = max(1, min(MOST, count + by))
        self.update()
