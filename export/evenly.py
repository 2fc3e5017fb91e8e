"""Some of many, from all over them: the first ones may all be of one kind."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def evenly(count: int, wanted: int) -> npt.NDArray[np.int64]:
    """Which of ``count`` things to take for ``wanted`` of them (all, where there are fewer): ascending, ends included.

    int64 [min(count, wanted)], no number twice.
    """
    return np.linspace(0, count - 1, min(count, wanted)).round().astype(np.int64)
