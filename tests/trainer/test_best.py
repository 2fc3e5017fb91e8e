from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch

from trainer import checkpoint
from trainer.best import Best, ended_early
from trainer.checkpoint import Checkpoint
from trainer.restore import load_trained
from trainer.runs.folder import RunFolder
from trainer.runs.metrics import MetricsTail
from trainer.runs.status import read_status

from .small_runs import blobs, config, quick_run

RESTLESS: dict[str, Any] = {"steps": 4000, "lr": 0.1, "schedule": "constant", "warmup": 0.0}
"""A rate at which the validation loss goes up and down."""


def validation(run: RunFolder) -> dict[int, float]:
    rows = MetricsTail(run.metrics).read_all().rows
    return {row["step"]: row["loss"] for row in rows if row["split"] == "validation"}


def state(step: int) -> Checkpoint:
    return Checkpoint(step=step, model={"w": torch.tensor([float(step)])}, optimizer={}, state={})


def see(best: Best, losses: list[float], weights: list[dict[str, float]] | None = None) -> None:
    for step, loss in enumerate(losses, 1):
        terms = weights[step - 1] if weights else {}
        best.see(step, loss, terms, lambda step=step: state(step), epoch=True)  # type: ignore[misc]


def test_the_lowest_loss_is_the_best_and_the_first_of_equals() -> None:
    best = Best({})
    see(best, [3.0, 1.0, 2.0, 1.0, math.nan])
    assert (best.step, best.loss, best.epochs_waited) == (2, 1.0, 3)
    assert best.checkpoint is not None
    assert best.checkpoint.model["w"].item() == 2


def test_the_copy_does_not_follow_the_weights() -> None:
    best, weights = Best({}), torch.zeros(3)
    for step in (1, 2):
        weights += 1
        found = Checkpoint(step=step, model={"w": weights}, optimizer={}, state={})
        best.see(step, -step, {}, lambda found=found: found, epoch=True)  # type: ignore[misc]
    weights += 1
    assert best.checkpoint is not None
    assert best.checkpoint.model["w"].tolist() == [2, 2, 2]


def test_a_loss_whose_terms_weigh_otherwise_is_compared_with_no_earlier_one() -> None:
    """While the KL's weight grows so does the loss: its first epochs are not the best."""
    best = Best({})
    see(best, [1.0, 2.0, 3.0, 4.0, 3.5], [{"kl": 0.1}, {"kl": 0.5}, {"kl": 1.0}, {"kl": 1.0}, {"kl": 1.0}])
    assert (best.step, best.loss, best.epochs_waited) == (3, 3.0, 2)


def test_what_a_checkpoint_says_of_the_best_is_taken_up_with_it() -> None:
    best = Best({})
    see(best, [2.0, 1.0, 3.0])
    again = Best(best.state(), state(2))
    again.see(4, 1.5, {}, lambda: state(4), epoch=True)
    assert (again.step, again.loss, again.epochs_waited) == (2, 1.0, 2)
    assert Best(best.state(), None).loss == math.inf


def test_patience_ends_after_so_many_epochs() -> None:
    assert ended_early({}, 1) is None
    assert ended_early({"best_step": 3, "epochs_waited": 4}, None) is None
    assert ended_early({"best_step": 3, "epochs_waited": 4}, 5) is None
    assert "step 3" in str(ended_early({"best_step": 3, "epochs_waited": 4}, 4))


def test_a_run_ends_when_its_patience_does_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, outcome = quick_run(tmp_path / "r", config(patience=3, **RESTLESS))
    losses = validation(run)
    best = min(losses, key=lambda step: (losses[step], step))
    assert outcome.state == "finished"
    assert outcome.step == best + 3 * 4 < 4000
    status = read_status(run)
    assert status is not None
    assert (status.state, status.step) == ("finished", outcome.step)
    assert f"the best was at step {best}" in str(status.note)
    assert str(status.note) in capsys.readouterr().err
    assert str(status.note) in run.log.read_text()


def test_with_patience_the_best_weights_count_everywhere(tmp_path: Path) -> None:
    import json

    run, outcome = quick_run(tmp_path / "r", config(patience=3, **RESTLESS))
    best = checkpoint.load_best(run)
    assert outcome.model_step == best.step < outcome.step
    assert best.state["validation_loss"] == validation(run)[best.step] == min(validation(run).values())
    trained = load_trained(run, blobs())
    assert trained.step == best.step
    for model in (trained.model, outcome.model):
        assert all(torch.equal(value, best.model[name]) for name, value in model.state_dict().items())
    assert json.loads((run.live / "manifest.json").read_text())["step"] == best.step


def test_without_patience_the_newest_weights_count_and_the_best_are_kept(tmp_path: Path) -> None:
    run, outcome = quick_run(tmp_path / "r", config(**{**RESTLESS, "steps": 400}))
    losses = validation(run)
    best = min(losses, key=lambda step: (losses[step], step))
    assert load_trained(run, blobs()).step == outcome.model_step == outcome.step == 400
    assert checkpoint.load_best(run).step == best < 400
    assert checkpoint.steps(run) == [best, 400]


def test_the_best_outlives_the_newest_two(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    for step in (1, 2, 3, 4):
        found = state(step)
        found.state["best_step"] = min(step, 2)
        checkpoint.save(run, found)
    assert checkpoint.steps(run) == [2, 3, 4]
    assert checkpoint.load_best(run).step == 2
    assert checkpoint.load_newest(run).step == 4
