"""What a run is held against, held against other ways to compute it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from trainer import baselines
from trainer.baselines import Baselines, mean_image_mse, probe_accuracy
from trainer.data.dataset import DataSet

from .small_runs import blobs


def flat(data: DataSet, name: str) -> np.ndarray:
    split = getattr(data, name)
    return split.pixels().reshape(len(split), -1).astype(np.float64)


def error_of_svd(data: DataSet, components: int) -> float:
    train, test = flat(data, "train"), flat(data, "test")
    _, _, axes = np.linalg.svd(train - train.mean(0), full_matrices=False)
    centred = test - train.mean(0)
    return float(((centred - centred @ axes[:components].T @ axes[:components]) ** 2).mean())


def test_the_mean_image_is_that_of_the_training_images() -> None:
    data = blobs()
    mean = data.train.pixels().mean(0)
    assert mean_image_mse(data) == pytest.approx(float(((data.test.pixels() - mean) ** 2).mean()), rel=1e-5)


@pytest.mark.parametrize("components", [1, 5, 35])
def test_pca_is_the_best_linear_projection(components: int) -> None:
    data = blobs()
    assert Baselines(data).pca_mse(components) == pytest.approx(error_of_svd(data, components), rel=1e-3, abs=1e-8)


def test_pca_of_images_too_large_for_a_covariance_matrix_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    data = blobs()
    monkeypatch.setattr(baselines, "WIDE", 20)
    assert Baselines(data).pca_mse(5) == pytest.approx(error_of_svd(data, 5), rel=0.01)


def test_pca_as_wide_as_the_image_loses_nothing() -> None:
    assert Baselines(blobs()).pca_mse(36) == 0


def test_pca_with_more_components_than_training_images_takes_those_that_there_are() -> None:
    data = blobs(30)
    assert Baselines(data).pca_mse(30) == pytest.approx(error_of_svd(data, 21), abs=1e-6)


def test_the_probe_is_a_logistic_regression_on_the_raw_codes() -> None:
    generator = np.random.default_rng(0)
    codes, labels = generator.normal(size=(300, 4)).astype(np.float32), generator.integers(0, 3, 300)
    codes[:, 1] += 3 * labels
    oracle = LogisticRegression(max_iter=10_000).fit(codes[:200], labels[:200]).score(codes[200:], labels[200:])
    assert probe_accuracy(codes[:200], labels[:200], codes[200:], labels[200:]) == pytest.approx(oracle)


def test_the_probe_learns_from_the_first_images_only(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = np.array([[-1.0], [1.0]] * 50, np.float32)
    labels = np.array([0, 1] * 10 + [1, 0] * 40)
    monkeypatch.setattr(baselines, "PROBE_IMAGES", 20)
    assert probe_accuracy(codes, labels, codes[:2], np.array([0, 1])) == 1


def test_a_probe_that_runs_out_of_iterations_is_no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    codes, labels = generator.normal(size=(100, 5)) * np.logspace(0, 4, 5), generator.integers(0, 5, 100)
    monkeypatch.setattr(baselines, "PROBE_ITERATIONS", 2)
    with pytest.warns(ConvergenceWarning):
        LogisticRegression(max_iter=2).fit(codes, labels)
    assert probe_accuracy(codes, labels, codes, labels) is not None


def test_images_without_a_class_are_left_out() -> None:
    codes = np.array([[-1.0], [1.0], [5.0]] * 10, np.float32)
    labels = np.array([0, 1, -1] * 10)
    assert probe_accuracy(codes, labels, codes, labels) == 1


@pytest.mark.parametrize("labels", [np.full(10, -1), np.zeros(10, np.int64)])
def test_where_there_are_no_two_classes_there_is_no_probe(labels: np.ndarray) -> None:
    codes = np.random.default_rng(0).normal(size=(10, 2))
    assert probe_accuracy(codes, labels, codes, labels) is None


def test_the_probe_of_the_pixels_reads_the_pixels() -> None:
    data = blobs()
    expected = probe_accuracy(flat(data, "train"), data.train.labels, flat(data, "test"), data.test.labels)
    assert Baselines(data).probe_accuracy == pytest.approx(expected, abs=0.03)


def test_pixels_are_not_probed_where_it_would_take_minutes() -> None:
    data = blobs()
    large = {
        name: dataclasses.replace(split, images=np.zeros((len(split), 1, 33, 33), np.uint8))
        for name, split in (("train", data.train), ("validation", data.validation), ("test", data.test))
    }
    assert Baselines(dataclasses.replace(data, **large)).probe_accuracy is None
