from __future__ import annotations

from pathlib import Path

import pytest
import torch

from export.errors import ToolError
from trainer.devices import cpu_steps, threads_for
from trainer.nets import build
from trainer.prepare import resolve
from trainer.step import Stepper

from .small_runs import blobs, config, quick_run

CPU = torch.device("cpu")


def test_a_small_step_takes_one_thread_and_a_larger_one_those_with_enough_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 64)
    assert [threads_for(flop, None, CPU) for flop in (10**6, 99 * 10**6, 170 * 10**6, 500 * 10**6, 10**10)] == [
        1, 1, 3, 10, 64
    ]  # fmt: skip


def test_threads_that_are_asked_for_are_taken() -> None:
    assert threads_for(10**6, 3, CPU) == 3
    assert resolve(config(threads=2), blobs()).threads == 2


def test_threads_of_a_step_that_is_not_on_the_cpu_are_an_error() -> None:
    with pytest.raises(ToolError, match="--threads has no effect here"):
        threads_for(10**9, 2, torch.device("cuda", 0))


def test_compiling_without_a_compiler_is_an_error_before_anything_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolError, match="needs a C") as caught:
        resolve(config(compile="on"), blobs())
    assert "apt install g++" in caught.value.do


def test_moments_that_shrink_for_ever_come_to_zero() -> None:
    """A weight behind a dead unit has no gradient any more; subnormal numbers would take most of a step."""
    data, what = blobs(), config(steps=3000)
    resolved = resolve(what, data)
    model = build(resolved, what.variant, "mlp", 0)
    stepper = Stepper(model, what.variant, what.fit, resolved, data.train)
    with cpu_steps(1):
        stepper.advance(0)
        for _ in range(1200):
            stepper.optimizer.gradients.zero_()
            stepper.optimizer.step(1e-3, torch.zeros(()))
    assert not stepper.optimizer.moments()[0].any()


def test_a_run_on_one_thread_leaves_the_next_one_all_there_are(tmp_path: Path) -> None:
    there = torch.get_num_threads()
    during: list[int] = []
    quick_run(tmp_path / "r", config(threads=there + 1), report=lambda status: during.append(torch.get_num_threads()))
    assert set(during) == {there + 1}
    assert torch.get_num_threads() == there


def test_what_is_subnormal_is_zero_in_training_only(tmp_path: Path) -> None:
    tiny = torch.full((), 1e-39)
    seen: list[float] = []
    quick_run(tmp_path / "r", config(), report=lambda status: seen.append(float(tiny * 1.0)))
    assert seen
    assert not any(seen)
    assert float(tiny * 1.0) > 0
