from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from export.errors import ExitCode, ToolError
from trainer import checkpoint
from trainer.baselines import mean_image_mse
from trainer.evaluate import mse_on_test
from trainer.loop import train
from trainer.restore import load_trained
from trainer.runs import control
from trainer.runs.folder import RunFolder
from trainer.runs.metrics import HEALTH, METRICS, MetricsTail
from trainer.runs.probe import read_probe
from trainer.runs.status import Status, read_status
from trainer.signals import Interruption
from trainer.variants import VARIANTS

from .small_runs import begin, blobs, config, quick_run

ARCHITECTURES = ("mlp", "lecture", "conv")

OPTIONS: list[tuple[str, dict[str, Any]]] = [
    ("sparse", {"charge": "kl"}),
    ("sparse", {"charge": "batchtopk", "budget": 4.0}),
    ("denoising", {"corruption": "masking"}),
    ("denoising", {"corruption": "salt-pepper"}),
    ("variational", {"covariance": "full"}),
    ("variational", {"likelihood": "gaussian"}),
    ("variational", {"likelihood": "continuous-bernoulli", "free_bits": 0.1, "kl_warmup": 10}),
]


def rows(run: RunFolder) -> list[dict[str, Any]]:
    """The log without the times, which no two runs share."""
    return without_times(run.metrics, METRICS)


def without_times(path: Path, keys: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if k != "time"} for row in MetricsTail(path, keys).read_all().rows]


@pytest.mark.parametrize("arch", ARCHITECTURES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_learns_under_every_architecture(tmp_path: Path, variant: str, arch: str) -> None:
    data = blobs()
    # A pixel of these 36 is worth less than a unit costs by default, where a unit says nothing without its neighbours.
    options = {"l1": 0.05} if (variant, arch) == ("sparse", "conv") else {}
    run, outcome = quick_run(tmp_path / "r", config(variant, options, steps=500, arch=arch, lr=1e-2), data)
    assert outcome.state == "finished"
    assert mse_on_test(outcome.model, data) < 0.9 * mean_image_mse(data)
    assert all(np.isfinite(row["loss"]) for row in rows(run))


@pytest.mark.parametrize(("variant", "options"), OPTIONS, ids=str)
def test_every_option_learns_and_resumes_to_the_same_bits(
    tmp_path: Path, variant: str, options: dict[str, Any]
) -> None:
    data = blobs()
    what = config(variant, options, steps=300, lr=1e-2)
    whole, outcome = quick_run(tmp_path / "whole", what, data)
    assert mse_on_test(outcome.model, data) < mean_image_mse(data)
    parts, _ = quick_run(tmp_path / "parts", what, data, interruption=StopAfter(137))
    resume(parts, what)
    assert_same(whole, parts)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_loss_is_the_weighted_sum_of_its_terms(tmp_path: Path, variant: str) -> None:
    options = {"beta": 3.0} if variant == "variational" else {}
    what = config(variant, options)
    run, _ = quick_run(tmp_path / "r", what)
    for row in rows(run):
        done = row["step"] - (row["split"] == "train")  # a validation loss has the weights of the step that comes next
        weights = what.variant.weights(done, 20)
        terms = sum(weights.get(name, 1.0) * row[name] for name in ("reconstruction", "l1", "kl") if name in row)
        assert row["loss"] == pytest.approx(terms, rel=1e-4)


def test_a_price_on_activation_grows_to_what_was_asked(tmp_path: Path) -> None:
    weights = [config("sparse").variant.weights(step, 1000)["l1"] for step in (0, 49, 99, 999)]
    assert weights == pytest.approx([0.01, 0.5, 1, 1])


def test_the_folder_is_complete(tmp_path: Path) -> None:
    run, _ = quick_run(tmp_path / "r", config("variational"))
    status = read_status(run)
    assert status is not None
    assert (status.state, status.step, status.steps_total, status.epoch) == ("finished", 20, 20, 5.0)
    assert checkpoint.steps(run)[-1] == 20
    assert [path.name for path in sorted(run.samples.iterdir())][:3] == ["00000000.npz", "00000010.npz", "00000018.npz"]
    assert [json.loads(line)["step"] for line in run.health.read_text().splitlines()] == [10, 20]
    assert {path.name for path in run.live.iterdir()} == {"encoder.onnx", "decoder.onnx", "manifest.json"}
    assert json.loads((run.live / "manifest.json").read_text())["step"] == 20
    assert len(read_probe(run.probe).images) == 40
    assert "finished at step 20" in run.log.read_text()


def test_each_step_and_split_is_logged_once(tmp_path: Path) -> None:
    run, _ = quick_run(tmp_path / "r", config())
    seen = [(row["step"], row["split"]) for row in rows(run)]
    assert seen == sorted(set(seen))
    assert [step for step, split in seen if split == "train"] == list(range(1, 21))
    assert [step for step, split in seen if split == "validation"] == [4, 8, 12, 16, 20]


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(tmp_path: Path) -> None:
    first, second, other = (
        load_weights(quick_run(tmp_path / name, config("variational", seed=seed))[0])
        for name, seed in (("a", 3), ("b", 3), ("c", 4))
    )
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def load_weights(run: RunFolder) -> dict[str, torch.Tensor]:
    newest = checkpoint.load_newest(run)
    return {**newest.model, **newest.optimizer}


class StopAfter(Interruption):
    """A signal that arrives in the middle of step ``step``: the loop asks after every step."""

    def __init__(self, step: int) -> None:
        self._left = step
        super().__init__()

    @property  # type: ignore[override]
    def signal(self) -> int | None:
        self._left -= 1
        return 15 if self._left < 0 else None

    @signal.setter
    def signal(self, value: int | None) -> None: ...


@pytest.mark.parametrize("arch", ARCHITECTURES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_stopped_run_goes_on_to_the_same_bits(tmp_path: Path, variant: str, arch: str) -> None:
    what = config(variant, arch=arch, steps=23)
    whole, _ = quick_run(tmp_path / "whole", what)
    parts, outcome = quick_run(tmp_path / "parts", what, interruption=StopAfter(11))
    assert outcome.state == "stopped"
    assert 0 < outcome.step < 23
    resume(parts, what)
    assert_same(whole, parts)


@pytest.mark.parametrize(
    "fit",
    [
        {"patience": 2, "lr": 0.1, "schedule": "constant", "warmup": 0.0},
        {"patience": 50},
        {"optimizer": "adamw", "clip": 0.5},
        {"schedule": "constant", "batch_size": 23},
    ],
    ids=str,
)
def test_every_craft_goes_on_to_the_same_bits(tmp_path: Path, fit: dict[str, Any]) -> None:
    what = config("variational", {"kl_warmup": 7}, **{"steps": 60, **fit})
    whole, outcome = quick_run(tmp_path / "whole", what)
    for stop in (5, 9, outcome.step - 1):
        parts, _ = quick_run(tmp_path / f"parts{stop}", what, interruption=StopAfter(stop))
        resume(parts, what)
        assert_same(whole, parts)


@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler: apt install g++")
@pytest.mark.filterwarnings("default")  # what torch says of itself while it compiles
def test_a_compiled_run_goes_on_to_the_same_bits_and_stays_compiled(tmp_path: Path) -> None:
    what = config("variational", {"kl_warmup": 7}, steps=23, compile="on")
    whole, _ = quick_run(tmp_path / "whole", what)
    parts, outcome = quick_run(tmp_path / "parts", what, interruption=StopAfter(11))
    assert 0 < outcome.step < 23
    assert parts.read_config()["resolved"]["compiled"] is True
    resume(parts, what)
    assert_same(whole, parts)
    eager, _ = quick_run(tmp_path / "eager", config("variational", {"kl_warmup": 7}, steps=23))
    assert rows(eager)[0]["loss"] == pytest.approx(rows(whole)[0]["loss"], rel=1e-5)


def test_a_run_that_died_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    """After a kill the logs are longer than the checkpoint, and there are more frames: nothing may come twice."""
    what = config("denoising", steps=40)
    whole, _ = quick_run(tmp_path / "whole", what)
    parts, outcome = quick_run(tmp_path / "parts", what, interruption=StopAfter(9))
    with open(parts.metrics, "ab") as log:
        log.write(b'{"step": %d, "split": "train", "loss": 1}\n{"step": 12, "sp' % (outcome.step + 1))
    with open(parts.health, "ab") as log:
        log.write(b'{"step": %d, "kind": "loss-spike", "severity": 99}\n{"st' % (outcome.step + 1))
    (parts.samples / "00000039.npz").write_bytes(b"later")
    (parts.samples / ".00000040.npz.abc.tmp").write_bytes(b"half")
    resume(parts, what)
    assert_same(whole, parts)


def test_a_run_killed_between_its_best_and_its_newest_checkpoint_goes_on_from_the_best(tmp_path: Path) -> None:
    what = config(steps=400, lr=0.1, schedule="constant", warmup=0.0)
    whole, _ = quick_run(tmp_path / "whole", what)
    parts, outcome = quick_run(tmp_path / "parts", what, interruption=StopAfter(301))
    best, newest = checkpoint.steps(parts)
    assert newest == outcome.step
    shutil.rmtree(parts.checkpoints / f"step-{newest:08d}")
    resume(parts, what)
    assert best < newest
    assert_same(whole, parts)


def test_a_damaged_checkpoint_is_gone_once_the_run_goes_on_from_an_older_one(tmp_path: Path) -> None:
    """Else it would still be the newest, for evaluation and for the next resume."""
    what = config("denoising", steps=40)
    whole, _ = quick_run(tmp_path / "whole", what)
    parts, outcome = quick_run(tmp_path / "parts", what, interruption=StopAfter(9))
    later = parts.checkpoints / "step-00000030"
    shutil.copytree(parts.checkpoints / f"step-{outcome.step:08d}", later)
    (later / "model.safetensors").write_bytes(b"")
    resume(parts, what)
    assert not later.exists()
    assert_same(whole, parts)


def resume(run: RunFolder, what: Any) -> None:
    newest, _ = checkpoint.load_newest_whole(run)
    assert newest is not None
    data = blobs()
    from trainer.prepare import resolve

    train(
        run, what, resolve(what, data), data, report=lambda status: None, interruption=Interruption(), checkpoint=newest
    )


def assert_same(whole: RunFolder, parts: RunFolder) -> None:
    expected, found = load_weights(whole), load_weights(parts)
    assert expected.keys() == found.keys()
    assert [name for name in expected if not torch.equal(expected[name], found[name])] == []
    assert rows(whole) == rows(parts)
    assert without_times(whole.health, HEALTH) == without_times(parts.health, HEALTH)
    frames = {path.name: path.read_bytes() for path in whole.samples.iterdir()}
    assert frames == {path.name: path.read_bytes() for path in parts.samples.iterdir()}
    best, other = checkpoint.load_best(whole), checkpoint.load_best(parts)
    assert (best.step, best.state) == (other.step, other.state)
    assert [name for name in best.model if not torch.equal(best.model[name], other.model[name])] == []
    assert [name for name in best.optimizer if not torch.equal(best.optimizer[name], other.optimizer[name])] == []


def test_a_loss_that_is_not_finite_never_reaches_the_weights(tmp_path: Path) -> None:
    data = blobs()
    nowhere = dataclasses.replace(data.train, images=np.full_like(data.train.pixels(), np.nan))
    what = config()
    _, resolved = begin(tmp_path / "r", what, data)
    from trainer.nets import build
    from trainer.step import Stepper

    model = build(resolved, what.variant, "mlp", 0)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    stepper = Stepper(model, what.variant, what.fit, resolved, nowhere)
    assert torch.isnan(stepper.advance(0)["loss"])
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_a_run_that_diverges_fails_loudly(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="not finite at step") as caught:
        quick_run(tmp_path / "r", config("variational", lr=1e30, steps=60))
    assert caught.value.exit_code == ExitCode.FAILED
    status = read_status(RunFolder(tmp_path / "r"))
    assert status is not None
    assert status.state == "failed"
    assert status.error is not None
    assert "not finite" in status.error
    assert all(json.loads(line) for line in (tmp_path / "r" / "metrics.jsonl").read_text().splitlines())


def test_requests_are_obeyed_between_two_steps(tmp_path: Path) -> None:
    data, what = blobs(), config(steps=100_000)
    run, resolved = begin(tmp_path / "r", what, data)
    asked: list[str] = []

    def report(status: Status) -> None:
        wishes = {"running": "pause", "paused": "unpause"}
        verb = wishes[status.state] if status.state in wishes and len(asked) < 2 else "stop"
        if status.state in wishes:
            asked.append(verb)
            control.ask(run, verb)

    control.ask(run, "checkpoint")
    outcome = train(run, what, resolved, data, report=report, interruption=Interruption())
    assert asked[:3] == ["pause", "unpause", "stop"]
    assert outcome.state == "stopped"
    assert outcome.step in checkpoint.steps(run)
    assert control.requests(run) == []


def test_a_full_disk_ends_the_run_with_exit_code_5(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno
    import os

    real = os.write

    def full(descriptor: int, data: bytes) -> int:
        if data.startswith(b'{"step": 7'):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(ToolError) as caught:
        quick_run(tmp_path / "r", config())
    assert caught.value.exit_code == ExitCode.NO_SPACE


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("odd")])
def test_a_run_that_fails_before_its_first_step_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(torch, "from_numpy", refuse)
    with pytest.raises((ToolError, RuntimeError), match=r"memory|odd"):
        quick_run(tmp_path / "r", config("sparse"))
    status = read_status(RunFolder(tmp_path / "r"))
    assert status is not None
    assert status.state == "failed"
    assert status.error is not None
    assert "memory" in status.error or "odd" in status.error


def test_a_run_of_a_box_with_cuda_is_found_again_on_one_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = quick_run(tmp_path / "r", config())
    text = run.config.read_text().replace('device = "cpu"', 'device = "cuda"', 1)
    text = text.replace('precision = "fp32"', 'precision = "tf32"')
    run.config.write_text(text.replace("deterministic = false", "deterministic = true"))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert load_trained(run, blobs()).resolved.device == "cpu"


def test_a_trained_run_is_found_again_with_its_weights(tmp_path: Path) -> None:
    run, outcome = quick_run(tmp_path / "r", config("sparse"))
    trained = load_trained(run, blobs())
    assert trained.step == 20
    state = trained.model.state_dict()
    assert all(torch.equal(state[name], value) for name, value in outcome.model.state_dict().items())
