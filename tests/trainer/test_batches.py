from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from trainer.batches import Batches
from trainer.config import Resolved
from trainer.data.load import load
from trainer.prepare import resolve

from .small_runs import blobs, config

CPU = torch.device("cpu")


def resolved() -> Resolved:
    return resolve(config(), blobs())


def test_an_epoch_shows_each_image_once_and_the_next_one_in_another_order() -> None:
    data, meaning = blobs(), resolved()
    batches = Batches(data.train, 0, meaning, CPU, paired=False)
    epochs = [
        torch.cat([batches.rows(epoch * meaning.steps_per_epoch + i) for i in range(meaning.steps_per_epoch)])
        for epoch in range(2)
    ]
    assert all(len(set(rows.tolist())) == len(rows) == 128 for rows in epochs)
    assert not torch.equal(epochs[0], epochs[1])


def test_a_batch_depends_on_seed_and_step_alone() -> None:
    first, second, other = (Batches(blobs().train, seed, resolved(), CPU, paired=False) for seed in (1, 1, 2))
    first(0)
    assert torch.equal(first(7)[0].clone(), second(7)[0])
    assert not torch.equal(first.rows(7), other.rows(7))


def test_pixels_are_those_of_the_data_set() -> None:
    data = blobs()
    batches = Batches(data.train, 0, resolved(), CPU, paired=False)
    x, target = batches(3)
    assert np.array_equal(x.numpy(), data.train.pixels(batches.rows(3).numpy()))
    assert x is target


def test_floats_are_handed_on_as_they_are() -> None:
    data = blobs()
    train = dataclasses.replace(data.train, images=data.train.pixels() * 3 - 1)
    batches = Batches(train, 0, resolved(), CPU, paired=False)
    assert np.array_equal(batches(0)[0].numpy(), train.images[batches.rows(0).numpy()])


def test_a_pair_comes_with_its_partner() -> None:
    data = blobs()
    train = dataclasses.replace(data.train, targets=data.train.images[::-1].copy())
    batches = Batches(train, 0, resolved(), CPU, paired=True)
    x, target = batches(0)
    rows = batches.rows(0).numpy()
    assert np.array_equal(x.numpy(), train.pixels(rows))
    assert np.array_equal(target.numpy(), data.train.pixels()[::-1][rows])


def test_images_that_stay_in_their_file_come_as_those_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = np.random.default_rng(0).integers(0, 256, (500, 4, 4)).astype(np.uint8)
    np.save(tmp_path / "a.npy", images)
    in_memory = load(str(tmp_path / "a.npy")).train
    monkeypatch.setenv("AETUI_RESIDENT_BYTES", "1000")
    in_file = load(str(tmp_path / "a.npy")).train
    assert in_memory.resident
    assert not in_file.resident
    meaning = dataclasses.replace(resolved(), batch_size=32, steps_per_epoch=len(in_memory) // 32)
    a, b = (Batches(split, 0, meaning, CPU, paired=False) for split in (in_memory, in_file))
    assert a.resident
    assert not b.resident
    for step in range(20):
        assert torch.equal(a(step)[0], b(step)[0])
