from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from export.errors import ExitCode, ToolError
from trainer.config import FitConfig, RunConfig
from trainer.losses import squared_error
from trainer.nets import build
from trainer.noise import Noise
from trainer.prepare import resolve
from trainer.variants import Denoising

from ..small_runs import blobs


def gray(value: float, count: int = 2000, size: int = 8) -> torch.Tensor:
    return torch.full((count, 1, size, size), value)


def test_without_a_range_every_image_has_the_level() -> None:
    spread = (Denoising(level=0.1).corrupt(gray(0.5), Noise(0, 3)) - 0.5).flatten(1).std(dim=1)
    assert spread.mean().item() == pytest.approx(0.1, rel=0.02)
    assert spread.std() < 0.02  # of 64 pixels each


def test_levels_of_a_range_are_uniform_in_it_and_one_per_image() -> None:
    """What an image's noise, known from the same stream, was multiplied with."""
    x, noise = gray(0.5), Noise(0, 3)
    variant = Denoising(level=0.12, lowest_level=0.02)
    normal, added = noise.normal_like(x, "corruption"), variant.corrupt(x, noise) - x
    levels = (added * normal).sum(dim=(1, 2, 3), keepdim=True) / normal.square().sum(dim=(1, 2, 3), keepdim=True)
    assert torch.allclose(added, levels * normal, atol=1e-6)
    drawn = np.sort(levels.flatten().numpy())
    assert np.abs(drawn - np.linspace(0.02, 0.12, len(drawn))).max() < 0.005  # Kolmogorov-Smirnov, 1 in 10^4


def test_levels_can_be_drawn_so_that_low_ones_come_more_often() -> None:
    x, noise = gray(0.5, count=4000), Noise(0, 3)
    variant = Denoising(level=0.12, lowest_level=0.02, draw="low")
    normal, added = noise.normal_like(x, "corruption"), variant.corrupt(x, noise) - x
    levels = (added * normal).sum(dim=(1, 2, 3)) / normal.square().sum(dim=(1, 2, 3))
    drawn = np.sort(levels.numpy() ** -2)
    even = np.linspace(0.12**-2, 0.02**-2, len(drawn))
    assert np.abs(drawn - even).max() < 0.04 * even.max()  # Kolmogorov-Smirnov, 1 in 10^5


@pytest.mark.parametrize("lowest", [None, 0.0])
def test_low_levels_without_a_range_above_zero_are_an_error(lowest: float | None) -> None:
    with pytest.raises(ToolError, match="draw low has no effect"):
        Denoising(level=0.5, lowest_level=lowest, draw="low").check()


@pytest.mark.parametrize("hidden", [(72,), (80, 90)])
def test_a_blind_network_that_is_wide_enough_starts_as_a_copy(hidden: tuple[int, ...]) -> None:
    data, variant = blobs(), Denoising(level=0.5, lowest_level=0.1)
    what = RunConfig(fit=FitConfig(device="cpu", hidden=hidden, latent_dim=40), variant=variant)
    model = build(resolve(what, data), variant, "mlp", seed=0)
    variant.start(model, torch.from_numpy(data.train.mean_image()))
    x = torch.from_numpy(data.test.pixels())
    with torch.no_grad():
        assert torch.allclose(model.decode(model.encode(x)["latent"]).x_hat, x, atol=1e-5)


def test_a_narrow_blind_network_starts_at_the_mean_image() -> None:
    data, variant = blobs(), Denoising(level=0.5, lowest_level=0.1)
    what = RunConfig(fit=FitConfig(device="cpu", hidden=(40,), latent_dim=4), variant=variant)
    model = build(resolve(what, data), variant, "mlp", seed=0)
    mean = torch.from_numpy(data.train.mean_image())
    variant.start(model, mean)
    assert torch.equal(model.last.bias, mean.flatten())
    assert model.last.weight.any()


@pytest.mark.parametrize("kind", ["masking", "salt-pepper"])
def test_shares_of_a_range_are_drawn_too(kind: Any) -> None:
    hit = (Denoising(corruption=kind, level=0.8, lowest_level=0.2).corrupt(gray(0.5), Noise(1, 1)) != 0.5).float()
    shares = hit.mean(dim=(1, 2, 3))
    assert hit.mean().item() == pytest.approx(0.5, abs=0.02)
    assert shares.std().item() == pytest.approx(0.6 / 12**0.5, rel=0.15)


def test_a_step_is_spoiled_the_same_way_each_time_and_another_step_differently() -> None:
    variant, x = Denoising(lowest_level=0.1), gray(0.5, count=4)
    assert torch.equal(variant.corrupt(x, Noise(0, 1)), variant.corrupt(x, Noise(0, 1)))
    assert not torch.equal(variant.corrupt(x, Noise(0, 1)), variant.corrupt(x, Noise(0, 2)))


def test_a_clean_target_is_the_image_itself() -> None:
    x = gray(0.2, count=3)
    assert Denoising().target_of(x, Noise(0, 0)) is x


@pytest.mark.parametrize("lowest", [None, 0.1])
def test_the_mean_of_noisy_targets_is_the_image_even_where_it_is_black(lowest: float | None) -> None:
    """Clipped copies would have a mean above 0 there, and that mean is what a network learns."""
    variant, x, noise = Denoising(level=0.5, lowest_level=lowest, target="noisy"), gray(0.0), Noise(2, 7)
    target = variant.target_of(x, noise)
    assert abs(target.mean().item()) < 4 * 0.5 / x.numel() ** 0.5
    assert target.min() < 0


def test_a_noisy_target_has_noise_of_its_own_at_the_level_of_its_image() -> None:
    variant, x, noise = Denoising(level=0.1, lowest_level=0.01, target="noisy"), gray(0.5, count=400), Noise(2, 7)
    seen = (variant.corrupt(x, noise) - x).flatten(1)
    held = (variant.target_of(x, noise) - x).flatten(1)
    together = torch.corrcoef(torch.stack([seen.flatten(), held.flatten()]))[0, 1]
    assert abs(together.item()) < 4 / seen.numel() ** 0.5
    spread = torch.corrcoef(torch.stack([seen.std(dim=1), held.std(dim=1)]))[0, 1]
    assert spread > 0.8


def test_a_linear_map_fitted_to_noisy_targets_is_the_one_fitted_to_clean_images() -> None:
    """Lehtinen et al. 2018, equation 6: in the limit the two least-squares problems have one solution."""
    generator = torch.Generator().manual_seed(0)
    factor = torch.rand(5, 9, generator=generator)
    x = (torch.rand(200_000, 5, generator=generator) @ factor / 3).reshape(-1, 1, 3, 3).clamp(0, 1)
    variant, noise = Denoising(level=0.2, target="noisy"), Noise(0, 0)
    seen, target = variant.corrupt(x, noise).flatten(1), variant.target_of(x, noise).flatten(1)
    from_noisy = torch.linalg.lstsq(seen, target).solution
    from_clean = torch.linalg.lstsq(seen, x.flatten(1)).solution
    errors = [squared_error(seen @ fitted, x.flatten(1)).mean().item() for fitted in (from_noisy, from_clean)]
    assert errors[0] == pytest.approx(errors[1], rel=1e-3)
    assert torch.allclose(from_noisy, from_clean, atol=0.02)


def test_pairs_are_seen_as_they_are_and_held_against_their_partners() -> None:
    variant, x = Denoising(target="pairs"), gray(0.3, count=3)
    assert variant.wants_targets
    assert variant.corrupt(x, Noise(0, 0)) is x
    assert variant.target_of(x, Noise(0, 0)) is x
    assert not Denoising(target="noisy").wants_targets


@pytest.mark.parametrize("width", [1, 784, 1024])
def test_a_code_may_be_as_wide_as_the_image_or_wider(width: int) -> None:
    assert Denoising().code_width(width, 784) == width


@pytest.mark.parametrize(
    ("options", "flag"),
    [
        ({"corruption": "masking", "level": 1.5}, "--denoising.level 1.5 is out of range"),
        ({"level": 0.2, "lowest_level": 0.3}, "--denoising.lowest-level 0.3 leaves no range"),
        ({"lowest_level": -0.1}, "--denoising.lowest-level -0.1 is out of range"),
        ({"corruption": "masking", "target": "noisy"}, "--denoising.target noisy does not go with masking"),
        ({"corruption": "salt-pepper", "target": "noisy"}, "--denoising.target noisy does not go with salt-pepper"),
        ({"target": "pairs", "level": 0.2}, "--denoising.level has no effect"),
        ({"target": "pairs", "corruption": "masking"}, "--denoising.corruption has no effect"),
        ({"target": "pairs", "lowest_level": 0.1}, "--denoising.lowest-level has no effect"),
    ],
    ids=str,
)
def test_options_that_do_not_fit_are_refused(options: dict[str, Any], flag: str) -> None:
    with pytest.raises(ToolError) as refused:
        Denoising(**options).check()
    assert refused.value.what == flag
    assert refused.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize(
    "options",
    [{}, {"lowest_level": 0.0}, {"target": "noisy"}, {"target": "pairs"}, {"corruption": "masking", "level": 1}],
)
def test_options_that_fit_are_not(options: dict[str, Any]) -> None:
    Denoising(**options).check()
