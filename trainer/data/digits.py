"""``digits``: scikit-learn's 1,797 handwritten digits of 8×8 pixels, embedded in its package."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from export.errors import ExitCode, ToolError
from trainer.data.dataset import DataSet
from trainer.data.split import Part, from_one_part

_LEVELS = 16
"""A pixel of the source is a count 0 … 16."""


def load_digits(validation: float) -> DataSet:
    """The digits, scaled from 0 … 16 to uint8 0 … 255. Raises ToolError (exit 1) without scikit-learn."""
    table = _table()
    images = np.rint(table[:, :64] * (255 / _LEVELS)).astype(np.uint8).reshape(-1, 1, 8, 8)
    source = f"scikit-learn {importlib.metadata.version('scikit-learn')}"
    classes = tuple(str(digit) for digit in range(10))
    return from_one_part(
        "digits", Part(images=images, labels=table[:, 64].astype(np.int64), classes=classes), source, validation
    )


def _table() -> npt.NDArray[Any]:
    """[1797, 65]: 64 pixels 0 … 16, then the digit."""
    package = importlib.util.find_spec("sklearn")
    if package is None or package.origin is None:
        raise ToolError(
            "data set 'digits' needs scikit-learn, which is not installed",
            why="the images are embedded in its package",
            do="pip install scikit-learn",
            exit_code=ExitCode.FAILED,
        )
    embedded = Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz"
    if embedded.is_file():
        # Importing sklearn.datasets takes over a second, reading its file a hundredth of one.
        return np.loadtxt(embedded, delimiter=",", dtype=np.uint8)
    from sklearn.datasets import load_digits as load

    pixels, digits = load(return_X_y=True)
    return np.column_stack([pixels, digits])
