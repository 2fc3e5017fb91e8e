"""The captured step without a GPU: what a graph would replay is run again on the same memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor

from export.errors import ToolError
from trainer.capture import stepping
from trainer.nets import build
from trainer.prepare import resolve
from trainer.step import Stepper

from .small_runs import blobs, config

CASES: list[tuple[str, dict[str, Any]]] = [
    ("undercomplete", {}),
    ("sparse", {"charge": "batchtopk", "budget": 4.0}),
    ("denoising", {}),
    ("denoising", {"corruption": "masking"}),
    ("variational", {"kl_warmup": 10}),
    ("variational", {"beta": 4.0}),
]


def stepper(variant: str, options: dict[str, Any], **fit: Any) -> Stepper:
    what, data = config(variant, options, steps=20, **fit), blobs()
    resolved = resolve(what, data)
    model = build(resolved, what.variant, what.fit.arch, 0)
    what.variant.start(model, torch.from_numpy(data.train.mean_image()))
    return Stepper(model, what.variant, what.fit, resolved, data.train)


def rerun(run: Callable[[], Tensor], generators: Sequence[torch.Generator]) -> Callable[[], Tensor]:
    """Stands for a graph: it warms up, which changes the weights, and then does the same work on the same tensors."""
    for _ in range(3):
        run()
    return run


def never(text: str) -> None:
    raise AssertionError(text)


@pytest.mark.parametrize(("variant", "options"), CASES, ids=str)
def test_replayed_steps_are_the_eager_ones(variant: str, options: dict[str, Any]) -> None:
    eager, other = stepper(variant, options), stepper(variant, options)
    advance = stepping(other, never, rerun)
    for step in range(20):
        wanted, found = eager.advance(step), advance(step)
        assert {name: float(term) for name, term in found.items()} == pytest.approx(
            {name: float(term) for name, term in wanted.items()}, rel=1e-5
        )
    assert torch.allclose(eager.optimizer.weights, other.optimizer.weights, rtol=1e-4, atol=1e-6)


def test_a_new_learning_rate_reaches_the_replay() -> None:
    eager, other = stepper("undercomplete", {}), stepper("undercomplete", {})
    advance = stepping(other, never, rerun)
    for step in range(10):
        eager.peak_lr = other.peak_lr = 1e-3 * (step + 1)
        eager.advance(step)
        advance(step)
    assert torch.allclose(eager.optimizer.weights, other.optimizer.weights, rtol=1e-4, atol=1e-6)


def refuses(run: Callable[[], Tensor], generators: Sequence[torch.Generator]) -> Callable[[], Tensor]:
    run()
    raise RuntimeError("operation not permitted when stream is capturing")


def deviates(run: Callable[[], Tensor], generators: Sequence[torch.Generator]) -> Callable[[], Tensor]:
    return lambda: run() * 1.01


def deviates_in_the_weights(run: Callable[[], Tensor], generators: Sequence[torch.Generator]) -> Callable[[], Tensor]:
    def replay() -> Tensor:
        run()
        return run()

    return replay


@pytest.mark.parametrize("capture", [refuses, deviates, deviates_in_the_weights])
def test_what_goes_wrong_with_it_leaves_an_eager_run_and_one_line(capture: Any) -> None:
    eager, other = stepper("variational", {}), stepper("variational", {})
    said: list[str] = []
    advance = stepping(other, said.append, capture)
    for step in range(10):
        wanted, found = eager.advance(step), advance(step)
        assert torch.equal(wanted["loss"], found["loss"])
    assert torch.equal(eager.optimizer.weights, other.optimizer.weights)
    assert len(said) == 1
    assert said[0].startswith("training without a CUDA graph: ")


def test_where_it_was_demanded_that_is_an_error() -> None:
    advance = stepping(stepper("undercomplete", {}, device="auto", cuda_graph="on"), never, refuses)
    with pytest.raises(ToolError, match="cannot be replayed"):
        advance(0)


def test_without_cuda_and_where_it_is_off_steps_are_eager() -> None:
    on_cpu = stepper("undercomplete", {})
    assert stepping(on_cpu, never) == on_cpu.advance
    off = stepper("undercomplete", {}, cuda_graph="off")
    assert stepping(off, never, rerun) == off.advance
