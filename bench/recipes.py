"""The runs behind docs/results.md: the command of each, what is read from its scores, and what that is to reach.

Edit here; ``python -m bench.results`` does the rest. Every run is ``aetrain fit VARIANT`` + ``options`` + ``--seed N``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Scores = dict[str, Any]
"""What ``aetrain eval --json`` says of a run, and ``bench.scores`` beside it."""

FASHION = "--data fashion-mnist --epochs 10"


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One number of a run. reach: what it must not pass, a number or read from the scores; None: for information."""

    what: str
    value: Callable[[Scores], float]
    reach: float | Callable[[Scores], float] | None = None
    at_most: bool = True
    strictly: bool = False
    """True: the value must be better than ``reach``, not equal to it."""
    digits: int = 4

    def reach_of(self, scores: Scores) -> float | None:
        return self.reach(scores) if callable(self.reach) else self.reach

    def passed(self, value: float, reach: float | None) -> bool | None:
        """Whether ``value`` is good enough, to the digits that are shown; None where there is nothing to reach."""
        if reach is None:
            return None
        if self.strictly:
            return value < reach if self.at_most else value > reach
        return value <= reach if self.at_most else value >= reach


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One row or more of the table: a run, in as many seeds as are asked for."""

    variant: str
    options: str
    goals: tuple[Goal, ...]
    reference: str
    exported: bool = False
    """Score the exported graphs too (``bench.scores``)."""

    def command(self, seed: int | str = "N") -> str:
        return " ".join(f"aetrain fit {self.variant} {self.options} --seed {seed}".split())


def number(name: str) -> Callable[[Scores], float]:
    return lambda scores: float(scores[name])


def _mse(reach: float | Callable[[Scores], float] | None, what: str = "MSE") -> Goal:
    return Goal(what=what, value=number("mse"), reach=reach, strictly=callable(reach))


def _dead(reach: float) -> Goal:
    return Goal(
        what="dead units, %", value=lambda s: 100 * s["dead_units"] / s["latent_dim"], reach=reach, digits=1
    )  # fmt: skip


def _denoised(reach: float) -> Goal:
    return Goal(what="MSE, denoised", value=number("denoised_mse"), reach=reach)


def _worst_against_ridge(scores: Scores) -> float:
    """The largest of denoised / ridge over the five levels."""
    rows = [row for row in scores["noise_sweep"] if round(row["level"], 6) in (0.1, 0.2, 0.3, 0.4, 0.5)]
    assert len(rows) == 5
    return max(float(row["denoised_mse"] / row["ridge_mse"]) for row in rows)


def _off(scores: Scores) -> float:
    """How far the exported graphs' error is from that of the batch's own budget, in percent."""
    return 100 * abs(float(scores["exported_mse"] / scores["batch_form_mse"]) - 1)


RECIPES: dict[str, Recipe] = {
    "lecture": Recipe(
        variant="undercomplete",
        options=f"{FASHION} --arch lecture",
        goals=(_mse(0.0210),),
        reference="Adam 1e-3: 0.0219–0.0225; warm-up + cosine from 6e-3: 0.0207; PCA-3 0.0409",
    ),
    **{
        f"undercomplete-{k}": Recipe(
            variant="undercomplete",
            options=f"{FASHION} --latent-dim {k}",
            goals=(_mse(number("pca_mse"), f"MSE, code {k}"),),
            reference=f"PCA {pca}",
        )
        for k, pca in ((2, 0.0461), (3, 0.0409), (5, 0.0333), (12, 0.0227), (20, 0.0187), (32, 0.0151))
    },
    "sparse-l1": Recipe(
        variant="sparse",
        options=FASHION,
        goals=(
            Goal(what="active units per image", value=number("active_per_image"), reach=60, digits=1),
            _mse(0.0107),
            _dead(5),
            Goal(what="probe accuracy", value=number("probe_accuracy"), reach=0.845, at_most=False),
        ),
        reference="λ 0.1, 3 epochs, no care for units: 58 active, 0.0107, 55 % dead, 0.843",
    ),
    "sparse-batchtopk": Recipe(
        variant="sparse",
        options=f"{FASHION} --sparse.charge batchtopk --sparse.budget 58 --lr 0.0015",
        goals=(
            _mse(0.0067),
            _dead(1),
            Goal(what="exported threshold form, % off the batch form", value=_off, reach=2, digits=2),
        ),
        reference="3 epochs, centred and tied: 0.0065–0.0066, 0–0.5 % dead",
        exported=True,
    ),
    "denoising-0.5": Recipe(
        variant="denoising",
        options=f"{FASHION} --denoising.level 0.5 --hidden 1024 --latent-dim 512",
        goals=(_denoised(0.0145),),
        reference="784-1024-512-1024: 0.0142; ridge regression 0.0182; noisy 0.118",
    ),
    "denoising-0.25": Recipe(
        variant="denoising",
        options=f"{FASHION} --denoising.level 0.25 --hidden 1024 --latent-dim 512",
        goals=(_denoised(0.0083),),
        reference="784-1024-1024-784: 0.0082; ridge regression 0.0097",
    ),
    "denoising-blind": Recipe(
        variant="denoising",
        options=f"{FASHION} --denoising.level 0.5 --denoising.lowest-level 0.1 --denoising.draw low "
        "--hidden 2048 --latent-dim 784 --batch-size 64 --lr 0.0005 --validation 0",
        goals=(
            Goal(
                what="MSE as a share of ridge regression's, worst level",
                value=_worst_against_ridge,
                reach=1.0,
                strictly=True,
                digits=3,
            ),
        ),
        reference="ridge regression, fitted per level",
    ),
    "variational": Recipe(
        variant="variational",
        options=f"{FASHION} --hidden 400 --latent-dim 20",
        goals=(
            Goal(what="−ELBO, nats", value=lambda s: -float(s["elbo_nats"]), reach=244.0, digits=2),
            Goal(what="IW-100 bound, first 1,000, nats", value=number("nll_nats"), reach=241.3, digits=2),
            Goal(what="active units", value=number("active_units"), reach=14, at_most=False, digits=0),
        ),
        reference="244.1–244.3, 241.1–241.3, 14–15",
    ),
}

_SPARSE = (
    _mse(None),
    Goal(what="active units per image", value=number("active_per_image"), digits=1),
    Goal(what="dead units, %", value=lambda s: 100 * s["dead_units"] / s["latent_dim"], digits=1),
)
_DENOISING = (_mse(None), Goal(what="MSE, denoised (σ 0.3)", value=number("denoised_mse")))
_VARIATIONAL = (
    _mse(None),
    Goal(what="−ELBO, nats", value=lambda s: -float(s["elbo_nats"]), digits=2),
    Goal(what="active units", value=number("active_units"), digits=0),
)


def _with_defaults(options: str, *names: str) -> dict[str, Recipe]:
    """Variants as they come, for information."""
    goals = {
        "undercomplete": (_mse(number("pca_mse")),),
        "sparse": _SPARSE,
        "denoising": _DENOISING,
        "variational": _VARIATIONAL,
    }
    return {variant: Recipe(variant=variant, options=options, goals=goals[variant], reference="") for variant in names}


RECIPES |= {
    f"lecture-{variant}": what
    for variant, what in _with_defaults(f"{FASHION} --arch lecture", "sparse", "denoising", "variational").items()
} | {
    f"digits-{variant}": what
    for variant, what in _with_defaults("", "undercomplete", "sparse", "denoising", "variational").items()
}

COLLAPSE_SEEDS = 20
COLLAPSE: dict[str, str] = {
    "digits, no options at all": "",
    "fashion-mnist, defaults": "--data fashion-mnist",
}
"""Data → options of ``aetrain fit``, which trains all four variants; none of them may end at the mean image."""
