"""The plain autoencoder: a bottleneck and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from trainer.variants.variant import Variant


@dataclass(frozen=True, kw_only=True)
class Undercomplete(Variant):
    """A code narrower than the image: what passes through is what the data have in common.

    Source: CSE 465 lecture 13; Hinton & Salakhutdinov 2006.
    """
