"""Codes of a run folder."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import pytest

from aetui.follow.entries import Entry
from aetui.follow.readers import BundleReader, RunReader
from aetui.latent.load import build, read_source, renewed, stamp_of
from trainer.runs.folder import RunFolder
from trainer.runs.samples import Sample, path_of, write_sample

MakeRun = Callable[..., RunFolder]


def sample(n: int, d: int, value: float = 0.0, units: bool = False) -> Sample:
    latent = np.random.default_rng(0).normal(size=(n, d)) + value
    return Sample(
        latent=latent.astype(np.float16),
        labels=np.arange(n) % 10,
        index=np.arange(n),
        reconstruction=np.zeros((1, 1, 8, 8), np.uint8),
        units=np.arange(32) if units else None,
    )


def write(run: RunFolder, step: int, one: Sample) -> None:
    run.samples.mkdir(exist_ok=True)
    write_sample(path_of(run.samples, step), one)


def entry_of(run: RunFolder) -> Entry:
    return RunReader(run.path).poll()


def codes(d: int) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(16, d)).astype(np.float32)


def test_the_newest_frame_gives_the_codes(make_run: MakeRun) -> None:
    run = make_run("a")
    write(run, 10, sample(50, 3))
    write(run, 20, sample(60, 3, value=5))
    source = read_source(entry_of(run))
    space = build(source, codes(3), 25)
    assert (len(space), space.width, space.step) == (60, 3, 20)
    assert space.base == pytest.approx([5, 5, 5], abs=0.5)


def test_a_damaged_frame_is_passed_over_and_reported(make_run: MakeRun) -> None:
    run = make_run("a")
    write(run, 10, sample(50, 3))
    path_of(run.samples, 20).write_bytes(b"no zip")
    source = read_source(entry_of(run))
    assert source.step == 10
    assert source.error is not None
    assert "00000020" in source.error.what


def test_without_frames_the_probe_images_codes_are_the_map(make_run: MakeRun) -> None:
    run = make_run("a")
    space = build(read_source(entry_of(run)), codes(3), 25)
    assert (len(space), space.step) == (16, 25)
    assert space.labels.tolist() == [i % 10 for i in range(16)]


def test_a_frame_of_another_width_is_left_out(make_run: MakeRun) -> None:
    run = make_run("a")
    write(run, 10, sample(50, 3))
    assert len(build(read_source(entry_of(run)), codes(5), 1)) == 16
    write(run, 20, sample(50, 40, units=True))
    assert len(build(read_source(entry_of(run)), codes(20), 1)) == 16
    assert len(build(read_source(entry_of(run)), codes(90), 1)) == 50


def test_codes_that_are_no_numbers_count_as_zero(make_run: MakeRun) -> None:
    run = make_run("a")
    wrong = np.full((16, 3), np.nan, np.float32)
    assert build(read_source(entry_of(run)), wrong, 1).base.tolist() == [0, 0, 0]


def test_the_stamp_changes_with_a_new_frame_alone(make_run: MakeRun) -> None:
    run = make_run("a")
    write(run, 10, sample(50, 3))
    before = stamp_of(entry_of(run))
    assert stamp_of(entry_of(run)) == before
    os.utime(run.samples, ns=(0, 0))
    assert stamp_of(entry_of(run)) != before


def test_a_bundle_alone_has_no_frames(make_run: MakeRun) -> None:
    run = make_run("a", live=True)
    (run.live / "probe.npz").write_bytes(run.probe.read_bytes())
    entry = BundleReader(run.live).poll()
    assert read_source(entry).sample is None


def test_newer_weights_that_see_the_same_frame_change_the_probe_codes_alone(make_run: MakeRun) -> None:
    run = make_run("a")
    write(run, 10, sample(50, 3))
    space = build(read_source(entry_of(run)), codes(3), 25)
    again = renewed(space, codes(3) + 1)
    assert again is not None
    assert again.probe_measured == pytest.approx(codes(3) + 1)
    assert again.measured is space.measured
    assert renewed(space, codes(4)) is None


def test_a_space_of_probe_codes_or_of_estimates_is_built_again(make_run: MakeRun) -> None:
    run = make_run("a")
    assert renewed(build(read_source(entry_of(run)), codes(3), 25), codes(3)) is None
    write(run, 20, sample(50, 40, units=True))
    assert renewed(build(read_source(entry_of(run)), codes(90), 1), codes(90)) is None
