"""Noise by level: the linear map against scikit-learn's, the moments against draws."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge as SklearnRidge
from torch import Tensor

from trainer import corruption
from trainer.data.dataset import DataSet
from trainer.evaluate import HeldOutImages, evaluate
from trainer.noise import Noise
from trainer.noise_sweep import LEVELS, Ridge, Spoiling, linear_denoiser, moments, noise_sweep, spoilings
from trainer.restore import load_trained
from trainer.variants import Denoising, Undercomplete

from .small_runs import blobs, config, quick_run


class Identity(torch.nn.Module):
    """An autoencoder whose code is the image."""

    def __init__(self) -> None:
        super().__init__()
        self.anchor = torch.nn.Parameter(torch.zeros(()))

    def encode(self, x: Tensor) -> dict[str, Tensor]:
        return {"latent": x}

    def decode(self, z: Tensor) -> object:
        return type("Output", (), {"x_hat": z})()


@pytest.mark.parametrize("level", [0.0, 0.1, 0.7])
@pytest.mark.parametrize(("kind", "clip"), [*((kind, True) for kind in corruption.KINDS), ("gaussian", False)])
def test_the_moments_are_those_of_many_draws(kind: str, level: float, clip: bool) -> None:
    x = torch.linspace(0, 1, 9, dtype=torch.float64)
    many = x.expand(200_000, 1, 1, 9)
    drawn = Spoiling(kind, level, clip)(many, Noise(1, 2))
    first, second = moments(x, Spoiling(kind, level, clip))
    assert torch.allclose(drawn.mean(0)[0, 0], first, atol=0.008)
    assert torch.allclose(drawn.square().mean(0)[0, 0], second, atol=0.012)


def test_a_kind_that_nobody_knows_has_no_moments() -> None:
    with pytest.raises(ValueError, match="fog"):
        moments(torch.zeros(1), Spoiling("fog", 0.1))


@pytest.mark.parametrize(("kind", "level"), [("gaussian", 0.3), ("masking", 0.4), ("salt-pepper", 0.3)])
def test_the_linear_map_is_the_ridge_regression_over_many_draws_of_noise(kind: str, level: float) -> None:
    clean = torch.from_numpy(blobs(100).train.pixels())
    draws = 400
    many = clean.repeat(draws, 1, 1, 1)
    noisy = Spoiling(kind, level)(many, Noise(3, 0)).flatten(1)
    oracle = SklearnRidge(alpha=draws).fit(noisy.double().numpy(), many.flatten(1).double().numpy())
    weights, bias = linear_denoiser(clean.flatten(1), lambda x: moments(x, Spoiling(kind, level)))
    assert np.allclose(weights.numpy(), oracle.coef_.T, atol=0.02)
    assert np.allclose(bias.numpy(), oracle.intercept_, atol=0.02)


def test_without_noise_the_linear_map_is_nearly_the_identity() -> None:
    clean = torch.rand(5000, 6, generator=torch.Generator().manual_seed(0))
    weights, bias = linear_denoiser(clean, lambda x: moments(x, Spoiling("gaussian", 0.0)))
    assert torch.allclose(clean @ weights + bias, clean, atol=0.01)


def test_on_new_images_the_linear_map_is_no_worse_than_one_fitted_to_draws() -> None:
    data = blobs(600)
    clean, test = (torch.from_numpy(split.pixels()) for split in (data.train, data.test))
    noisy, noisy_test = (Spoiling("gaussian", 0.3)(x, Noise(seed, 0)) for seed, x in ((1, clean), (2, test)))
    fitted = SklearnRidge(alpha=1.0).fit(noisy.flatten(1).numpy(), clean.flatten(1).numpy())
    error_of_fitted = float(
        ((fitted.predict(noisy_test.flatten(1).numpy()).clip(0, 1) - test.flatten(1).numpy()) ** 2).mean()
    )
    linear = Ridge(data)(Spoiling("gaussian", 0.3))
    assert linear is not None
    assert float((linear(noisy_test) - test).square().mean()) < error_of_fitted


def test_every_variant_is_tried_with_gaussian_noise_and_denoising_with_its_own() -> None:
    assert spoilings(Undercomplete(), points=False) == [Spoiling("gaussian", level, clip=True) for level in LEVELS]
    assert spoilings(Undercomplete(), points=True) == [Spoiling("gaussian", level, clip=False) for level in LEVELS]
    masking = Denoising(corruption="masking", level=0.3)
    assert spoilings(masking, points=False) == [Spoiling("masking", level) for level in LEVELS]


@pytest.mark.parametrize(
    ("variant", "levels"),
    [
        (Denoising(level=0.25), (0.1, 0.2, 0.25, 0.3, 0.4, 0.5)),
        (Denoising(level=0.6, lowest_level=0.05), (0.05, *LEVELS, 0.6)),
        (Denoising(level=0.6, lowest_level=0.0), (*LEVELS, 0.6)),
        (Denoising(target="pairs"), ()),  # noisy as they come: there is nothing to compare with
    ],
    ids=str,
)
def test_the_trained_levels_are_among_those_tried(variant: Denoising, levels: tuple[float, ...]) -> None:
    assert tuple(spoiling.level for spoiling in spoilings(variant, points=False)) == levels


@pytest.mark.parametrize(
    ("clip", "points", "expected"), [(None, False, True), (None, True, False), (False, False, False)]
)
def test_noise_is_clipped_as_in_training(clip: bool | None, points: bool, expected: bool) -> None:
    assert {spoiling.clip for spoiling in spoilings(Denoising(clip=clip), points=points)} == {expected}


def test_what_copies_its_input_takes_nothing_off() -> None:
    data = blobs()
    rows = noise_sweep(
        HeldOutImages(Identity(), data.test.images, 0), spoilings(Undercomplete(), points=False), Ridge(data)
    )  # type: ignore[arg-type]
    assert [row["level"] for row in rows] == list(LEVELS)
    for row in rows:
        assert row["denoised_mse"] == row["corrupted_mse"]
        assert row["ridge_mse"] < row["corrupted_mse"]  # type: ignore[operator]
    errors = [row["corrupted_mse"] for row in rows]
    assert errors == sorted(errors)  # type: ignore[type-var]


def test_the_errors_are_per_pixel_against_the_clean_image() -> None:
    """Unclipped noise of deviation σ: an error of σ² wherever nothing is taken off."""
    data = points()
    rows = noise_sweep(
        HeldOutImages(Identity(), data.test.images, 0), spoilings(Undercomplete(), points=True), Ridge(data)
    )  # type: ignore[arg-type]
    for row in rows:
        assert row["corrupted_mse"] == pytest.approx(row["level"] ** 2, rel=0.1)  # type: ignore[operator]


def test_a_linear_map_finds_the_line_on_which_points_lie() -> None:
    data = points()
    row = noise_sweep(
        HeldOutImages(Identity(), data.test.images, 0), spoilings(Undercomplete(), points=True), Ridge(data)
    )[0]  # type: ignore[arg-type]
    # Of two coordinates' noise only what lies along the line stays, and that shrinks towards the mean.
    variance = float(np.var(data.train.images.reshape(-1, 2), axis=0).sum())
    expected = 0.5 * 0.1**2 * variance / (variance + 0.1**2)
    assert row["ridge_mse"] == pytest.approx(expected, rel=0.1)


def points(count: int = 4000) -> DataSet:
    """Points on the line y = 2x, from −3 to 3 in x."""
    data = blobs(count)
    x = np.random.default_rng(0).uniform(-3, 3, count).astype(np.float32)
    images = np.stack([x, 2 * x], axis=1)[:, None, None]
    cuts = {"train": data.train, "validation": data.validation, "test": data.test}
    splits = {name: dataclasses.replace(split, images=images[split.index]) for name, split in cuts.items()}
    return dataclasses.replace(data, **splits, points=True)


def test_images_too_wide_for_a_matrix_have_no_linear_map() -> None:
    data = blobs()
    large = dataclasses.replace(data.train, images=np.zeros((len(data.train), 3, 33, 33), np.uint8))
    assert Ridge(dataclasses.replace(data, train=large))(Spoiling("gaussian", 0.1)) is None


@pytest.mark.parametrize("options", [{"corruption": "salt-pepper"}, {"clip": False}, {}], ids=str)
def test_the_sweep_agrees_with_what_denoising_says_at_its_level(tmp_path: Path, options: dict[str, Any]) -> None:
    data = blobs()
    run, _ = quick_run(tmp_path / "r", config("denoising", {"level": 0.15, **options}), data)
    result = evaluate(load_trained(run, data))
    assert result["noise_kind"] == options.get("corruption", "gaussian")
    (row,) = [row for row in result["noise_sweep"] if row["level"] == 0.15]
    for name in ("corrupted_mse", "denoised_mse"):
        assert row[name] == pytest.approx(result[name], rel=1e-5)
