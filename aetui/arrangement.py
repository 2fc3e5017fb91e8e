"""How many probe images fit on a screen, and which way round: pure arithmetic on cells."""

from __future__ import annotations

from dataclasses import dataclass

from aetui.paint.images import size_of
from aetui.paint.look import Look

MOST = 12
"""Images on one page, at most."""

_ENOUGH_COLUMNS = 15
_ENOUGH_SHARE = 0.6
_ENOUGH_OF_SCREEN = 1 / 8
_GAP = 1
_WIDEST_GAP = 12
_CAPTION_ROWS = 1


@dataclass(frozen=True)
class Arrangement:
    """images: per page. across: the pictures of one image stand side by side, else one below the other.

    columns: pictures in a row. picture: (columns, rows) of cells that each picture takes. gap: columns between two.
    """

    images: int
    across: bool
    columns: int
    picture: tuple[int, int]
    gap: int


def arrange(
    columns: int,
    rows: int,
    image: tuple[int, int],
    pictures: int,
    look: Look,
    *,
    images: int | None = None,
    across: bool | None = None,
) -> Arrangement:
    """The best way to show ``pictures`` pictures of each image on columns × rows cells, captions below them and,
    where the pictures of an image stand side by side, a line of names above.

    image: (height, width) in pixels. images: so many per page; None: as many as stay recognisable.
    across: which way round; None: the better one.
    """
    counts = range(1, MOST + 1) if images is None else (images,)
    ways = (False, True) if across is None else (across,)
    choices = [_one(columns, rows, image, pictures, look, n, across=way) for n in counts for way in ways]
    if images is not None:
        return max(choices, key=_size)
    recognisable = max(_ENOUGH_COLUMNS, _ENOUGH_SHARE * image[1], _ENOUGH_OF_SCREEN * columns)
    largest = max(way.picture[0] for way in choices)
    if largest == 0:
        return choices[0]
    enough = min(recognisable, largest)
    good = [way for way in choices if way.picture[0] >= enough]
    return max(good, key=lambda way: (way.images, _size(way)))


def _one(
    columns: int, rows: int, image: tuple[int, int], pictures: int, look: Look, images: int, *, across: bool
) -> Arrangement:
    beside, below = (pictures, images) if across else (images, pictures)
    wide = (columns + _GAP) // beside - _GAP
    high = (rows - across) // below - _CAPTION_ROWS
    picture = size_of(*image, wide, high, look) if wide >= 1 and high >= 1 else (0, 0)
    gap = max(_GAP, min(_WIDEST_GAP, (columns - beside * picture[0]) // beside))
    return Arrangement(images, across, beside, picture, gap)


def _size(way: Arrangement) -> int:
    return way.picture[0] * way.picture[1]
