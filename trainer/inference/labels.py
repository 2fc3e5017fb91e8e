"""Which images are anomalous: as their sub-folders say, or a file of labels."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from export.errors import ToolError
from trainer.data.limits import damaged
from trainer.data.npy import open_npy
from trainer.inference.inputs import Inputs

FOLDERS = "folders"
"""Given instead of a file: the sub-folder says it."""

NORMAL = ("normal", "good", "0", "false")
ANOMALOUS = ("anomalous", "anomaly", "bad", "1", "true")

_MOST_CHARACTERS = 1 << 28


def anomalous(given: str, inputs: Inputs, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which of the images ``numbers`` are anomalous: bool [n].

    given: ``folders``: those below a sub-folder normal (or good) are not, those of every other sub-folder are. Or a
    file: an ``.npy`` with a 0 or 1 for each image of the job, or a ``.csv`` with the columns name and label, where a
    label is normal, good or 0, or anomalous, bad or 1. Raises ToolError: exit 2 where an image has no label or all have
    the same, 3 for a damaged file; OSError.
    """
    path = Path(given)
    if given == FOLDERS:
        found = [_of_folder(inputs.name(int(number))) for number in numbers]
    elif path.suffix.lower() == ".npy" and path.is_file():
        found = _of_array(path, inputs, numbers)
    elif path.suffix.lower() == ".csv" and path.is_file():
        found = _of_table(path, inputs, numbers)
    else:
        raise ToolError(
            f"there are no labels at {given}",
            why=f"labels are in an .npy or a .csv, or the sub-folders say them: --labels {FOLDERS}",
            do="check the path",
        )
    labels = np.array(found, bool)
    if labels.all() or not labels.any():
        raise ToolError(
            f"--labels {given} calls every image {'anomalous' if labels.any() else 'normal'}",
            why="how well scores tell two kinds apart can be said only where there are two",
            do="score normal and anomalous images together",
        )
    return labels


def _of_folder(name: str) -> bool:
    folder, _, rest = name.partition("/")
    if not rest:
        raise ToolError(
            f"{name} lies in no sub-folder",
            why=f"--labels {FOLDERS} takes the images below normal (or good) for normal, all others for anomalous",
            do="give the folder that holds both, or a file of labels",
        )
    return folder.lower() not in NORMAL


def _of_array(path: Path, inputs: Inputs, numbers: npt.NDArray[np.int64]) -> list[bool]:
    values = np.asarray(open_npy(path).map())
    if values.ndim != 1 or len(values) < len(inputs) or values.dtype.kind not in "bui":
        raise ToolError(
            f"{path} holds {values.dtype} {list(values.shape)}",
            why=f"labels are whole numbers [{len(inputs)}], in the order of the images: 0 normal, 1 anomalous",
            do="save one label per image",
        )
    return [_meaning(str(int(values[number])), path) for number in numbers]


def _of_table(path: Path, inputs: Inputs, numbers: npt.NDArray[np.int64]) -> list[bool]:
    if path.stat().st_size > _MOST_CHARACTERS:
        raise damaged(path, f"more than {_MOST_CHARACTERS:,} bytes are no table of labels")
    by_name: dict[str, Any] = {}
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        try:
            by_name = {row["name"]: row["label"] for row in csv.DictReader(file)}
        except (csv.Error, KeyError) as error:
            raise ToolError(
                f"{path} is no table of labels", why=f"it has no column {error}", do="begin it with a line name,label"
            ) from error
    found = []
    for number in numbers:
        name = inputs.name(int(number))
        if name not in by_name:
            raise ToolError(
                f"{path} has no label for {name}",
                why=f"it has {len(by_name)} names, such as {next(iter(by_name), 'none')}",
                do="add it; names are those that aetrain score prints",
            )
        found.append(_meaning(str(by_name[name]), path))
    return found


def _meaning(label: str, path: Path) -> bool:
    word = label.strip().lower()
    if word not in NORMAL + ANOMALOUS:
        raise ToolError(
            f"{path} has a label {label!r}",
            why=f"normal is one of {', '.join(NORMAL)}; anomalous one of {', '.join(ANOMALOUS)}",
            do="use these words",
        )
    return word in ANOMALOUS
