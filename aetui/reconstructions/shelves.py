"""From answers to pictures with names and numbers: the shelves of the reconstructions screen. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from aetui.paint.cells import DEFAULT
from aetui.paint.gallery import Shelf
from aetui.paint.images import Image, difference
from aetui.paint.points import Points, as_shown, point_text
from aetui.paint.text import width_of
from aetui.probes import Images
from aetui.reconstructions.answers import Made, Positions, Shown
from aetui.reconstructions.measures import Measure, Values, badness, better, psnr, written

_SHORT = {"reconstruction": "recon", "ground truth": "truth", "undercomplete": "under", "variational": "vae"}
"""Names where there is little room."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Result:
    """What one run made of the images. name: short, harmless text; made: None where it failed, error says why,
    in harmless lines."""

    name: str
    colour: int = DEFAULT
    made: Made | None = None
    error: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class ImagePage:
    """The images of one page and how they are measured. places: int64 [m] into the probe; all: those of the filter.

    labels: a text per image of the page. classes: the name of its class per image of the probe. limit: of residuals;
    None: the largest one. room, note_room: cells for a caption and for the second line of a name.
    """

    shown: Shown
    places: Positions
    all: Positions
    labels: Sequence[str]
    classes: Sequence[str]
    measure: Measure = "mse"
    limit: float | None = None
    room: int = 99
    note_room: int = 99
    _seen: list[Images] = field(default_factory=list)

    @property
    def x(self) -> Images:
        return self.shown.x[self.places]

    def seen(self) -> Images:
        """What the networks see of them."""
        if not self._seen:
            self._seen.append(self.shown.seen(self.places))
        return self._seen[0]

    def errors(self, made: Made) -> Values:
        """The measure of the images of the page; NaN where it is not known."""
        return np.asarray(made.values(self.measure, self.shown.x)[self.places], np.float64)

    def mean(self, made: Made) -> float:
        """Over all images of the filter that are known; the PSNR of the mean squared error, not the mean of PSNRs."""
        name: Measure = "mse" if self.measure == "psnr" else self.measure
        return self._mean(made.values(name, self.shown.x)[self.all])

    def mean_seen(self) -> float:
        """The same of what the networks see."""
        return self._mean(self.shown.values("mse" if self.measure == "psnr" else self.measure)[self.all])

    def _mean(self, values: Values) -> float:
        known = values[~np.isnan(values)]
        mean = float(known.mean()) if len(known) else math.nan
        return float(psnr(mean)) if self.measure == "psnr" else mean

    def pictures(self, images: Images) -> Sequence[Image]:
        """``images`` as they are drawn."""
        return list(as_shown(images, self.shown.x if self.shown.points else None))


def all_badness(name: Measure, shown: Shown, made: Sequence[Made]) -> npt.NDArray[np.float64]:
    """How bad each probe image is, the mean over runs, float64 [n]."""
    return np.asarray(np.mean([badness(name, one.values(name, shown.x)) for one in made], axis=0), np.float64)


def shelves_of(page: ImagePage, results: Sequence[Result], *, residuals: bool, first: str = "input") -> list[Shelf]:
    """input, corrupted where it is, then of each run the reconstruction and, where asked, the residual."""
    x = page.x
    shelves = [
        Shelf(name=first, short=_SHORT.get(first, ""), images=page.pictures(x), captions=page.labels, note="clean")
    ]
    if page.shown.noise is not None:
        seen = page.seen()
        values = page.shown.values(page.measure)[page.places]
        captions = [_caption(page, image, value) for image, value in zip(seen, values.tolist(), strict=True)]
        note = _mean_text(page, page.mean_seen())
        shelves.append(Shelf(name="corrupted", short="noisy", images=page.pictures(seen), captions=captions, note=note))
    best = _best(page, results)
    limit = page.limit or _largest(page, results)
    for place, result in enumerate(results):
        shelves.append(_reconstruction(page, result, best.get(place, frozenset())))
        if residuals and result.made is not None:
            shelves.append(_together(page, result) if page.shown.points else _residual(page, result, limit))
    return shelves


def _reconstruction(page: ImagePage, result: Result, best: frozenset[int]) -> Shelf:
    if result.made is None:
        what = result.error.partition("\n")[0]
        short = _SHORT.get(result.name, "")
        return Shelf(name=result.name, short=short, images=(), captions=(), note=what, colour=result.colour)
    known = result.made.known[page.places]
    x_hat = np.where(known[:, None, None, None], result.made.x_hat[page.places], np.float32(0))
    values = page.errors(result.made)
    captions = [
        _caption(page, image, value) if ready else "..."
        for image, value, ready in zip(x_hat, values.tolist(), known.tolist(), strict=True)
    ]
    return Shelf(
        name=result.name,
        short=_SHORT.get(result.name, ""),
        images=page.pictures(x_hat),
        captions=captions,
        note=_mean_text(page, page.mean(result.made)),
        colour=result.colour,
        best=best,
    )


def _residual(page: ImagePage, result: Result, limit: float) -> Shelf:
    assert result.made is not None
    x, x_hat = page.x, result.made.x_hat[page.places]
    largest = np.abs(x_hat - x).max(axis=(1, 2, 3), initial=0)
    return Shelf(
        name="residual",
        images=[difference(a, b, limit=limit) for a, b in zip(x_hat, x, strict=True)],
        captions=[f"max {value:.2f}" if page.room >= 8 else f"{value:.2f}" for value in largest.tolist()],
        limit=limit,
        colour=result.colour,
    )


def _together(page: ImagePage, result: Result) -> Shelf:
    """Points have no residual to look at: the point, what was seen of it and what was made of it on the same axes."""
    assert result.made is not None
    flat = page.shown.x.reshape(len(page.shown.x), -1)
    kinds = [page.x, *([page.seen()] if page.shown.noise is not None else []), result.made.x_hat[page.places]]
    marks = np.stack([images.reshape(len(images), -1) for images in kinds], axis=1)
    moved = [[point_text(one, digits) for digits in (2, 1, 0)] for one in result.made.x_hat[page.places] - kinds[-2]]
    return Shelf(
        name="together",
        images=[Points(one, flat) for one in marks],
        captions=[_longest([f"by {texts[0]}", *(f"+{text}" for text in texts)], page.room) for texts in moved],
        legend=["in", "noisy", "out"] if len(kinds) > 2 else ["in", "out"],
        colour=result.colour,
    )


def _caption(page: ImagePage, image: Images, value: float) -> str:
    """The error below a picture; of a point, where it lies."""
    error = written(page.measure, value, room=page.room)
    if not page.shown.points:
        return error
    places = [point_text(image, digits) for digits in (2, 1, 0)]
    return _longest([f"{places[0]} {error}", *places], page.room)


def _longest(texts: Sequence[str], room: int) -> str:
    """The first that fits, else the last one: it is to be cut."""
    return next((text for text in texts if width_of(text) <= room), texts[-1])


def _mean_text(page: ImagePage, value: float) -> str:
    return "" if math.isnan(value) else written(page.measure, value, room=page.note_room)


def _best(page: ImagePage, results: Sequence[Result]) -> dict[int, frozenset[int]]:
    """By run: the images of the page that it makes best of all; nothing where it is alone."""
    if sum(result.made is not None for result in results) < 2:
        return {}
    found: dict[int, set[int]] = {}
    values = {place: page.errors(result.made) for place, result in enumerate(results) if result.made is not None}
    for image in range(len(page.places)):
        best: int | None = None
        for place, errors in values.items():
            if not np.isnan(errors[image]) and (
                best is None or better(page.measure, float(errors[image]), float(values[best][image]))
            ):
                best = place
        if best is not None:
            found.setdefault(best, set()).add(image)
    return {place: frozenset(images) for place, images in found.items()}


def _largest(page: ImagePage, results: Sequence[Result]) -> float:
    """The largest residual on the page, so that the scale uses all colours; 1 where there is none."""
    found = [
        float(np.nanmax(np.abs(result.made.x_hat[page.places] - page.x), initial=0.0))
        for result in results
        if result.made is not None
    ]
    largest = max(found, default=0.0)
    return largest if math.isfinite(largest) and largest > 0 else 1.0
