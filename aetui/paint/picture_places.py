"""How many images fit, each with several pictures beside or below each other and a caption below each picture."""

from __future__ import annotations

from dataclasses import dataclass

from aetui.paint.images import size_of
from aetui.paint.look import Look

_ENOUGH_COLUMNS = 8
_ENOUGH_SHARE = 0.55
_NEARLY = 0.75


@dataclass(frozen=True)
class Places:
    """images: so many. across: the pictures of an image stand side by side, else below each other.

    groups: so many images stand beside each other. picture: (columns, rows) of each.
    """

    images: int
    across: bool
    groups: int
    picture: tuple[int, int]


def places_for(
    columns: int, rows: int, shape: tuple[int, int], pictures: int, look: Look, *, most: int, least: int = 1
) -> Places:
    """The most images of those ways that nearly fill the room with pictures that can be recognised.

    shape: (height, width) in pixels. All sizes ≥ 1; ``most`` ≥ ``least`` ≥ 1.
    """
    choices = []
    for images in range(least, most + 1):
        for groups, across in [*((groups, True) for groups in range(1, images + 1)), (images, False)]:
            picture = _picture(columns, rows, shape, images, groups, pictures, look, across=across)
            choices.append(Places(images, across, groups, picture))
    largest = max(one.picture[0] for one in choices)
    enough = min(largest, max(_ENOUGH_COLUMNS, _ENOUGH_SHARE * shape[1]))
    good = [one for one in choices if one.picture[0] >= enough]
    most_cells = max(map(_cells, good))
    return max((one for one in good if _cells(one) >= _NEARLY * most_cells), key=lambda one: (one.images, _cells(one)))


def _cells(places: Places) -> int:
    return places.images * places.picture[0] * places.picture[1]


def _picture(
    columns: int,
    rows: int,
    shape: tuple[int, int],
    images: int,
    groups: int,
    pictures: int,
    look: Look,
    *,
    across: bool,
) -> tuple[int, int]:
    beside, below = (pictures * groups, -(-images // groups)) if across else (images, pictures)
    wide, high = (columns + 1) // beside - 1, rows // below - 1
    return size_of(*shape, wide, high, look) if wide >= 1 and high >= 1 else (0, 0)
