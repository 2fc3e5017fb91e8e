"""What the views of the reconstructions screen have in common: they ask, arrange, draw, save and copy."""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from aetui.follow.entries import Entry
from aetui.frames import Frames
from aetui.latest import Latest
from aetui.paint.cells import DEFAULT
from aetui.paint.colours import series_colour
from aetui.paint.points import are_points
from aetui.paint.sheet import sheet_of
from aetui.paint.text import width_of
from aetui.reconstructions.answers import Positions, ProbeImages, Shown
from aetui.reconstructions.arrangement import MOST, Arrangement, arrange, most_pictures
from aetui.reconstructions.image_texts import error_table, image_facts, info_line, noise_texts
from aetui.reconstructions.ordering import Ordering
from aetui.reconstructions.shelves import ImagePage, Result, shelves_of
from aetui.reconstructions.study import Study, highest
from aetui.reconstructions.subjects import first_probe, of_shape, short_names, window
from aetui.reconstructions.sweep import Sweep
from aetui.terminal.outside_text import plain
from aetui.views.missing import failure, harmless
from aetui.views.view import View
from aetui.widgets.gallery import Gallery
from aetui.widgets.image_facts import ImageFacts
from aetui.widgets.level_slider import LevelSlider
from export.errors import ToolError
from trainer.runs.probe import Probe

if TYPE_CHECKING:
    from aetui.screens.reconstructions import ReconstructionsScreen

FACTS_COLUMNS = 30
FACTS_FROM_COLUMNS = 66
SMALL = 400_000
"""Values in all probe images, up to which all are asked for at once."""

AT_ONCE = 100_000
"""Of more, so many values are asked for at a time, so that a key does not wait for many."""

SETTLE_S = 0.4
"""The order follows a level once it has rested for so long: pictures must not jump while it moves."""


class PicturesView(View):
    """A subclass says whose pictures (``subjects``), and what to say where there are none (``empty``)."""

    shows_residuals = False
    first: ClassVar[str] = "input"
    wraps: ClassVar[tuple[int, ...] | None] = None

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.residuals = self.shows_residuals
        self.shown_subjects: list[Entry] = []
        self._asked: tuple[Any, ...] | None = None
        self._latest = Latest(self._ask)
        self._probe_images = ProbeImages()
        self._left_out = ""
        self._written: tuple[str, bool] = ("", False)
        self._ordering = Ordering()
        self._settled: Any = None
        self._places: Positions = np.arange(0)
        self._way: Arrangement | None = None
        self._page: ImagePage | None = None
        self._results: list[Result] = []
        self._sweep = Sweep()

    def compose(self) -> ComposeResult:
        yield Static("", classes="info", markup=False)
        yield LevelSlider()
        with Horizontal():
            yield Gallery()
            yield from self.beside()
            yield ImageFacts()

    def beside(self) -> ComposeResult:
        """More widgets to the right of the pictures."""
        yield from ()

    @property
    def page(self) -> ReconstructionsScreen:
        return cast("ReconstructionsScreen", self.screen)

    @property
    def study(self) -> Study:
        return self.page.study

    async def on_unmount(self) -> None:
        await self._latest.stop()

    # What a subclass says

    @abstractmethod
    def subjects(self) -> list[Entry]:
        """The runs whose reconstructions are shown; each has a model."""

    @abstractmethod
    def empty(self) -> str:
        """What to do where there are none."""

    def names(self, subjects: list[Entry]) -> list[str]:
        """What stands above (or beside) the pictures of each."""
        return short_names(subjects)

    # Asking

    def entries_changed(self) -> None:
        colour_of, entry = self.ui.selection.colour_of, self.page.entry()
        subjects = [(entry.path, entry.model, entry.version, colour_of(entry)) for entry in self.subjects()]
        study = dataclasses.astuple(self.study)
        key = (subjects, study, self.residuals, self.size, self.ui.look, entry.path if entry else None)
        if key != self._asked:
            self._asked = key
            self._latest.ask()

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._look_again)

    def _look_again(self) -> None:
        if self.is_attached and self.page.view() is self:
            self.entries_changed()

    async def _ask(self) -> None:
        """Put the images to the engine and show the answers: those on the screen first, then the others."""
        subjects = self.subjects()
        try:
            if not subjects:
                return self._say_instead(self.empty())
            probe = first_probe(subjects)
            shown = self._shown(probe, subjects)
            subjects = self._that_fit(subjects, shown)
            everything = np.arange(len(shown.x))
            small = shown.x.size <= SMALL
            if small:
                await self._results_of(subjects, shown, everything)
            page = self._paged(probe, shown, subjects)
            results = await self._results_of(subjects, shown, page.places)
            if all(result.made is None for result in results):
                return self._say_instead(results[0].error)
            self._draw(page, subjects, results)
            if not small:
                await self._ask_for_the_rest(probe, shown, subjects)
        except ToolError as error:
            self._say_instead(failure(error))
            self.ui.tell(error)

    async def _ask_for_the_rest(self, probe: Probe, shown: Shown, subjects: list[Entry]) -> None:
        """The other images are needed for means and orders; whoever asks anew goes first."""
        piece = max(1, AT_ONCE // max(1, shown.x[0].size))
        for start in range(0, len(shown.x), piece):
            if self._latest.asked_again:
                return
            await self._results_of(subjects, shown, np.arange(start, min(start + piece, len(shown.x))))
        page = self._paged(probe, shown, subjects)
        self._draw(page, subjects, await self._results_of(subjects, shown, page.places))

    def _that_fit(self, subjects: list[Entry], shown: Shown) -> list[Entry]:
        """Those of images of the same shape, and of these as many as there is room for, the selected run among them."""
        same = of_shape(subjects, shown.x.shape[1:])
        columns, rows = self._room(shown)
        pictures = most_pictures(columns, rows, below=self.wraps == (1,), large=self.study.large)
        most = (pictures - 1 - (shown.noise is not None)) // (1 + self.residuals)
        found = window(same, self.page.entry(), max(1, most))
        parts = []
        if len(found) < len(same):
            parts.append(f"{len(found)} of {len(same)} runs (] for others)")
        if len(same) < len(subjects):
            parts.append(f"{len(subjects) - len(same)} left out: of images of another shape")
        self._left_out = ", ".join(parts)
        return found

    def _shown(self, probe: Probe, subjects: list[Entry]) -> Shown:
        """The images as the networks see them."""
        noise = self.study.noise(subjects, self.ui.entries, points=are_points(probe.images))
        return self._probe_images.shown(probe, noise)

    async def _results_of(self, subjects: list[Entry], shown: Shown, which: Positions) -> list[Result]:
        """What each makes of them; one that fails is said, and the others go on."""
        results = []
        look = self.ui.look
        for entry, name in zip(subjects, self.names(subjects), strict=True):
            colour = series_colour(self.ui.selection.colour_of(entry), look) if len(subjects) > 1 else DEFAULT
            result = Result(name=plain(name, unicode=look.unicode), colour=colour)
            try:
                made = await self.page.answers.made(entry, shown, which)
                results.append(dataclasses.replace(result, made=made))
            except ToolError as error:
                results.append(dataclasses.replace(result, error=harmless(failure(error), unicode=look.unicode)))
                self.ui.tell(error)
        return results

    # Which images, and where

    def _paged(self, probe: Probe, shown: Shown, subjects: list[Entry]) -> ImagePage:
        """The page that the selected image is on."""
        study = self.study
        made = [self.page.answers.known(entry, shown) for entry in subjects]
        key = (shown.key, [entry.path for entry in subjects])
        moving = self._settled is not None
        places = self._ordering.places(shown, probe.labels, study, made, key, moving=moving)
        if not study.moved or study.image not in places:
            study.image, study.moved = int(places[0]), False
        self._places, self.shown_subjects = places, subjects
        self._way = self._arranged(shown, subjects, len(places))
        at = int(np.flatnonzero(places == study.image)[0])
        first = at // self._way.images * self._way.images
        chosen = places[first : first + self._way.images]
        unicode = self.ui.look.unicode
        room = self._way.picture[0] + (self._way.gap - 1 if self._way.wrap > 1 else 0)
        classes = [subjects[0].class_name(int(label)) for label in probe.labels]
        names = [plain(name, unicode=unicode) for name in classes]
        return ImagePage(
            shown=shown,
            places=chosen,
            all=places,
            labels=[f"#{place + 1} {names[place]}".rstrip() for place in chosen.tolist()],
            classes=names,
            measure=study.measure,
            limit=study.limit,
            room=room,
            note_room=self._way.left - 1 if self._way.left else room,
        )

    def level_moves(self) -> None:
        """The level is about to change: the order stays until it rests."""
        if self._settled is not None:
            self._settled.stop()
        self._settled = self.set_timer(SETTLE_S, self._settle)

    def _settle(self) -> None:
        self._settled = None
        self._latest.ask()

    def _arranged(self, shown: Shown, subjects: list[Entry], count: int) -> Arrangement:
        study, large = self.study, self.study.large
        pictures = 1 + (shown.noise is not None) + len(subjects) * (1 + self.residuals)
        names = [self.first, "corrupted", *self.names(subjects), "residual" if self.residuals else ""]
        shape = (1, 1) if shown.points else (int(shown.x.shape[2]), int(shown.x.shape[3]))
        return arrange(
            *self._room(shown),
            shape,
            pictures,
            self.ui.look,
            count=1 if large else count,
            images=1 if large else min(study.images, count, MOST) if study.images else None,
            wraps=tuple(range(1, pictures + 1)) if large else self.wraps,
            label=2 + max(map(width_of, [*names, "mse 0.0000"])),
            smooth=large,
        )

    def _room(self, shown: Shown) -> tuple[int, int]:
        """Columns and rows for the pictures."""
        columns, rows = self.size.width - self.panel_columns(), self.size.height - 1 - (shown.noise is not None)
        return max(1, columns), max(1, rows)

    def panel_columns(self) -> int:
        """What stands beside the pictures takes so many columns."""
        return FACTS_COLUMNS if self.study.large and self.size.width >= FACTS_FROM_COLUMNS else 0

    # Drawing

    def _say_instead(self, text: str) -> None:
        """There is nothing to show, for now: whatever changes next is looked at anew."""
        self._page, self._results, self._way, self._asked = None, [], None, None
        self._write(text, whole=True)
        self.query_one(Gallery).show_shelves([], None)
        self.query_one(LevelSlider).display = False
        self.query_one(ImageFacts).display = False

    def _write(self, text: str, *, whole: bool = False) -> None:
        """The line above the pictures. whole: on as many lines as it takes."""
        shown = harmless(text, None if whole else self.size.width, unicode=self.ui.look.unicode)
        if (shown, whole) != self._written:
            # A new layout sends the whole screen again, which must not happen at each step of a slider.
            layout = whole or self._written[1]
            self._written = shown, whole
            self.query_one(".info", Static).update(shown, layout=layout)

    def _draw(self, page: ImagePage, subjects: list[Entry], results: list[Result]) -> None:
        if not self.is_attached or self._way is None:
            return
        self._page, self._results = page, results
        shelves = shelves_of(page, results, residuals=self.residuals, first=self.first)
        # A key may have gone on meanwhile: then the next page is under way.
        selected = next(iter(np.flatnonzero(page.places == self.study.image).tolist()), None)
        self.query_one(Gallery).show_shelves(shelves, self._way, None if self.study.large else selected)
        self._draw_slider(page, subjects, results)
        self.show_panel(page, results)
        order, unicode = self.study.order, self.ui.look.unicode
        self._write(info_line(page, subjects, results, order, self._left_out, unicode=unicode))
        self._record(page, subjects)

    def _draw_slider(self, page: ImagePage, subjects: list[Entry], results: list[Result]) -> None:
        slider, noise = self.query_one(LevelSlider), page.shown.noise
        slider.display = noise is not None
        if noise is None:
            return
        before, after = noise_texts(page, results, unicode=self.ui.look.unicode)
        kind, level = self.study.trained(subjects, self.ui.entries)
        mark = level if kind == noise.kind and any(entry.corruption for entry in subjects) else None
        slider.show_level(noise.level, (0.0, highest(noise.kind, level)), before=before, after=after, mark=mark)

    def show_panel(self, page: ImagePage, results: list[Result]) -> None:
        """What stands beside the pictures."""
        facts = self.query_one(ImageFacts)
        facts.display = self.study.large and self.panel_columns() > 0
        columns = self._way.columns + self._way.gap - 1 if self._way is not None and facts.display else 0
        self.query_one(Gallery).styles.width = columns or "1fr"
        if facts.display:
            made = next((result.made for result in results if result.made is not None), None)
            code = None if made is None or len(results) > 1 else made.code[page.places[0]]
            facts.show_facts(image_facts(page, results, self.ui.look), code)

    # What the keys of the screen ask for

    def step(self, by: int) -> None:
        """Select the image that comes ``by`` later, within the order that is shown."""
        if len(self._places):
            at = np.flatnonzero(self._places == self.study.image)
            place = (int(at[0]) if len(at) else 0) + by
            self.study.image = int(self._places[max(0, min(len(self._places) - 1, place))])
            self.study.moved = True
            self.update()

    @property
    def per_page(self) -> int:
        return self._way.images if self._way is not None else 1

    @property
    def per_row(self) -> int:
        """Images beside each other."""
        return 1 if self._way is None or self.study.large else self._way.groups[0]

    def on_gallery_picked(self, message: Gallery.Picked) -> None:
        """A click selects an image; one on the selected image shows it large, and back."""
        message.stop()
        if self._page is None or message.image >= len(self._page.places):
            return
        image = int(self._page.places[message.image])
        if image == self.study.image:
            self.page.action_large()
        else:
            self.study.image, self.study.moved = image, True
            self.update()

    def on_gallery_turned(self, message: Gallery.Turned) -> None:
        message.stop()
        self.step(message.by * self.per_page)

    def on_level_slider_moved(self, message: LevelSlider.Moved) -> None:
        message.stop()
        self.page.set_level(message.level)

    def shows_points(self) -> bool:
        """Whether the images are points."""
        return self._page is not None and self._page.shown.points

    # What the app asks for

    def view_state(self) -> dict[str, Any]:
        return {"residuals": self.residuals}

    def restore_state(self, state: dict[str, Any]) -> None:
        if isinstance(state.get("residuals"), bool):
            self.residuals = state["residuals"]

    def _record(self, page: ImagePage, subjects: list[Entry]) -> None:
        """While the noise plays its pictures are kept, so that they can be saved."""
        noise = page.shown.noise
        if not self.study.playing or noise is None or self._way is None:
            return
        versions = [(entry.path, entry.version) for entry in subjects]
        key = (versions, page.places.tolist(), noise.kind, noise.draw, self.residuals, self._way.across)
        sheet = sheet_of(self.query_one(Gallery).shelves, across=self._way.across)
        if sheet is not None:
            self._sweep.keep(key, noise.level, sheet)

    def frames(self) -> Frames | None:
        """The pictures as one image; while the noise plays, those of all its levels."""
        played = self._sweep.frames() if self.study.playing else None
        if played is not None or self._way is None:
            return played
        sheet = sheet_of(self.query_one(Gallery).shelves, across=self._way.across)
        return None if sheet is None else Frames(images=sheet, title=self.title)

    def copied(self) -> str | None:
        """The errors of all images, tab-separated."""
        names = [plain(entry.name) for entry in self.shown_subjects]
        return None if self._page is None else error_table(self._page, names, self._results)
