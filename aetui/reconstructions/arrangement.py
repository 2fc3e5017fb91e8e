"""How many probe images fit on a screen, and where their pictures go: pure arithmetic on cells.

A page shows some images, of each the same pictures (input, corrupted, reconstruction, …). The pictures of one image
are a group; ``wrap`` of them stand side by side: all (headings above), one (labels on the left), or what fits best.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from aetui.paint.images import size_of
from aetui.paint.look import Look

MOST = 24
"""Images on one page, at most."""

_ENOUGH_COLUMNS = 12
_ENOUGH_SHARE = 0.6
_ENOUGH_OF_SCREEN = 1 / 10
_LEAST_COLUMNS, _LEAST_OF_POINTS = 8, 14
"""Of a picture; the coordinates of a point, ``(-0.74, -0.63)``, stand below it whole."""
_WHOLE_FROM = 3
_WORTH_ROWS, _WORTH_COLUMNS = 4, 9
_WORTH_OF_SIZE = 3
_MOST_BESIDE = 12
_GAP = 1
_GROUP_GAP = 3
_SPREAD = 3
_LABEL_SHARE = 1 / 4
_ROWS_FOR_HEADINGS = 6
_ROWS_FOR_NOTES = 12
_LEAST_HIGH = 2


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """images: per page. pictures: of each image, ``wrap`` of them side by side. groups: images (beside, below).

    picture: (columns, rows) of cells that each picture takes; (0, 0): there is no room. gap, group_gap, band_gap:
    cells between pictures, between groups, and between rows of groups. left: columns for labels. top: rows for
    headings. captions: rows below each picture. smooth: pictures are enlarged to sizes that are no whole multiples.
    """

    images: int
    pictures: int
    wrap: int
    groups: tuple[int, int]
    picture: tuple[int, int]
    gap: int = _GAP
    group_gap: int = _GROUP_GAP
    band_gap: int = 0
    left: int = 0
    top: int = 0
    captions: int = 1
    smooth: bool = False

    @property
    def across(self) -> bool:
        """All pictures of an image stand side by side."""
        return self.wrap == self.pictures > 1

    @property
    def columns(self) -> int:
        """The columns that all pictures take together, their labels included."""
        beside = min(self.groups[0], self.images)
        group = self.wrap * (self.picture[0] + self.gap) - self.gap
        return self.left + beside * (group + self.group_gap) - self.group_gap

    def corner(self, image: int, picture: int) -> tuple[int, int]:
        """(row, column) of the top left cell of one picture. image: from the first one of the page on."""
        below, beside = divmod(image, self.groups[0])
        down, right = divmod(picture, self.wrap)
        wide, high = self.picture
        high += self.captions
        group_wide = self.wrap * (wide + self.gap) - self.gap
        group_high = -(-self.pictures // self.wrap) * high
        row = self.top + below * (group_high + self.band_gap) + down * high
        return row, self.left + beside * (group_wide + self.group_gap) + right * (wide + self.gap)

    def at(self, column: int, row: int) -> tuple[int, int] | None:
        """(image, picture) at a cell, its caption included; None between them."""
        wide, high = self.picture
        for image in range(self.images):
            for picture in range(self.pictures):
                top, left = self.corner(image, picture)
                if top <= row < top + high + self.captions and left <= column < left + wide:
                    return image, picture
        return None


def most_pictures(columns: int, rows: int, *, below: bool, large: bool) -> int:
    """So many pictures of one image have a size that is worth a look. below: they stand below each other; large: in a
    square."""
    high, wide = rows // _WORTH_ROWS, columns // _WORTH_COLUMNS
    if large:
        return max(high, wide, high * wide)
    return high if below else max(high, wide)


@lru_cache(256)
def arrange(
    columns: int,
    rows: int,
    image: tuple[int, int],
    pictures: int,
    look: Look,
    *,
    count: int = MOST,
    images: int | None = None,
    wraps: tuple[int, ...] | None = None,
    label: int = 0,
    smooth: bool = False,
) -> Arrangement:
    """The best way to show ``pictures`` pictures of each image on columns × rows cells.

    image: (height, width) in pixels; (1, 1): points. count: how many images there are, ≥ 1. images: so many per page;
    None: as many as stay recognisable. wraps: the numbers of pictures side by side to choose from; None: all or one.
    label: columns that a label on the left would like to have. smooth: less than thrice as large need not be a whole
    multiple.
    """
    choices = [
        _one(columns, rows, image, pictures, look, count, images, wrap, (beside, below), label, smooth)
        for wrap in wraps or (1, pictures)
        for beside in range(1, _MOST_BESIDE + 1)
        for below in range(1, MOST // beside + 1)
        if images is None or beside * below >= images
    ]
    choices = choices or [_one(columns, rows, image, pictures, look, count, images, 1, (images or 1, 1), label, smooth)]
    largest = max(way.picture[0] for way in choices)
    if images is not None or largest == 0:
        return max(choices, key=lambda way: (_size(way), -way.groups[0] * way.groups[1]))
    enough = max(_ENOUGH_COLUMNS, _ENOUGH_SHARE * image[1], _ENOUGH_OF_SCREEN * columns)
    least = min(_LEAST_OF_POINTS if image == (1, 1) else _LEAST_COLUMNS, largest)
    good = [way for way in choices if way.picture[0] >= least]
    return max(good, key=lambda way: (_worth(way, enough), _size(way)))


def _one(
    columns: int,
    rows: int,
    image: tuple[int, int],
    pictures: int,
    look: Look,
    count: int,
    images: int | None,
    wrap: int,
    groups: tuple[int, int],
    label: int,
    smooth: bool,
) -> Arrangement:
    beside, below = groups
    down = -(-pictures // wrap)
    left = min(label, int(_LABEL_SHARE * columns)) if wrap == 1 < pictures else 0
    top = 0
    if wrap == pictures > 1:
        top = (rows >= _ROWS_FOR_HEADINGS) + (rows >= _ROWS_FOR_NOTES)
    group_gap = _GROUP_GAP if wrap > 1 else _GAP
    band_gap = 1 if down > 1 and below > 1 else 0
    wide = (columns - left - beside * (wrap - 1) * _GAP - (beside - 1) * group_gap) // (beside * wrap)
    each = (rows - top - (below - 1) * band_gap) // (below * down)
    captions = 1 if each > _LEAST_HIGH else 0
    high = each - captions
    picture, between = _fitted(image, wide, high, look, smooth)
    spread = min(_SPREAD, max(0, (wide - picture[0]))) if picture[0] else 0
    return Arrangement(
        images=max(1, min(beside * below if images is None else images, count, MOST)),
        pictures=pictures,
        wrap=wrap,
        groups=groups,
        picture=picture,
        gap=_GAP + spread,
        group_gap=group_gap + spread,
        band_gap=band_gap,
        left=left,
        top=top,
        captions=captions,
        smooth=between,
    )


def _fitted(image: tuple[int, int], wide: int, high: int, look: Look, smooth: bool) -> tuple[tuple[int, int], bool]:
    """The cells of one picture in wide × high, (0, 0) where it has no room; whether it is enlarged smoothly."""
    if wide < 1 or high < 1:
        return (0, 0), False
    across, down = (1, 2) if look.pixels == "half" else (2, 1)
    factor = min(high * down / image[0], wide / (across * image[1])) if min(image) > 1 else 0.0
    if smooth and 1 < factor < _WHOLE_FROM:
        return (int(across * image[1] * factor), max(1, int(image[0] * factor) // down)), True
    picture = size_of(*image, wide, high, look)
    return (picture if picture[0] <= wide and picture[1] <= high else (0, 0)), False


def _worth(way: Arrangement, enough: float) -> float:
    """Many images are better than few, but not where they are hard to recognise."""
    return float(way.images * min(1.0, way.picture[0] / enough) ** _WORTH_OF_SIZE)


def _size(way: Arrangement) -> int:
    return way.picture[0] * way.picture[1]
