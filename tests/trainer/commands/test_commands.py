"""The commands as functions: what they print and leave behind."""

from __future__ import annotations

import importlib
import inspect
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cyclopts import App

from trainer import cli
from trainer.runs.folder import RunFolder
from trainer.runs.metrics import MetricsTail
from trainer.runs.status import read_status

from .calling import printed

QUICK = ("--steps", "12", "--hidden", "8", "--latent-dim", "2")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("path", "summary"), cli.COMMANDS.values(), ids=list(cli.COMMANDS))
def test_every_command_explains_itself_and_each_of_its_parameters(path: str, summary: str) -> None:
    module, _, name = path.partition(":")
    function = getattr(importlib.import_module(module), name)
    assert inspect.getdoc(function)
    assert summary.endswith(".")
    parameters = App(default_command=function).assemble_argument_collection(parse_docstring=True)
    assert [parameter.name for parameter in parameters if parameter.show and not parameter.parameter.help] == []


def test_fit_trains_each_variant_in_a_folder_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    rows = printed(capsys, "fit", "denoising", "variational", *QUICK, "--name", "two")
    assert [row["run"] for row in rows] == ["two-denoising", "two-variational"]
    assert all(row["state"] == "finished" and row["step"] == 12 for row in rows)
    listed = printed(capsys, "runs")
    assert [(row["run"], row["state"]) for row in listed] == [
        ("two-denoising", "finished"),
        ("two-variational", "finished"),
    ]


def test_a_single_run_has_exactly_the_name_that_was_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "fit", "undercomplete", *QUICK, "--name", "mine")[0]["run"] == "mine"


def test_unnamed_runs_are_dated_and_never_collide(capsys: pytest.CaptureFixture[str]) -> None:
    names = {printed(capsys, "fit", "undercomplete", *QUICK)[0]["run"] for _ in range(2)}
    assert len(names) == 2
    assert all(name.startswith("undercomplete-digits-20") for name in names)


def test_a_runs_config_trains_the_same_run_again(capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "fit", "denoising", *QUICK, "--denoising.level", "0.7", "--seed", "5", "--name", "a")
    printed(capsys, "fit", "--config", "runs/a/config.toml", "--name", "b")
    printed(capsys, "fit", "--config", "runs/a/config.toml", "--name", "c", "--seed", "6")
    first, again, other = (
        [row["loss"] for row in MetricsTail(Path("runs") / name / "metrics.jsonl").read_all().rows] for name in "abc"
    )
    assert first == again
    assert first != other
    assert RunFolder(Path("runs/c")).read_config()["denoising"]["level"] == 0.7


def test_a_run_finds_its_images_from_another_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save("pictures.npy", np.random.default_rng(0).integers(0, 255, (60, 4, 4), dtype=np.uint8))
    printed(capsys, "fit", "undercomplete", "--data", "pictures.npy", *QUICK, "--name", "mine")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert printed(capsys, "eval", "../runs/mine")[0]["n"] == 6
    assert printed(capsys, "export", "../runs/mine")[0]["run"] == "mine"


def test_two_files_of_one_name_are_two_data_sets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, count in (("a", 60), ("b", 100)):
        (tmp_path / place).mkdir()
        monkeypatch.chdir(tmp_path / place)
        np.save("x.npy", np.random.default_rng(0).integers(0, 255, (count, 4, 4), dtype=np.uint8))
        printed(capsys, "fit", "undercomplete", "--data", "x.npy", *QUICK, "--name", place)
    results = printed(capsys, "eval", "../a/runs/a", "runs/b")
    assert [result["n"] for result in results] == [6, 10]


def test_eval_keeps_its_numbers_in_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "fit", "sparse", "--steps", "12", "--name", "s")
    result = printed(capsys, "eval", "s")
    assert result[0]["variant"] == "sparse"
    assert json.loads(Path("runs/s/eval.json").read_text()) == result[0]


def test_export_takes_the_newest_finished_run_of_each_variant(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("old", "new"):
        printed(capsys, "fit", "undercomplete", *QUICK, "--name", name)
    results = printed(capsys, "export", "--format", "onnx", "--output", "out")
    assert [row["bundle"] for row in results] == ["out/new"]
    assert printed(capsys, "export", "new", "--output", "out")[0]["bundle"] == "out/new"  # identical: verified again


def test_a_finished_run_needs_no_resuming(capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "fit", "undercomplete", *QUICK, "--name", "done")
    before = Path("runs/done/metrics.jsonl").read_bytes()
    assert cli.run(["resume", "done"]) == 0
    assert "finished" in capsys.readouterr().err
    assert Path("runs/done/metrics.jsonl").read_bytes() == before


def test_plain_tables_have_no_escape_sequences(capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "fit", "undercomplete", *QUICK, "--name", "a")
    for arguments in (["runs"], ["eval", "a"], ["export", "a"], ["data"], ["doctor"]):
        cli.run(arguments)
        assert "\x1b" not in capsys.readouterr().out


def aetrain(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "trainer.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def wait_until_it_trains(run: RunFolder) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if (status := read_status(run)) and status.step > 0:
            return
        time.sleep(0.05)
    raise AssertionError(f"{run.path} does not train")


@pytest.mark.parametrize(("number", "code"), [(2, 130), (15, 143), (1, 129)])
def test_a_signal_is_a_checkpoint_and_its_exit_code(tmp_path: Path, number: int, code: int) -> None:
    run = RunFolder(tmp_path / "runs" / "r")
    process = aetrain("fit", "variational", "undercomplete", "--steps", "1000000", "--name", "r")
    first = RunFolder(tmp_path / "runs" / "r-variational")
    wait_until_it_trains(first)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert "aetrain resume" in err
    status = read_status(first)
    assert status is not None
    assert status.state == "stopped"
    assert (first.checkpoints / f"step-{status.step:08d}" / "manifest.json").exists()
    assert not (run.path.parent / "r-undercomplete").exists()


def test_a_detached_run_outlives_its_command_and_stops_when_asked(tmp_path: Path) -> None:
    command = aetrain("fit", "sparse", "--steps", "1000000", "--name", "bg", "--detach")
    out, err = command.communicate(timeout=120)
    assert command.returncode == 0, err
    assert out == "bg\n"
    run = RunFolder(tmp_path / "runs" / "bg")
    wait_until_it_trains(run)
    for verb, state in (("pause", "paused"), ("unpause", "running"), ("stop", "stopped")):
        assert cli.run([verb, "bg"]) == 0
        deadline = time.monotonic() + 20
        while (status := read_status(run)) and status.state != state and time.monotonic() < deadline:
            time.sleep(0.05)
        assert status is not None
        assert status.state == state


def test_a_stopped_run_goes_on_in_the_background(tmp_path: Path) -> None:
    command = aetrain("fit", "sparse", "--steps", "1000000", "--name", "bg", "--detach")
    _, err = command.communicate(timeout=120)
    assert command.returncode == 0, err
    run = RunFolder(tmp_path / "runs" / "bg")
    wait_until_it_trains(run)
    assert cli.run(["stop", "bg"]) == 0
    deadline = time.monotonic() + 20
    while (status := read_status(run)) and status.state != "stopped" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert status is not None
    again = aetrain("resume", "bg", "--detach")
    out, err = again.communicate(timeout=120)
    assert (again.returncode, out) == (0, "bg\n"), err
    after = read_status(run)
    assert after is not None
    assert after.state == "running"
    assert after.pid != status.pid
    busy = aetrain("resume", "bg", "--detach")
    _, err = busy.communicate(timeout=120)
    assert busy.returncode == 4, err
    assert cli.run(["stop", "bg"]) == 0


def test_a_detached_run_that_cannot_begin_says_why(tmp_path: Path) -> None:
    command = aetrain("fit", "sparse", "--data", "nowhere.npy", "--detach")
    _, err = command.communicate(timeout=120)
    assert command.returncode == 2
    assert err.startswith("error: there is no data at nowhere.npy\nwhy:")
