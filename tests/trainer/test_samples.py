from __future__ import annotations

import dataclasses
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from trainer import samples as writer
from trainer.evaluate import HeldOutImages
from trainer.restore import load_trained
from trainer.runs import samples
from trainer.runs.probe import read_probe
from trainer.samples import MOST_BYTES, MOST_FRAMES, schedule, thin

from .small_runs import blobs, config, quick_run


def test_a_frame_holds_the_codes_of_the_test_images_and_the_probe_images_again(tmp_path: Path) -> None:
    data = blobs()
    run, _ = quick_run(tmp_path / "r", config("variational"), data)
    last = samples.read_sample(samples.path_of(run.samples, 20))
    model = load_trained(run, data).model
    with torch.no_grad():
        codes = HeldOutImages(model, data.test.images, 0).heads["mean"].numpy()
        probe = torch.from_numpy(read_probe(run.probe).pixels())
        x_hat = model.decode(model.encode(probe)["mean"]).x_hat.numpy()
    assert last.latent == pytest.approx(codes, abs=1e-3 * np.abs(codes).max())
    assert np.abs(last.reconstruction / 255 - x_hat).max() <= 0.5 / 255 + 1e-6
    assert (last.labels == data.test.labels[last.index]).all()
    assert last.attributes is None
    assert last.units is None


def test_frames_are_there_for_log_spaced_steps(tmp_path: Path) -> None:
    run, _ = quick_run(tmp_path / "r", config(steps=50))
    assert samples.steps(run.samples) == [0, 10, 18, 32, 50]


def test_a_wide_code_is_stored_as_eight_components_and_its_most_active_units(tmp_path: Path) -> None:
    data = blobs(size=9)
    run, _ = quick_run(tmp_path / "r", config("sparse", steps=200, lr=1e-2), data)
    frame = samples.read_sample(samples.path_of(run.samples, 200))
    with torch.no_grad():
        codes = HeldOutImages(load_trained(run, data).model, data.test.images, 0).heads["latent"].numpy()
    assert codes.shape[1] == 81
    assert frame.latent.shape == (len(data.test), 40)
    assert frame.units is not None
    chosen = set(np.argsort(-np.abs(codes).mean(axis=0), kind="stable")[:32].tolist())
    assert set(frame.units.tolist()) == chosen
    assert frame.latent[:, 8:] == pytest.approx(codes[:, frame.units], abs=2e-3 * np.abs(codes).max())


def test_the_components_hold_as_much_as_those_of_a_full_decomposition() -> None:
    generator = np.random.default_rng(0)
    codes = (generator.normal(size=(300, 100)) * 0.9 ** np.arange(100)).astype(np.float32)
    reference = generator.normal(size=(300, 8)).astype(np.float32)
    found = writer._aligned(torch.from_numpy(codes), reference)
    exact = np.linalg.svd(codes - codes.mean(axis=0), compute_uv=False)[:8]
    assert np.square(found).sum() == pytest.approx(np.square(exact).sum(), rel=0.01)


def test_the_same_codes_turned_or_mirrored_give_the_same_components() -> None:
    """Else the points of two frames would be in other places for no reason."""
    generator = np.random.default_rng(0)
    codes = torch.from_numpy((generator.normal(size=(300, 100)) * 0.8 ** np.arange(100)).astype(np.float32))
    reference = codes[:, :8].numpy() + generator.normal(size=(300, 8)).astype(np.float32) / 10
    turn = torch.linalg.qr(torch.from_numpy(generator.normal(size=(100, 100)).astype(np.float32))).Q
    plain, turned = (writer._aligned(c, reference) for c in (codes, codes @ turn))
    assert turned == pytest.approx(plain, abs=0.05)


def test_points_come_back_as_they_are(tmp_path: Path) -> None:
    from trainer.data.load import load

    data = load("moons")
    run, _ = quick_run(tmp_path / "r", config(latent_dim=1), data)
    frame = samples.read_sample(samples.path_of(run.samples, 20))
    assert frame.reconstruction.dtype == np.float32
    assert frame.reconstruction.shape == read_probe(run.probe).images.shape


def test_attributes_travel_along(tmp_path: Path) -> None:
    data = blobs()
    known = {
        name: np.arange(2.0 * len(getattr(data, name)), dtype=np.float32).reshape(-1, 2)
        for name in ("train", "validation", "test")
    }
    splits = {name: dataclasses.replace(getattr(data, name), attributes=table) for name, table in known.items()}
    data = dataclasses.replace(data, attribute_names=("a", "b"), **splits)  # type: ignore[arg-type]
    run, _ = quick_run(tmp_path / "r", config(steps=2), data)
    frame = samples.read_sample(samples.path_of(run.samples, 2))
    assert frame.attributes is not None
    assert (frame.attributes == known["test"][frame.index]).all()


@given(st.integers(1, 10**9), st.floats(0.5, 100), st.integers(10_000, 12_500_000))
def test_a_run_of_any_length_keeps_few_frames_and_few_bytes(total: int, cost: float, size: int) -> None:
    steps = schedule(total, cost)
    most = min(MOST_FRAMES, MOST_BYTES // size)
    kept = thin(steps, most)
    assert len(kept) <= MOST_FRAMES
    assert len(kept) * size <= MOST_BYTES
    assert {kept[0], kept[-1]} == {0, total}


@given(st.integers(10, 10**9), st.integers(8, 40))
def test_what_is_thinned_out_is_still_spaced_on_a_logarithm(total: int, most: int) -> None:
    kept = thin(schedule(total, 3.0), most)
    gaps = [math.log((b + 1) / (a + 1)) for a, b in pairwise(kept[1:-1])]
    if len(kept) == most:
        assert max(gaps) <= 4 * math.log(total + 1) / most


@given(st.integers(10, 10**9), st.integers(2, 40), st.integers(0, 60))
def test_a_frame_that_went_never_comes_back(total: int, most: int, part: int) -> None:
    """So that a run that was killed and resumed ends with the frames of one that was not."""
    steps = schedule(total, 3.0)
    before, after = steps[:part], steps
    assert set(thin(after, most)) & set(before) <= set(thin(before, most))


def test_large_images_leave_few_frames_of_fewer_reconstructions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MOST_BYTES", 80_000)
    monkeypatch.setattr(writer, "_CODES_BYTES", 5_000)
    run, _ = quick_run(tmp_path / "r", config(steps=300), blobs(count=300, size=16))
    sizes = [path.stat().st_size for path in run.samples.iterdir()]
    assert sum(sizes) <= 80_000
    assert samples.steps(run.samples)[0] == 0
    assert samples.steps(run.samples)[-1] == 300
    frame = samples.read_sample(samples.path_of(run.samples, 300))
    assert 1 <= len(frame.reconstruction) < 30


def test_a_slow_disk_costs_frames_but_never_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLOW_SHARE", "SLOW_S", "SLOW_STEPS"):
        monkeypatch.setattr(writer, name, 0)
    run, _ = quick_run(tmp_path / "r", config(steps=50))
    assert samples.steps(run.samples) == [0, 50]
