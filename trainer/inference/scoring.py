"""How unusual each image of a job is to a model, and how well that tells two kinds of images apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from export.scores import Scores, pixel_variance, relative_errors, squared_errors
from trainer.inference.inputs import Inputs
from trainer.inference.models import Opened

Exact = npt.NDArray[np.float64]

RAW = ("error", "relative-error", "distance")
"""The scores, as they are measured. What each is: ``export.scores``."""

HIGHEST = "highest-percentile"


@dataclass(frozen=True)
class Scored:
    """The scores of images. numbers: int64 [n], where each stands among the inputs; columns: name → float64 [n].

    ``error`` is the mean squared error per pixel, ``relative-error`` its share of the variance between the image's
    pixels (not for points), ``distance`` the Mahalanobis distance of the code from those of the training images. Each
    has a ``…-percentile`` among them where the bundle knows it; ``highest-percentile`` is the largest of these.
    """

    numbers: npt.NDArray[np.int64]
    columns: dict[str, Exact]

    def order(self, column: str) -> npt.NDArray[np.int64]:
        """The places of the images, the largest in ``column`` first; ties by error, then as they came."""
        return np.lexsort((self.numbers, -self.columns["error"], -self.columns[column]))

    def row(self, inputs: Inputs, place: int, anomalous: npt.NDArray[np.bool_] | None = None) -> dict[str, Any]:
        """Name, label (where there are any) and scores of the image at ``place``, plain values."""
        label = {} if anomalous is None else {"anomalous": bool(anomalous[place])}
        scores = {name.replace("-", "_"): float(values[place]) for name, values in self.columns.items()}
        return {"name": inputs.name(int(self.numbers[place])), **label, **scores}


def score_images(
    opened: Opened, inputs: Inputs, known: Scores | None, *, batch_size: int, done: Callable[[int], None]
) -> Scored:
    """known: what the training images scored; None: raw errors alone. Raises ToolError as reading the inputs does.

    Of an image nothing is kept but its scores: some 60 bytes.
    """
    numbers: list[npt.NDArray[np.int64]] = []
    pieces: list[list[Exact]] = []
    for batch in inputs.batches(batch_size):
        code, x_hat = opened.model.reconstruct(batch.images)
        errors = squared_errors(batch.images, x_hat)
        piece = [errors]
        if not opened.points:
            piece.append(relative_errors(errors, pixel_variance(batch.images)))
        if known is not None:
            piece.append(known.distance(code))
        numbers.append(np.array(batch.numbers, np.int64))
        pieces.append(piece)
        done(len(batch.numbers))
    names = [name for name in RAW if (name != "relative-error" or not opened.points) and (name != "distance" or known)]
    values = [np.concatenate(column) for column in zip(*pieces, strict=True)] or [np.empty(0) for _ in names]
    columns = dict(zip(names, values, strict=True))
    return Scored(np.concatenate([np.empty(0, np.int64), *numbers]), _with_percentiles(columns, known))


def auroc(scores: npt.ArrayLike, anomalous: npt.ArrayLike) -> float:
    """The chance that an anomalous image scores higher than a normal one, ties counted half: in [0, 1].

    scores: [n]; anomalous: bool [n], with both kinds. Raises ValueError where one is missing.
    Source: Hanley & McNeil 1982, "The meaning and use of the area under a receiver operating characteristic curve".
    """
    values, positive = np.asarray(scores, np.float64), np.asarray(anomalous, bool)
    wrong, right = int(positive.sum()), int((~positive).sum())
    if not wrong or not right:
        raise ValueError("there are no two kinds of images")
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[positive].sum() - wrong * (wrong + 1) / 2) / (wrong * right))


def _with_percentiles(columns: dict[str, Exact], known: Scores | None) -> dict[str, Exact]:
    """``columns``, each followed by its percentile where the training images' are known."""
    if known is None:
        return columns
    among: dict[str, Callable[[Exact], Exact]] = {
        "error": known.error_percentile,
        "distance": known.distance_percentile,
    }
    if known.relative_error_quantiles is not None:
        among["relative-error"] = known.relative_error_percentile
    found: dict[str, Exact] = {}
    for name, values in columns.items():
        found[name] = values
        if name in among:
            found[f"{name}-percentile"] = among[name](values)
    found[HIGHEST] = np.max([values for name, values in found.items() if name.endswith("percentile")], axis=0)
    return found
