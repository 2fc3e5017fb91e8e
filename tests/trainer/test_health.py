from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from trainer.alerts import judge
from trainer.health import Examiner
from trainer.nets import build
from trainer.prepare import resolve
from trainer.runs.folder import RunFolder
from trainer.runs.metrics import HEALTH, MetricsTail
from trainer.step import Stepper, learning_rate

from .small_runs import blobs, config, quick_run


def examiner(what: Any, step: int = 0) -> tuple[Examiner, Stepper]:
    data = blobs()
    resolved = resolve(what, data)
    model = build(resolved, what.variant, what.fit.arch, what.fit.seed)
    stepper = Stepper(model, what.variant, what.fit, resolved, data.train)
    return Examiner(what, stepper, data, resolved, step), stepper


def rows(run: RunFolder) -> list[dict[str, Any]]:
    return MetricsTail(run.health, HEALTH).read_all().rows


def test_the_ratio_is_that_of_the_step_to_the_weights() -> None:
    what = config(lr=1e-2)
    looking, stepper = examiner(what)
    first = next(stepper.model.parameters())
    before = first.detach().clone()
    looking.begin()
    stepper.advance(0)
    found = looking.end(1)
    expected = float((first.detach() - before).norm() / before.norm())
    assert found.layers["encoder layer 1"].update_ratio == pytest.approx(expected, rel=1e-5)
    assert found.rate_share == pytest.approx(learning_rate(0, 20, what.fit, 1e-2) / 1e-2)


def test_layers_are_named_from_the_image_to_the_reconstruction() -> None:
    looking, stepper = examiner(config("variational"))
    looking.begin()
    stepper.advance(0)
    layers = looking.end(1).layers
    names = ["encoder layer 1", "head mean", "head log_variance", "decoder layer 1", "decoder layer 2"]
    assert list(layers) == names
    assert {name for name, layer in layers.items() if layer.dead is not None} == {"encoder layer 1", "decoder layer 1"}
    assert [layer.units for layer in layers.values()] == [16, 2, 2, 16, 36]


@pytest.mark.parametrize("arch", ["mlp", "conv"])
def test_a_unit_that_fires_for_no_image_is_dead(arch: str) -> None:
    looking, stepper = examiner(config(arch=arch, hidden=(16,)))
    layer = next(m for m in stepper.model.encoder.modules() if isinstance(m, torch.nn.Linear | torch.nn.Conv2d))
    assert layer.bias is not None
    with torch.no_grad():
        layer.weight.abs_()
        layer.bias.fill_(1.0)
        layer.bias[:4] = -1e6
    looking.begin()
    assert looking.end(1).layers["encoder layer 1"].dead == 0.25


def test_the_units_of_a_sparse_code_can_be_dead() -> None:
    for options in ({}, {"charge": "batchtopk", "budget": 4.0}):
        looking, stepper = examiner(config("sparse", options))
        looking.begin()
        stepper.advance(0)
        assert looking.end(1).layers["head latent"].dead is not None


def test_the_kl_per_dimension_adds_up_to_that_of_the_loss() -> None:
    looking, stepper = examiner(config("variational", batch_size=140))
    looking.begin()
    found = looking.end(1)
    terms = stepper.validate(torch.from_numpy(blobs().train.images), 0)
    assert sum(found.kl_nats) == pytest.approx(float(terms["kl"]), rel=1e-4)


def test_looking_changes_nothing() -> None:
    looking, stepper = examiner(config("sparse", {"charge": "batchtopk", "budget": 4.0}))
    stepper.advance(0)
    before = {name: value.clone() for name, value in stepper.model.state_dict().items()}
    looking.begin()
    looking.end(1)
    assert stepper.model.training
    assert all(torch.equal(before[name], value) for name, value in stepper.model.state_dict().items())


def test_a_run_that_collapses_says_so_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """β so large that the code is not worth its price: the posterior is the prior, the answer the mean image."""
    run, _ = quick_run(tmp_path / "r", config("variational", {"beta": 1000.0}, steps=600))
    alerts = [row for row in rows(run) if row["kind"] != "health"]
    assert [row["kind"] for row in alerts].count("posterior-collapse") == 1
    assert {"mean-image", "posterior-collapse"} <= {row["kind"] for row in alerts}
    told = capsys.readouterr().err
    log = run.log.read_text()
    for row in alerts:
        assert f"step {row['step']}: {row['text']}; {row['hint']}" in told
        assert row["text"] in log


def test_a_run_that_learns_gets_no_alert_of_what_it_learned(tmp_path: Path) -> None:
    run, _ = quick_run(tmp_path / "r", config(steps=600, lr=1e-2))
    assert not {"mean-image", "posterior-collapse", "loss-spike"} & {row["kind"] for row in rows(run)}


def test_a_rate_that_is_far_too_high_is_told() -> None:
    looking, stepper = examiner(config(lr=0.3, warmup=0.0, schedule="constant"))
    looking.begin()
    stepper.advance(0)
    assert [alert.kind for alert in judge(looking.end(1))] == ["large-updates"]


def test_every_line_is_json_with_a_step_and_a_kind(tmp_path: Path) -> None:
    run, _ = quick_run(tmp_path / "r", config("variational", {"beta": 1000.0}, steps=120))
    lines = [json.loads(line) for line in run.health.read_text().splitlines()]
    assert [line["step"] for line in lines] == sorted(line["step"] for line in lines)
    assert all({"step", "time", "kind"} <= line.keys() for line in lines)
