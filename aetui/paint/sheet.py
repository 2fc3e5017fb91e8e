"""Shelves of pictures as one image, to be saved: pixels as they are, residuals in their colours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from aetui.frames import tile
from aetui.paint.gallery import Shelf
from aetui.paint.images import Image, Signed, as_pixels
from aetui.paint.points import Points, raster

Floats = npt.NDArray[np.float32]


def sheet_of(shelves: Sequence[Shelf], *, across: bool) -> Floats | None:
    """float32 [1, C, H, W] in [0, 1], C 1 or 3; None: no pictures. across: a row per image, else one per shelf."""
    shown = [shelf for shelf in shelves if len(shelf.images)]
    if not shown:
        return None
    count = min(len(shelf.images) for shelf in shown)
    if across:
        pictures = [as_rgb(shelf.images[image]) for image in range(count) for shelf in shown]
    else:
        pictures = [as_rgb(shelf.images[image]) for shelf in shown for image in range(count)]
    if all(len(picture) == 1 for picture in pictures):
        return tile(np.stack(pictures), len(shown) if across else count)
    coloured = [np.broadcast_to(picture, (3, *picture.shape[1:])) for picture in pictures]
    return tile(np.stack(coloured), len(shown) if across else count)


def as_rgb(image: Image) -> Floats:
    """An image as pixels, float32 [1 or 3, H, W] in [0, 1]; a residual in blues below 0, black at 0, reds above."""
    if isinstance(image, Points):
        return raster(image)
    if not isinstance(image, Signed):
        return as_pixels(image)
    strength = np.abs(np.nan_to_num(image.values)).clip(0, 1)
    main, more = (2 * strength).clip(0, 1), (2 * strength - 1).clip(0, 1)
    none = np.zeros_like(main)
    less = image.values < 0
    return np.stack([np.where(less, none, main), more, np.where(less, main, none)]).astype(np.float32)
