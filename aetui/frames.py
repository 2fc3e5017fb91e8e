"""``Frames``: pictures of a screen as they are saved, one (PNG) or an animation (GIF)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, kw_only=True)
class Frames:
    """images: [n, C, H, W], n ≥ 1, C 1 or 3, uint8 or float32 in [0, 1]. per_s: frames per second, where n > 1.

    title: what they show, a few words for the name of the file.
    """

    images: npt.NDArray[np.uint8] | npt.NDArray[np.float32]
    per_s: float = 10.0
    title: str = "pictures"


def tile(images: npt.NDArray[np.float32], across: int, gap: int = 1) -> npt.NDArray[np.float32]:
    """``images`` [n, C, H, W] in [0, 1] as one image [1, C, H', W'], ``across`` a row, ``gap`` white pixels between."""
    count, channels, height, width = images.shape
    across = max(1, min(across, count))
    down = -(-count // across)
    sheet = np.ones((channels, down * (height + gap) - gap, across * (width + gap) - gap), np.float32)
    for index, image in enumerate(images):
        row, column = divmod(index, across)
        top, left = row * (height + gap), column * (width + gap)
        sheet[:, top : top + height, left : left + width] = image
    return sheet[None]
