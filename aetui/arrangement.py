"""How many probe images fit on a screen, and which way round: pure arithmetic on cells."""

from __future__ import annotations

from dataclasses import dataclass

from aetui.paint.images import size_of
from aetui.paint.look import Look

MOST = 12
"""Images on one page, at most."""

_ENOUGH_COLUMNS = 15
_ENOUGH_SHARE = 0.6
_GAP = 1
_CAPTION_ROWS = 1


@dataclass(frozen=True)
class Arrangement:
    """images: per page. across: an image's pictures stand side by side (else one below the other). columns: of pictures.

    picture: (columns, rows) of cells that each picture takes.
    """

    images: int
    across: bool
    columns: int
    picture: tuple[int, int]


def arrange(
    columns: int, rows: int, image: tuple[int, int], pictures: int, look: Look, *, images: int | None = None
) -> Arrangement:
    """The best way to show ``pictures`` pictures of each image on columns × rows cells, captions below them.

    image: (height, width) in pixels. images: so many per page; None: as many as stay recognisable.
    """
    if images is not None:
        return max(_both(columns, rows, image, pictures, look, images), key=_size)
    choices = [way for n in range(1, MOST + 1) for way in _both(columns, rows, image, pictures, look, n)]
    enough = min(max(_ENOUGH_COLUMNS, _ENOUGH_SHARE * image[1]), max(way.picture[0] for way in choices))
    good = [way for way in choices if way.picture[0] >= enough]
    return max(good, key=lambda way: (way.images, _size(way)))


def _both(
    columns: int, rows: int, image: tuple[int, int], pictures: int, look: Look, images: int
) -> tuple[Arrangement, Arrangement]:
    return (
        _one(columns, rows, image, look, images, across=False, grid=(images, pictures)),
        _one(columns, rows, image, look, images, across=True, grid=(pictures, images)),
    )


def _one(
    columns: int,
    rows: int,
    image: tuple[int, int],
    look: Look,
    images: int,
    *,
    across: bool,
    grid: tuple[int, int],
) -> Arrangement:
    wide = (columns + _GAP) // grid[0] - _GAP
    high = rows // grid[1] - _CAPTION_ROWS
    fits = wide >= 1 and high >= 1
    picture = size_of(*image, wide, high, look) if fits else (0, 0)
    return Arrangement(images, across, grid[0], picture)


def _size(way: Arrangement) -> int:
    return way.picture[0] * way.picture[1]
