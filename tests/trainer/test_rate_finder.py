from __future__ import annotations

import dataclasses

import pytest
import torch

from trainer.config import Resolved, RunConfig
from trainer.data.dataset import DataSet
from trainer.data.load import load
from trainer.nets import build
from trainer.prepare import resolve
from trainer.rate_finder import HIGHEST, LEAST, LOWEST, MOST, choose, find_rate
from trainer.step import Stepper
from trainer.variants import VARIANTS

from .small_runs import blobs, config

GRID = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)


def final_loss(what: RunConfig, resolved: Resolved, data: DataSet, lr: float) -> float:
    """Mean training loss over the last tenth of a whole run with this rate."""
    model = build(resolved, what.variant, what.fit.arch, what.fit.seed)
    what.variant.start(model, torch.from_numpy(data.train.mean_image()))
    stepper = Stepper(model, what.variant, what.fit, dataclasses.replace(resolved, lr=lr), data.train)
    losses = [stepper.advance(step)["loss"] for step in range(resolved.steps_total)]
    return float(torch.stack(losses[-len(losses) // 10 :]).mean())


@pytest.mark.parametrize("name", ["digits", "blobs"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_rate_found_is_nearly_as_good_as_the_best_of_a_grid(variant: str, name: str) -> None:
    data = load("digits") if name == "digits" else blobs()
    what = config(variant, steps=400, lr="auto", latent_dim=8 if name == "digits" else 2)
    resolved = resolve(what, data)
    found = find_rate(what, resolved, data)
    losses = {lr: final_loss(what, resolved, data, lr) for lr in (*GRID, found.lr)}
    untrained = find_rate(what, resolved, data).losses[0]
    best = min(losses.values())
    # Within 20 % of the best, or within 2 % of all that the best has learned where next to nothing is left.
    assert losses[found.lr] <= max(1.2 * best, best + 0.02 * (untrained - best)), losses


def test_the_same_question_has_the_same_answer_and_another_seed_its_own() -> None:
    data = blobs()
    first, second, other = (find_rate(what, resolve(what, data), data) for what in (config(), config(), config(seed=1)))
    assert first == second
    assert first.losses != other.losses


def test_rates_rise_by_the_same_factor_and_losses_are_finite() -> None:
    what = config()
    found = find_rate(what, resolve(what, blobs()), blobs())
    factors = [b / a for a, b in zip(found.rates, found.rates[1:], strict=False)]
    assert found.rates[0] == LOWEST
    assert found.rates[-1] <= HIGHEST
    assert max(factors) == pytest.approx(min(factors))
    assert len(found.rates) == len(found.losses)
    assert f"{found.lr:.2g}" in str(found)


def test_the_choice_is_below_the_lowest_loss_and_between_its_bounds() -> None:
    assert choose([1e-4, 1e-3, 1e-2, 1e-1], [4.0, 3.0, 2.0, 9.0]) == pytest.approx(3.3e-3)
    assert choose([1e-5, 1e-4], [1.0, 2.0]) == LEAST
    assert choose([0.5, 1.0], [2.0, 1.0]) == MOST
    assert choose([], []) == LEAST
