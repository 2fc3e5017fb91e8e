from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest
import torch

from trainer import evaluate as module
from trainer.baselines import Baselines, probe_accuracy
from trainer.data.dataset import DataSet, Split
from trainer.data.load import load
from trainer.evaluate import HeldOutImages, Surroundings, evaluate, mean_image_mse, mse_on_test
from trainer.noise import Noise
from trainer.restore import load_trained
from trainer.runs.folder import RunFolder
from trainer.variants import VARIANTS

from .small_runs import blobs, config, quick_run

COMMON = [
    *("run", "variant", "data", "split", "n", "step", "latent_dim", "mse", "psnr_db", "pca_mse", "mean_image_mse"),
    *("probe_accuracy", "probe_accuracy_pixels"),
]
OWN = {
    "undercomplete": set(),
    "sparse": {"l1", "active_per_image", "active_fraction", "dead_units"},
    "denoising": {"corrupted_mse", "denoised_mse"},
    "variational": {"elbo_nats", "reconstruction_nats", "kl_nats", "active_units", "nll_nats"},
}
SCORES = {"mig", "dci_disentanglement", "dci_completeness", "dci_informativeness"}


def with_splits(data: DataSet, **changes: object) -> DataSet:
    """``data`` with some fields of every split changed; a function is given the split."""
    splits = {
        name: dataclasses.replace(
            split, **{field: value(split) if callable(value) else value for field, value in changes.items()}
        )
        for name, split in (("train", data.train), ("validation", data.validation), ("test", data.test))
    }
    return dataclasses.replace(data, **splits)


def known(data: DataSet) -> DataSet:
    """``data`` with two attributes: where the centre of mass of an image is."""

    def centre(split: Split) -> np.ndarray:
        x = split.pixels()[:, 0]
        total = x.sum((1, 2))
        rows, columns = np.mgrid[: x.shape[1], : x.shape[2]]
        return np.stack([(x * rows).sum((1, 2)) / total, (x * columns).sum((1, 2)) / total], axis=1).astype(np.float32)

    attributes = {name: {"attributes": centre(getattr(data, name))} for name in ("train", "validation", "test")}
    splits = {name: dataclasses.replace(getattr(data, name), **fields) for name, fields in attributes.items()}
    return dataclasses.replace(data, **splits, attribute_names=("down", "right"))


def test_mse_is_the_mean_over_images_and_pixels(tmp_path: Path) -> None:
    data = blobs()
    _, outcome = quick_run(tmp_path / "r", config(), data)
    x = torch.from_numpy(data.test.pixels())
    with torch.no_grad():
        expected = float((outcome.model.decode(outcome.model.encode(x)["latent"]).x_hat - x).square().mean())
    assert mse_on_test(outcome.model, data) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_reports_what_it_is_about(tmp_path: Path, variant: str) -> None:
    data = blobs()
    run, _ = quick_run(tmp_path / "r", config(variant, steps=300, lr=1e-2), data)
    result = evaluate(load_trained(run, data))
    assert (result["run"], result["variant"], result["split"], result["n"]) == ("r", variant, "test", 40)
    assert result["psnr_db"] == pytest.approx(-10 * np.log10(result["mse"]))
    assert result["mse"] < result["mean_image_mse"] == mean_image_mse(data)
    assert list(result)[: len(COMMON)] == COMMON
    assert set(result) == {*COMMON, *OWN[variant], "noise_kind", "noise_sweep"}
    assert evaluate(load_trained(run, data)) == result


@pytest.mark.parametrize("variant", VARIANTS)
def test_only_the_noise_sweep_is_nested(tmp_path: Path, variant: str) -> None:
    data = known(blobs())
    run, _ = quick_run(tmp_path / "r", config(variant), data)
    result = evaluate(load_trained(run, data))
    sweep = result.pop("noise_sweep")
    assert all(value is None or isinstance(value, str | int | float) for value in result.values())
    assert [row["level"] for row in sweep] == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert all(row.keys() == {"level", "corrupted_mse", "denoised_mse", "ridge_mse"} for row in sweep)


def test_the_elbo_is_minus_the_sum_of_its_terms(tmp_path: Path) -> None:
    data = blobs()
    run, _ = quick_run(tmp_path / "r", config("variational"), data)
    result = evaluate(load_trained(run, data))
    assert result["elbo_nats"] == pytest.approx(-result["reconstruction_nats"] - result["kl_nats"])
    assert result["nll_nats"] < -result["elbo_nats"] + 0.5


@pytest.mark.parametrize(
    "options", [{"covariance": "full"}, {"likelihood": "continuous-bernoulli"}, {"likelihood": "gaussian"}], ids=str
)
def test_every_likelihood_and_covariance_is_scored(tmp_path: Path, options: dict[str, str]) -> None:
    data = blobs()
    run, _ = quick_run(tmp_path / "r", config("variational", options, steps=100), data)
    result = evaluate(load_trained(run, data))
    assert result["nll_nats"] < -result["elbo_nats"] + 1
    assert ("variance" in result) == (options.get("likelihood") == "gaussian")


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


def test_the_probe_reads_the_first_head(tmp_path: Path) -> None:
    data = blobs()
    run, _ = quick_run(tmp_path / "r", config("variational", steps=200), data)
    trained = load_trained(run, data)
    with torch.no_grad():
        codes, test_codes = (
            trained.model.encode(torch.from_numpy(split.pixels()))["mean"].numpy() for split in (data.train, data.test)
        )
    result = evaluate(trained)
    assert result["probe_accuracy"] == probe_accuracy(codes, data.train.labels, test_codes, data.test.labels)
    assert result["probe_accuracy_pixels"] == Baselines(data).probe_accuracy


def test_without_labels_there_is_no_probe(tmp_path: Path) -> None:
    data = dataclasses.replace(with_splits(blobs(), labels=lambda split: np.full(len(split), -1)), classes=())
    run, _ = quick_run(tmp_path / "r", config(), data)
    result = evaluate(load_trained(run, data))
    assert result["probe_accuracy"] is None
    assert result["probe_accuracy_pixels"] is None


@pytest.mark.parametrize("variant", VARIANTS)
def test_known_attributes_are_looked_for_in_means_and_in_samples(tmp_path: Path, variant: str) -> None:
    data = known(blobs(600))
    run, _ = quick_run(tmp_path / "r", config(variant, steps=100), data)
    result = evaluate(load_trained(run, data))
    kinds = ("mean", "sampled") if variant == "variational" else ("mean",)
    expected = {f"{score}_{kind}" for score, kind in itertools.product(SCORES, kinds)}
    assert {name for name in result if name.startswith(("mig", "dci"))} == expected
    assert all(0 <= result[name] <= 1 for name in expected)


def test_samples_are_less_informative_than_means(tmp_path: Path) -> None:
    data = known(blobs(600))
    run, _ = quick_run(tmp_path / "r", config("variational", steps=300, lr=1e-2), data)
    result = evaluate(load_trained(run, data))
    assert result["dci_informativeness_sampled"] < result["dci_informativeness_mean"]


def test_attributes_stay_with_their_images(tmp_path: Path) -> None:
    """Two numbers describe a blob, and a code of two numbers says them, if each is compared with its own."""
    data = known(blobs(600))
    run, _ = quick_run(tmp_path / "r", config(steps=400, lr=1e-2), data)
    assert evaluate(load_trained(run, data))["dci_informativeness_mean"] > 0.8


def test_every_run_of_a_data_set_sees_the_same_noise(tmp_path: Path) -> None:
    data = blobs()
    sweeps = []
    for seed in (0, 1):
        run, _ = quick_run(tmp_path / f"r{seed}", config("denoising", seed=seed), data)
        sweeps.append(evaluate(load_trained(run, data))["noise_sweep"])
    for a, b in zip(*sweeps, strict=True):
        assert a["corrupted_mse"] == b["corrupted_mse"]
        assert a["ridge_mse"] == b["ridge_mse"]
        assert a["denoised_mse"] != b["denoised_mse"]


def test_what_runs_share_gives_the_same_numbers(tmp_path: Path) -> None:
    data = blobs()
    around = Surroundings(data)
    for variant in ("undercomplete", "variational"):
        run, _ = quick_run(tmp_path / variant, config(variant), data)
        assert evaluate(load_trained(run, data), around) == evaluate(load_trained(run, data))


def test_points_have_an_error_but_no_peak(tmp_path: Path) -> None:
    angles = np.random.default_rng(0).uniform(0, 2 * np.pi, 400)
    points = np.stack([5 * np.cos(angles), 5 * np.sin(angles)], axis=1).astype(np.float32)
    data = with_splits(blobs(400), images=lambda split: points[split.index][:, None, None])
    data = dataclasses.replace(data, points=True)
    run, _ = quick_run(tmp_path / "r", config("variational", {"likelihood": "gaussian"}, latent_dim=1), data)
    result = evaluate(load_trained(run, data))
    assert result["psnr_db"] is None
    assert result["mean_image_mse"] == pytest.approx(12.5, rel=0.2)
    assert result["noise_sweep"][0]["corrupted_mse"] == pytest.approx(0.01, rel=0.5)


def test_of_a_large_data_set_the_first_images_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TEST_IMAGES", 30)
    monkeypatch.setattr(module, "TRAINING_IMAGES", 50)
    data = blobs(400)
    around = Surroundings(data)
    assert around.whole is data
    for read, whole, count in ((around.data.test, data.test, 30), (around.data.train, data.train, 50)):
        assert np.array_equal(read.images, whole.images[:count])
        assert np.array_equal(read.labels, whole.labels[:count])
        assert np.array_equal(read.index, whole.index[:count])


def test_images_that_are_large_are_read_in_smaller_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_VALUES", 36 * 25)
    read = Surroundings(known(blobs())).data
    assert len(read.train) == len(read.test) == 25
    assert read.train.attributes is not None
    assert len(read.train.attributes) == 25


def test_a_source_that_is_sorted_by_class_is_mixed_where_it_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    data = blobs(400)
    order = np.argsort(data.train.labels, kind="stable")
    ordered = dataclasses.replace(data.train, images=data.train.images[order], labels=data.train.labels[order])
    monkeypatch.setattr(module, "TRAINING_IMAGES", 50)
    monkeypatch.setattr(module, "PROBE_IMAGES", 50)
    read = Surroundings(
        dataclasses.replace(
            known(data), train=dataclasses.replace(known(data).train, images=ordered.images, labels=ordered.labels)
        )
    ).data.train
    assert len(read) == 50
    assert set(read.labels) == {0, 1}
    rows = [int(np.flatnonzero((ordered.images == image).all((1, 2, 3)))[0]) for image in read.images[:5]]
    assert np.array_equal(ordered.labels[rows], read.labels[:5])


def test_training_images_that_memory_has_no_room_for_are_read_from_their_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "a.npy", np.random.default_rng(0).integers(0, 256, (300, 4, 4), dtype=np.uint8))
    held = load(str(tmp_path / "a.npy"))
    monkeypatch.setenv("AETUI_RESIDENT_BYTES", "100")
    data = load(str(tmp_path / "a.npy"))
    assert not data.train.resident
    read = Surroundings(data).data
    assert read.train.resident
    assert np.array_equal(read.train.images, held.train.images)
    run, _ = quick_run(tmp_path / "r", config(), data)
    assert evaluate(load_trained(run, data))["pca_mse"] == pytest.approx(Baselines(held).pca_mse(2))


def test_a_view_gives_its_first_images_in_parts_with_noise_of_their_own() -> None:
    images = blobs().test.images
    view = HeldOutImages(torch.nn.Linear(1, 1), images, seed=4)  # type: ignore[arg-type]
    parts = list(view.batches(size=3, images=7))
    assert [len(x) for x, _ in parts] == [3, 3, 1]
    assert torch.equal(torch.cat([x for x, _ in parts]), torch.from_numpy(images[:7]).float() / 255)
    assert [noise for _, noise in parts] == [Noise(4, 0), Noise(4, 1), Noise(4, 2)]


def test_a_run_folder_is_only_read(tmp_path: Path) -> None:
    data = blobs()
    run, _ = quick_run(tmp_path / "r", config(), data)
    before = {path: path.stat().st_mtime_ns for path in RunFolder(run.path).path.rglob("*")}
    evaluate(load_trained(run, data))
    assert {path: path.stat().st_mtime_ns for path in run.path.rglob("*")} == before
