"""A code as text, to be copied."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def code_text(code: npt.NDArray[np.float32]) -> str:
    """``0.5⇥-1⇥1e-07``: tabs between, for a spreadsheet, ``numpy.loadtxt`` or ``str.split``."""
    return "\t".join(f"{value:.6g}" for value in code.tolist())
