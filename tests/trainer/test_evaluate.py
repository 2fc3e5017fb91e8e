from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from trainer.evaluate import HeldOutImages, evaluate, mean_image_mse, mse_on_test, pca_mse
from trainer.restore import load_trained
from trainer.variants import VARIANTS

from .small_runs import blobs, config, quick_run


def test_mse_is_the_mean_over_images_and_pixels(tmp_path: Path) -> None:
    data = blobs()
    _, outcome = quick_run(tmp_path / "r", config(), data)
    x = torch.from_numpy(data.test.pixels())
    with torch.no_grad():
        expected = float((outcome.model.decode(outcome.model.encode(x)["latent"]).x_hat - x).square().mean())
    assert mse_on_test(outcome.model, data) == pytest.approx(expected, rel=1e-5)


def test_the_mean_image_is_that_of_the_training_images() -> None:
    data = blobs()
    mean = data.train.pixels().mean(0)
    assert mean_image_mse(data) == pytest.approx(float(((data.test.pixels() - mean) ** 2).mean()), rel=1e-5)


@pytest.mark.parametrize("components", [1, 5])
def test_pca_is_the_best_linear_projection(components: int) -> None:
    data = blobs()
    train, test = (s.pixels().reshape(len(s), -1).astype(np.float64) for s in (data.train, data.test))
    _, _, axes = np.linalg.svd(train - train.mean(0), full_matrices=False)
    centred = test - train.mean(0)
    expected = ((centred - centred @ axes[:components].T @ axes[:components]) ** 2).mean()
    assert pca_mse(data, components) == pytest.approx(expected, rel=1e-4)


def test_pca_as_wide_as_the_image_loses_nothing() -> None:
    assert pca_mse(blobs(), 36) == 0


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_reports_what_it_is_about(tmp_path: Path, variant: str) -> None:
    data = blobs()
    run, _ = quick_run(tmp_path / "r", config(variant, steps=300, lr=1e-2), data)
    result = evaluate(load_trained(run, data))
    assert (result["run"], result["variant"], result["split"], result["n"]) == ("r", variant, "test", 40)
    assert result["psnr_db"] == pytest.approx(-10 * np.log10(result["mse"]))
    assert result["mse"] < result["mean_image_mse"]
    own = {
        "undercomplete": set(),
        "sparse": {"l1", "active_per_image", "active_fraction", "dead_units"},
        "denoising": {"corrupted_mse", "denoised_mse"},
        "variational": {"elbo_nats", "reconstruction_nats", "kl_nats", "active_units"},
    }[variant]
    assert own <= result.keys()
    assert evaluate(load_trained(run, data)) == result


def test_the_elbo_is_minus_the_sum_of_its_terms(tmp_path: Path) -> None:
    data = blobs()
    run, _ = quick_run(tmp_path / "r", config("variational"), data)
    result = evaluate(load_trained(run, data))
    assert result["elbo_nats"] == pytest.approx(-result["reconstruction_nats"] - result["kl_nats"])


def test_sparse_figures_count_units(tmp_path: Path) -> None:
    data = blobs()
    _, outcome = quick_run(tmp_path / "r", config("sparse"), data)
    with torch.no_grad():
        view = HeldOutImages(outcome.model, data.test.images, seed=0)
        metrics = VARIANTS["sparse"]().metrics(view)
        activations = outcome.model.encode(torch.from_numpy(data.test.pixels()))["latent"].numpy()
    assert metrics["active_per_image"] == pytest.approx((activations > 1e-3).sum(1).mean())
    assert metrics["dead_units"] == int(((activations > 1e-3).sum(0) == 0).sum())
    assert metrics["l1"] == pytest.approx(activations.sum(1).mean(), rel=1e-4)
