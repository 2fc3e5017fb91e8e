"""Pictures of several kinds of the same images: headings or labels, the pictures, a caption below each.

A ``Shelf`` is one kind of picture (input, reconstruction of one run, residual, …) for all images of a page;
``paint_gallery(shelves, way, columns, rows, look)`` draws them where an ``arrangement.Arrangement`` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import numpy as np

from aetui.paint.cells import DEFAULT, Cells, blank, place, put
from aetui.paint.colours import quiet_colour, series_colour
from aetui.paint.images import Image, Signed, as_pixels, paint_image
from aetui.paint.look import Look
from aetui.paint.points import MARKS, Points
from aetui.paint.resize import enlarge
from aetui.paint.text import clip, width_of
from aetui.reconstructions.arrangement import Arrangement


@dataclass(frozen=True, kw_only=True, eq=False)
class Shelf:
    """name: of this kind of picture; short: where that is too long; note: a second line, such as its mean error, or
    why there are no images.

    colour: of the name. images, captions: one per image of the page. best: the images it makes best of all. limit: of
    a residual, the value that is drawn in full colour. legend: of points, what each mark is. Texts must have gone
    through ``outside_text.plain``.
    """

    name: str
    short: str = ""
    images: Sequence[Image]
    captions: Sequence[str]
    note: str = ""
    colour: int = DEFAULT
    best: frozenset[int] = frozenset()
    limit: float | None = None
    legend: Sequence[str] = ()


def paint_gallery(
    shelves: Sequence[Shelf], way: Arrangement, columns: int, rows: int, look: Look, *, selected: int | None = None
) -> Cells:
    """The shelves on columns × rows cells. selected: an image of the page whose first caption is marked."""
    cells = blank(rows, columns)
    if way.picture == (0, 0):
        put(cells, 0, 0, clip("too small for pictures", columns, ""), quiet_colour(look))
        return cells
    for place_of, shelf in enumerate(shelves):
        _paint_names(cells, shelf, place_of, way, look)
        if not shelf.images:
            _paint_failure(cells, shelf, place_of, way, look)
        for image in range(min(way.images, len(shelf.images))):
            row, column = way.corner(image, place_of)
            drawn = _paint_picture(shelf.images[image], way, look)
            place(cells, row, column + (way.picture[0] - drawn.columns) // 2, drawn)
            if way.captions:
                chosen = image == selected
                _paint_caption(cells, row + way.picture[1], column, shelf, image, way, look, chosen and place_of == 0)
    return cells


def _paint_picture(image: Image, way: Arrangement, look: Look) -> Cells:
    """One picture; enlarged smoothly it has as many pixels as the cells can show."""
    if way.smooth and not isinstance(image, Points):
        wide, high = way.picture
        across, down = (1, 2) if look.pixels == "half" else (2, 1)
        size = (high * down, max(1, wide // across))
        image = Signed(enlarge(image.values, *size)) if isinstance(image, Signed) else enlarge(as_pixels(image), *size)
    return paint_image(image, *way.picture, look)


def _paint_names(cells: Cells, shelf: Shelf, place_of: int, way: Arrangement, look: Look) -> None:
    """Name and note: above each group, or on the left of each row."""
    shown = min(way.images, len(shelf.images) or way.groups[0])
    if way.top:
        room = way.picture[0] + way.gap - 1
        for beside in range(min(way.groups[0], shown)):
            _, column = way.corner(beside, place_of)
            put(cells, 0, column, _cut(_name(shelf, room), room, look), shelf.colour)
            if way.top > 1:
                _paint_note(cells, 1, column, room, shelf, look)
    elif way.left:
        for image in range(0, shown, way.groups[0]):
            row, _ = way.corner(image, place_of)
            middle = row + max(0, (way.picture[1] - 2) // 2)
            put(cells, middle, 0, _cut(_name(shelf, way.left - 1), way.left - 1, look), shelf.colour)
            if way.picture[1] > 1:
                _paint_note(cells, middle + 1, 0, way.left - 1, shelf, look)


def _paint_failure(cells: Cells, shelf: Shelf, place_of: int, way: Arrangement, look: Look) -> None:
    """The note, in place of the pictures that there are not; with the name where that stands nowhere else."""
    row, column = way.corner(0, place_of)
    wide, high = way.picture
    high = cells.rows - row if way.top else high
    room = cells.columns - column if way.left else wide + way.gap - 1
    named = bool(way.top or way.left)
    lines = [*([] if named else wrap(shelf.name, max(1, room))), *wrap(shelf.note, max(1, room))]
    cut = len(lines) > high
    for place_in, line in enumerate(lines[:high]):
        last = cut and place_in == high - 1
        put(cells, row + place_in, column, _cut(f"{line} {lines[high]}" if last else line, room, look))


def _paint_note(cells: Cells, row: int, column: int, room: int, shelf: Shelf, look: Look) -> None:
    if not shelf.images:
        return
    if shelf.legend:
        _paint_legend(cells, row, column, room, shelf.legend, look)
    elif shelf.limit is None:
        put(cells, row, column, _cut(shelf.note, room, look), quiet_colour(look))
    else:
        place(cells, row, column, paint_scale(shelf.limit, room, look))


def _paint_legend(cells: Cells, row: int, column: int, room: int, legend: Sequence[str], look: Look) -> None:
    """``● in ● noisy ● out``, in the colours of the marks; only the marks where there is no room."""
    named = sum(map(len, legend)) + 2 * len(legend) - 1 <= room
    end = column
    for index, name in enumerate(legend):
        mark = "●" if look.unicode and look.depth != "mono" else MARKS[index % len(MARKS)]
        text = f"{mark}{name}" if named else mark
        if end + len(text) <= column + room:
            end = put(cells, row, end, text, series_colour(index + 1, look)) + 1


def paint_scale(limit: float, columns: int, look: Look) -> Cells:
    """``-0.5 ▁▁▁ 0.5``: the colours of a residual between its ends, one row; only the ends where there is no room."""
    low, high = f"-{limit:.2g}", f"+{limit:.2g}"
    cells = blank(1, columns)
    wide = columns - len(low) - len(high) - 2
    if wide < 3:
        put(cells, 0, 0, clip(f"±{limit:.2g}" if look.unicode else high.replace("+", "+-"), columns, ""))
        return cells
    colour = quiet_colour(look)
    put(cells, 0, 0, low, colour)
    values = np.linspace(-1, 1, wide if look.pixels == "half" else max(2, wide // 2), dtype=np.float32)
    ramp = Signed(np.repeat(values[None], 2 if look.pixels == "half" else 1, axis=0))
    drawn = paint_image(ramp, wide, 1, look)
    place(cells, 0, len(low) + 1, drawn)
    put(cells, 0, len(low) + drawn.columns + 2, high, colour)
    return cells


def _paint_caption(
    cells: Cells, row: int, column: int, shelf: Shelf, image: int, way: Arrangement, look: Look, chosen: bool
) -> None:
    best = image in shelf.best
    wide = way.picture[0] + (way.gap - 1 if way.wrap > 1 else 0)
    room = wide - 2 * chosen
    texts = _captions(shelf, image, way, look)
    text = _cut(next((one for one in texts if width_of(one) <= room), texts[-1]), room, look)
    text = f"[{text}]" if chosen else text
    colour = series_colour(1, look) if chosen else series_colour(2, look) if best else quiet_colour(look)
    put(cells, row, column + max(0, (way.picture[0] - width_of(text)) // 2), text, colour)


def _captions(shelf: Shelf, image: int, way: Arrangement, look: Look) -> list[str]:
    """What could stand below a picture, the longest first; the last one is to be cut."""
    text = shelf.captions[image] if image < len(shelf.captions) else ""
    texts = [text]
    if not (way.top or way.left) and way.pictures > 1:
        texts = [f"{shelf.name} {text}".rstrip(), f"{shelf.short or shelf.name} {text}".rstrip(), text]
    if image in shelf.best:
        star = "★" if look.unicode else "*"
        name, _, number = text.partition(" ")
        bare = number if name.isalpha() else text
        texts = [*(f"{star}{one}" for one in [*texts, bare]), star + bare.removeprefix("0")]
    return texts


def _name(shelf: Shelf, room: int) -> str:
    return shelf.short if shelf.short and width_of(shelf.name) > room else shelf.name


def _cut(text: str, room: int, look: Look) -> str:
    return clip(text, max(0, room), look.ellipsis)
