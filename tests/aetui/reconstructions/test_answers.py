"""Answers are kept, asked for once, and forgotten with the model they came from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aetui.engine.client import Answer
from aetui.follow.entries import Entry
from aetui.reconstructions.answers import Answers, Noise, Shown
from export.errors import ToolError

X = np.linspace(0, 1, 6 * 4, dtype=np.float32).reshape(6, 1, 2, 2)
ENTRY = Entry(path=Path("a"), name="a", state="finished", model=Path("a/live"), version=(1,))


class Halving:
    """Stands where the engine process would: halves what it is given, and counts how many images it saw."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.step = 1
        self.shape: tuple[int, ...] | None = None

    async def reconstruct(self, folder: Path, images: np.ndarray) -> Answer:
        self.seen.append(len(images))
        made = images / 2 if self.shape is None else np.zeros((len(images), *self.shape), np.float32)
        arrays = {"reconstruction": made, "code": images.reshape(len(images), -1)}
        return Answer(arrays=arrays, step=self.step, provider_text="CPU", seconds=0.0)

    async def ask(self, question: Callable[[Any], Awaitable[Answer]]) -> Answer:
        return await question(self)


def shown(noise: Noise | None = None) -> Shown:
    return Shown(x=X, index=np.arange(6), key=("probe",), noise=noise)


async def test_only_what_is_not_known_is_asked_for() -> None:
    engine = Halving()
    answers = Answers(engine.ask)
    made = await answers.made(ENTRY, shown(), np.array([1, 4]))
    assert made.known.tolist() == [False, True, False, False, True, False]
    made = await answers.made(ENTRY, shown(), np.arange(6))
    assert engine.seen == [2, 4]
    assert np.array_equal(made.x_hat, X / 2)
    assert np.array_equal(made.code, X.reshape(6, 4))
    assert await answers.made(ENTRY, shown(), np.arange(3)) is made
    assert engine.seen == [2, 4]


async def test_another_noise_and_another_version_are_other_answers() -> None:
    engine = Halving()
    answers = Answers(engine.ask)
    await answers.made(ENTRY, shown(), np.arange(6))
    noisy = await answers.made(ENTRY, shown(Noise("masking", 1.0)), np.arange(6))
    assert not noisy.x_hat.any()
    newer = Entry(path=Path("a"), name="a", state="finished", model=Path("a/live"), version=(2,))
    assert answers.known(newer, shown()) is None
    await answers.made(newer, shown(), np.arange(6))
    assert engine.seen == [6, 6, 6]


async def test_weights_that_are_replaced_in_between_are_not_mixed() -> None:
    engine = Halving()
    answers = Answers(engine.ask)
    await answers.made(ENTRY, shown(), np.arange(3))
    engine.step = 2
    made = await answers.made(ENTRY, shown(), np.arange(6))
    assert made.step == 2
    assert made.known.all()
    assert engine.seen == [3, 3, 3]


async def test_measures_are_taken_where_the_answer_is_known() -> None:
    answers = Answers(Halving().ask)
    made = await answers.made(ENTRY, shown(), np.array([2]))
    values = made.values("mse", X)
    assert np.isnan(values[[0, 1, 3, 4, 5]]).all()
    assert values[2] == pytest.approx((X[2] ** 2).mean() / 4)
    await answers.made(ENTRY, shown(), np.arange(6))
    assert made.values("mse", X) == pytest.approx((X**2).mean(axis=(1, 2, 3)) / 4)
    assert shown(Noise("masking", 1.0)).values("mse") == pytest.approx((X**2).mean(axis=(1, 2, 3)))


async def test_the_oldest_answers_are_forgotten_where_they_take_too_much() -> None:
    engine = Halving()
    answers = Answers(engine.ask, most_bytes=X.nbytes * 4)
    noises = [Noise("gaussian", level) for level in (0.1, 0.2, 0.3)]
    for noise in noises:
        await answers.made(ENTRY, shown(noise), np.arange(6))
    assert [answers.known(ENTRY, shown(noise)) is not None for noise in noises] == [False, True, True]


async def test_images_of_another_shape_are_refused() -> None:
    engine = Halving()
    engine.shape = (1, 3, 3)
    with pytest.raises(ToolError, match="another shape"):
        await Answers(engine.ask).made(ENTRY, shown(), np.arange(6))
