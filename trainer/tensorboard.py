"""``--tensorboard``: the rows of the log as TensorBoard's event files, in the run's folder ``tensorboard/``."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from typing import TYPE_CHECKING

from export.errors import ToolError
from trainer.runs.folder import RunFolder
from trainer.runs.metrics import Row

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

_PLACE = ("step", "epoch", "time", "split")
"""What a row says beside its terms."""


def require_tensorboard() -> None:
    """Raises ToolError (exit 2) where the package is missing; it is not imported here."""
    try:
        there = importlib.util.find_spec("tensorboard") is not None
    except ValueError:  # kept from being imported
        there = False
    if not there:
        raise ToolError(
            "--tensorboard is not to be had",
            why="the package tensorboard is not installed",
            do="pip install 'aetui[tensorboard]'",
        )


class Board:
    """Writes rows as scalars ``<split>/<term>`` at their step and time; what has been added can be read at once."""

    def __init__(self, writer: SummaryWriter) -> None:
        self._writer = writer

    def add(self, rows: Iterable[Row]) -> None:
        """Write the terms of ``rows``; one that is no number (None: it was not finite) is left out. Raises OSError."""
        for row in rows:
            for term, value in row.items():
                if term not in _PLACE and isinstance(value, int | float):
                    self._writer.add_scalar(f"{row['split']}/{term}", value, row["step"], walltime=row["time"])
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()


def open_board(run: RunFolder, step: int) -> Board:
    """The board of ``run`` from ``step`` on: what an earlier trainer wrote of later steps no longer counts.

    Raises ToolError (exit 2) where the package is missing, OSError.
    """
    require_tensorboard()
    from torch.utils.tensorboard import SummaryWriter

    return Board(SummaryWriter(str(run.path / "tensorboard"), purge_step=step + 1))
