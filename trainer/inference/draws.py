"""Codes to sample from: the prior of a variational model, or a Gaussian like its training codes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from export.errors import ToolError
from trainer.inference.models import Opened

Array = npt.NDArray[np.float32]


def check_prior(opened: Opened, *, from_codes: bool) -> None:
    """Raises ToolError (exit 2) where there is nothing to draw from."""
    manifest = opened.bundle.manifest
    if from_codes:
        if opened.scores() is None:
            raise ToolError(
                f"bundle {opened.bundle.folder} knows no codes to draw others like",
                why="it was written without scores.npz",
                do="export the run again: aetrain export RUN --force",
            )
        return
    if opened.head != "mean":  # a code that is a number, not a distribution
        raise ToolError(
            f"{manifest.name} has no prior to sample from",
            why=f"it is {manifest.variant}: only a variational autoencoder is trained towards N(0, I)",
            do="--from-codes   draws from a Gaussian fitted to its training codes, or sample a variational run",
        )


def draw_codes(
    opened: Opened, *, count: int, seed: int, temperature: float, from_codes: bool, batch_size: int
) -> Iterator[Array]:
    """``count`` codes float32 [n, latent_dim], at most ``batch_size`` at a time; the same whatever that is.

    temperature: factor of the standard deviation: 0 gives the mean. A sparse model's codes are cut off at 0, since its
    units are never negative.
    """
    random = np.random.default_rng(seed)
    scores = opened.scores() if from_codes else None
    manifest = opened.bundle.manifest
    for start in range(0, count, batch_size):
        shape = min(batch_size, count - start), manifest.latent_dim
        normal = random.standard_normal(shape, np.float32) * np.float32(temperature)
        if scores is None:
            yield normal
        else:
            codes = scores.codes.draw(normal)
            yield np.maximum(codes, 0) if manifest.variant == "sparse" else codes
