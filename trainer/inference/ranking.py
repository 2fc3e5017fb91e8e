"""A ranking as a file: every image, the most unusual first, numbers as they were computed."""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt

from export import atomic
from trainer.inference.arrays import quoted
from trainer.inference.inputs import Inputs
from trainer.inference.outputs import Output
from trainer.inference.scoring import Scored


def write_ranking(
    output: Output,
    inputs: Inputs,
    scored: Scored,
    order: npt.NDArray[np.int64],
    anomalous: npt.NDArray[np.bool_] | None,
) -> None:
    """A ``.csv`` with a header, or a ``.json`` list of objects; line by line. Raises OSError."""
    output.path.parent.mkdir(parents=True, exist_ok=True)
    with atomic.new_file(output.path) as file:
        for number, place in enumerate(order):
            row = scored.row(inputs, place, anomalous)
            if output.kind == ".json":
                text = ("[\n" if number == 0 else ",\n") + json.dumps(row, ensure_ascii=False)
            else:
                text = ("" if number else ",".join(row) + "\n") + ",".join(map(_field, row.values())) + "\n"
            file.write(text.encode("utf-8", "surrogateescape"))
        if output.kind == ".json":
            file.write(b"\n]\n" if len(order) else b"[]\n")


def _field(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return quoted(value) if isinstance(value, str) else repr(value)
