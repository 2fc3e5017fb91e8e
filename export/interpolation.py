"""Ways through the latent space: pure functions of codes."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.float32]
Way = Literal["linear", "slerp"]


def between(a: Codes, b: Codes, count: int, way: Way) -> Codes:
    """``count`` ≥ 2 codes from ``a`` to ``b``, both included; a, b: float32 [d]. Returns float32 [count, d].

    linear: (1 − t)·a + t·b. slerp: along the great circle, the length going over linearly; where the two point the
    same way or opposite ways, or one is zero, there is no one great circle and it is linear.
    Source: Shoemake 1985; for latent codes White 2016, "Sampling generative networks".
    """
    t = np.linspace(0, 1, count, dtype=np.float64)[:, None]
    x, y = a.astype(np.float64), b.astype(np.float64)
    straight = (1 - t) * x + t * y
    if way == "linear":
        return straight.astype(np.float32)
    long_x, long_y = np.linalg.norm(x), np.linalg.norm(y)
    if long_x < 1e-9 or long_y < 1e-9:
        return straight.astype(np.float32)
    angle = np.arccos(np.clip(np.dot(x / long_x, y / long_y), -1, 1))
    if np.sin(angle) < 1e-6:
        return straight.astype(np.float32)
    direction = (np.sin((1 - t) * angle) * x / long_x + np.sin(t * angle) * y / long_y) / np.sin(angle)
    found: Codes = (direction * ((1 - t) * long_x + t * long_y)).astype(np.float32)
    return found
