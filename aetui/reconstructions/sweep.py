"""The pictures of a playing noise, kept by level, so that they can be saved as an animation."""

from __future__ import annotations

from typing import Any

import numpy as np

from aetui.frames import Frames
from aetui.paint.sheet import Floats

PER_S = 10.0


class Sweep:
    """``keep`` a sheet per level; ``frames`` gives them up and down. Another key, and all is forgotten."""

    def __init__(self) -> None:
        self._key: Any = None
        self._sheets: dict[float, Floats] = {}

    def keep(self, key: Any, level: float, sheet: Floats) -> None:
        """sheet: float32 [1, C, H, W]. key: differs where the pictures are of other images or runs."""
        if key != self._key or any(kept.shape != sheet.shape for kept in self._sheets.values()):
            self._key, self._sheets = key, {}
        self._sheets[level] = sheet

    def frames(self) -> Frames | None:
        """From the lowest level that was seen to the highest, and back; None before there are two."""
        if len(self._sheets) < 2:
            return None
        up = np.concatenate([self._sheets[level] for level in sorted(self._sheets)])
        return Frames(images=np.concatenate([up, up[-2:0:-1]]), per_s=PER_S, title="noise")
