"""Reading runs that grow, break, lie and vanish."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable

import numpy as np
import pytest

from aetui.follow.log_columns import LogColumns
from aetui.follow.readers import BundleReader, RunReader
from trainer.runs.folder import RunFolder
from trainer.runs.metrics import cut_back


def test_an_entry_says_what_config_and_status_say(make_run: Callable[..., RunFolder]) -> None:
    run = make_run("a", variant="denoising", step=50, options={"corruption": "masking", "level": 0.25})
    entry = RunReader(run.path).poll()
    assert (entry.name, entry.variant, entry.data, entry.arch, entry.state) == (
        "a",
        "denoising",
        "digits",
        "mlp",
        "finished",
    )
    assert (entry.epoch, entry.epochs, entry.step, entry.steps, entry.loss) == (5.0, 10.0, 50, 100, 1.5)
    assert entry.corruption == ("masking", 0.25)
    assert entry.model is None


def test_the_series_are_the_numbers_of_the_log(make_run: Callable[..., RunFolder]) -> None:
    entry = RunReader(make_run("a", rows=200).path).poll()
    train = entry.series["train", "loss"]
    assert train.steps.tolist() == list(range(1, 201))
    assert train.values == pytest.approx([100 / step for step in range(1, 201)])
    assert entry.terms() == ["loss", "reconstruction", "kl"]
    assert entry.series["validation", "kl"].last == pytest.approx(0.25)


def test_a_log_that_is_cut_back_is_read_anew(make_run: Callable[..., RunFolder]) -> None:
    run = make_run("a", rows=20)
    reader = RunReader(run.path)
    assert len(reader.poll().series["train", "loss"].steps) == 20
    cut_back(run.metrics, 5)
    assert reader.poll().series["train", "loss"].steps.tolist() == [1, 2, 3, 4, 5]


def test_what_was_handed_out_does_not_change_when_the_log_grows(
    make_run: Callable[..., RunFolder], log_more: Callable[[RunFolder, int, int], None]
) -> None:
    run = make_run("a", rows=3)
    reader = RunReader(run.path)
    before = reader.poll().series["train", "loss"]
    copy = before.values.copy()
    log_more(run, 4, 300)
    assert len(reader.poll().series["train", "loss"].values) == 300
    assert np.array_equal(before.values, copy)


def test_rows_that_are_no_measurements_are_left_out() -> None:
    columns = LogColumns()
    columns.add(
        [
            {"step": 1, "split": "train", "loss": 1.0, "note": "text", "flag": True},
            {"step": "2", "split": "train", "loss": 1.0},
            {"step": 3, "split": None, "loss": 1.0},
            {"step": 10**400, "split": "train", "loss": 1.0},
            {"step": 4, "split": "train", "loss": None},
            {"step": 4, "split": "train", "loss": 7.0},
            {"step": 2, "split": "train", "loss": 7.0},
            {"step": 5, "split": "train", "loss": [1]},
        ]
    )
    (series,) = columns.series().values()
    assert series.steps.tolist() == [1, 4]
    assert series.values[0] == 1.0
    assert math.isnan(series.values[1])


@pytest.mark.parametrize(
    "status",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"pid": "x", "host": 1, "boot_id": [], "state": "running", "step": "a", "steps_total": null, "epoch": {}, '
        '"images_per_s": "fast", "device": 7, "started": "then", "heartbeat": "now"}',
        '{"pid": -1, "host": "h", "boot_id": "b", "state": "\\u001b[31m", "step": 1e999, "epoch": 1e400, '
        '"steps_total": -5, "images_per_s": -1, "device": "\\u0007", "started": 0, "heartbeat": 1e308}',
        '{"pid": 1e300, "host": "h", "boot_id": "b", "state": "paused", "step": true, "steps_total": 0, "epoch": 0, '
        '"images_per_s": null, "device": "", "started": 0, "heartbeat": 0}',
    ],
)
def test_a_status_that_lies_about_its_types_breaks_nothing(make_run: Callable[..., RunFolder], status: str) -> None:
    run = make_run("a")
    run.status.write_text(status)
    entry = RunReader(run.path).poll()
    assert entry.name == "a"
    assert entry.step is None or isinstance(entry.step, int)


@pytest.mark.parametrize("config", ["", "[", "variant = 3", "variant = 'x'\nx = 5\nresolved = 1\nepochs = 'many'"])
def test_a_config_that_was_edited_badly_breaks_nothing(make_run: Callable[..., RunFolder], config: str) -> None:
    run = make_run("a")
    run.config.write_text(config)
    assert RunReader(run.path).poll().state == "finished"


def test_a_log_full_of_rubbish_is_counted_and_left_out(make_run: Callable[..., RunFolder]) -> None:
    run = make_run("a", rows=2)
    with open(run.metrics, "ab") as file:
        file.write(b"\xff\xfe\n{]\n" + b"[" * 5000 + b"\n" + json.dumps({"step": 3, "split": "train"}).encode() + b"\n")
    entry = RunReader(run.path).poll()
    assert entry.bad_lines == 3
    assert entry.series["train", "loss"].steps.tolist() == [1, 2]


def test_while_a_run_trains_its_live_weights_are_the_model_afterwards_its_bundle(
    make_run: Callable[..., RunFolder],
) -> None:
    for name, state in (("a", "running"), ("b", "finished")):
        run = make_run(name, state=state, live=True)
        run.bundle().mkdir(parents=True)
        (run.bundle() / "manifest.json").write_text("{}")
        expected = run.live if state == "running" else run.bundle()
        assert RunReader(run.path).poll().model == expected


def test_the_version_changes_when_live_is_switched(
    make_run: Callable[..., RunFolder], publish_model: Callable[..., None]
) -> None:
    run = make_run("a", live=True)
    reader = RunReader(run.path)
    before = reader.poll().version
    publish_model(run, step=101)
    assert reader.poll().version != before


def test_of_a_run_that_went_on_after_its_export_the_weights_are_shown(make_run: Callable[..., RunFolder]) -> None:
    run = make_run("a", state="finished", live=True)
    run.bundle().mkdir(parents=True)
    manifest = run.bundle() / "manifest.json"
    manifest.write_text("{}")
    assert RunReader(run.path).poll().model == run.bundle()
    os.utime(manifest, (1e9, 1e9))
    assert RunReader(run.path).poll().model == run.live


def test_a_bundle_is_an_entry_too(make_run: Callable[..., RunFolder]) -> None:
    run = make_run("a", live=True, step=42)
    entry = BundleReader(run.live).poll()
    assert (entry.state, entry.name, entry.step) == ("bundle", "a", 42)


def test_a_bundle_that_is_damaged_later_is_shown_as_unreadable(make_run: Callable[..., RunFolder]) -> None:
    run = make_run("a", live=True)
    reader = BundleReader(run.live)
    reader.poll()
    (run.live / "manifest.json").write_text("{}")
    entry = reader.poll()
    assert entry.state == "unreadable"
    assert entry.error
