"""One contender in a process of its own: trains for a round when it is asked to, and says how far it came.

``python -m bench.worker WORK NAME THREADS`` answers lines on stdin (seconds) with lines of JSON on stdout.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.contenders import WORKS

if TYPE_CHECKING:
    from bench.loops import Bytes

Round = Callable[[float], tuple[int, float]]
"""Train for about so many seconds; returns (images seen, seconds taken)."""

_STEPS_BETWEEN_LOOKS = 5
_WARM_UP_S = 0.3

SETTLED_IMAGES = 150_000
SETTLE_AT_MOST_S = 12.0
"""A contender trains so far before its first round. A run of 10 epochs is four times as long, and after some 800 steps
moments of weights without a gradient become subnormal, which slows an optimiser down that takes them as they are."""


def settled(images: int, seconds: float) -> bool:
    """Whether a contender that has seen so many images in so many seconds is as fast as in most of a run."""
    return images >= SETTLED_IMAGES or seconds >= SETTLE_AT_MOST_S


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a contender is to train on, and how. images: uint8 [n, 1, 28, 28]."""

    work: str
    images: Bytes
    batch: int
    threads: int


class Rounds:
    """The conversation with the parent. The end of it ends the process."""

    def __init__(self) -> None:
        # What libraries print must not come between the answers.
        self._answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)

    def say(self, **what: Any) -> None:
        print(json.dumps(what), file=self._answers, flush=True)

    def wait(self) -> float:
        """How many seconds the next round is to take."""
        line = sys.stdin.readline()
        if not line.strip():
            raise SystemExit(0)
        return float(line)

    def serve(self, train: Round, parameters: int) -> None:
        """Answer with rounds of ``train`` for as long as the parent asks."""
        images, start = 0, time.perf_counter()
        while not settled(images, time.perf_counter() - start):
            images += train(_WARM_UP_S)[0]
        self.say(parameters=parameters)
        while True:
            images, seconds = train(self.wait())
            self.say(images=images, seconds=seconds)


def timed(loop: Callable[[int], None], batch: int) -> Round:
    """Rounds of a loop that can stop at any step."""

    def train(seconds: float) -> tuple[int, float]:
        start = time.perf_counter()
        steps, passed = 0, 0.0
        while passed < seconds:
            loop(_STEPS_BETWEEN_LOOKS)
            steps += _STEPS_BETWEEN_LOOKS
            passed = time.perf_counter() - start
        return steps * batch, passed

    return train


def main(work: str, name: str, threads: int) -> None:
    import torch

    from trainer.config import FitConfig
    from trainer.data.load import load_data

    rounds = Rounds()
    contender = WORKS[work][name]
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    images: Any = load_data(FitConfig(data="fashion-mnist", validation=0)).train.images
    module, _, function = contender.make.partition(":")
    make = getattr(importlib.import_module(module), function)
    if contender.model is None:
        make(Job(work=work, images=images, batch=contender.batch, threads=threads), rounds)
        return
    model = getattr(importlib.import_module("bench.models"), contender.model)()
    loop = make(model, images, contender.batch)
    rounds.serve(timed(loop, contender.batch * contender.models), sum(weight.numel() for weight in model.parameters()))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
