from __future__ import annotations

import numpy as np
import pytest
import torch

from trainer.corruption import KINDS, corrupt, takes_normal_noise


def noise_for(kind: str, shape: tuple[int, ...]) -> np.ndarray:
    generator = np.random.default_rng(0)
    drawn = generator.standard_normal(shape) if takes_normal_noise(kind) else generator.random(shape)
    return drawn.astype(np.float32)


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_and_tensors_are_corrupted_alike(kind: str) -> None:
    x = np.random.default_rng(1).random((4, 1, 5, 5)).astype(np.float32)
    noise = noise_for(kind, x.shape)
    array = corrupt(x, kind, 0.4, noise)
    tensor = corrupt(torch.from_numpy(x), kind, 0.4, torch.from_numpy(noise))
    assert array.dtype == np.float32
    assert tensor.dtype == torch.float32
    assert np.array_equal(array, tensor.numpy())
    assert array.min() >= 0
    assert array.max() <= 1


@pytest.mark.parametrize("kind", KINDS)
def test_level_0_changes_nothing(kind: str) -> None:
    x = np.random.default_rng(1).random((3, 7)).astype(np.float32)
    assert np.array_equal(corrupt(x, kind, 0.0, noise_for(kind, x.shape)), x)


def test_masking_and_salt_pepper_hit_the_share_that_the_level_says() -> None:
    x = np.full(100_000, 0.5, np.float32)
    masked = corrupt(x, "masking", 0.3, noise_for("masking", x.shape))
    assert abs((masked == 0).mean() - 0.3) < 0.01
    seasoned = corrupt(x, "salt-pepper", 0.3, noise_for("salt-pepper", x.shape))
    assert abs((seasoned == 0).mean() - 0.15) < 0.01
    assert abs((seasoned == 1).mean() - 0.15) < 0.01


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(ValueError, match="gaussian"):
        corrupt(np.zeros(1), "fog", 0.1, np.zeros(1))
