from __future__ import annotations

import itertools

import torch

from trainer.noise import STREAMS, Noise, key


def test_the_noise_of_a_step_can_be_drawn_again() -> None:
    x = torch.zeros(3, 4)
    assert torch.equal(Noise(1, 2).normal_like(x, "code"), Noise(1, 2).normal_like(x, "code"))


def test_seed_step_and_stream_each_change_the_noise() -> None:
    keys = [key(seed, step, s) for seed, step, s in itertools.product(range(8), range(-4, 60), STREAMS)]
    assert len(set(keys)) == len(keys)
    assert all(0 <= k < 1 << 63 for k in keys)


def test_drawing_noise_leaves_the_global_generator_alone() -> None:
    torch.manual_seed(7)
    before = torch.random.get_rng_state()
    Noise(0, 0).uniform_like(torch.zeros(9), "corruption")
    assert torch.equal(torch.random.get_rng_state(), before)


def test_noise_has_the_moments_that_it_should_have() -> None:
    x = torch.zeros(200_000)
    normal, uniform = Noise(0, 1).normal_like(x, "code"), Noise(0, 1).uniform_like(x, "code")
    assert abs(normal.mean()) < 0.01
    assert abs(normal.std() - 1) < 0.01
    assert abs(uniform.mean() - 0.5) < 0.01
    assert uniform.min() >= 0
    assert uniform.max() < 1
