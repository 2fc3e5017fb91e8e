"""What users get wrong: every case is three lines and the exit code of the design, and nothing is lost."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from export.errors import ExitCode

from ..small_runs import config, quick_run
from .calling import refused


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "says", "advises"),
    [
        ("fit sparse --data dgits", "dgits", "digits"),
        ("fit sparse --epocs 1", "--epocs", "--epochs"),
        ("fit --variant sparse", "--variant", "aetrain fit sparse"),
        ("fit spars", "spars", "sparse"),
        ("fit sparse sparse", "twice", "once"),
        ("fit --arch cnn", "cnn", "--help"),
        ("fit --batch-size many", "--batch-size", "--help"),
        ("fit --hidden 256,128", "--hidden", "spaces"),
        ("fit --latent-dim 0", "--latent-dim 0", "--latent-dim"),
        ("fit undercomplete --latent-dim 64", "no bottleneck", "63"),
        ("fit --lr nan", "--lr nan", "--lr"),
        ("fit --epochs -1", "--epochs -1", "--epochs"),
        ("fit --device cuda:99", "cuda:99", "--device"),
        ("fit --name a/b", "a/b", "--name"),
        ("fit --data nowhere/at/all.npy", "nowhere/at/all.npy", "check the path"),
        ("fit --config nowhere.toml", "nowhere.toml", "--config"),
        ("eval nowhere", "nowhere", "aetrain runs"),
        ("eval", "RUNS", "--help"),
        ("resume nowhere", "nowhere", "aetrain runs"),
        ("stop nowhere", "nowhere", "aetrain runs"),
        ("export --format onx", "onx", "onnx"),
        ("export --format onnx", "no finished run", "aetrain fit"),
        ("verify nowhere", "nowhere", "aetrain export"),
        ("exprt", "exprt", "export"),
        ("--jsn", "--jsn", ""),
    ],
)
def test_a_slip_is_named_and_costs_nothing(tmp_path: Path, arguments: str, says: str, advises: str) -> None:
    error = refused(*arguments.split())
    assert error.exit_code == ExitCode.USAGE
    assert says in error.what
    assert advises in error.do
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_cuda_on_a_machine_without_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    error = refused("fit", "--device", "cuda")
    assert error.exit_code == ExitCode.USAGE
    assert "aetrain doctor" in error.do


def test_an_unknown_key_in_a_config_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("epocs = 3\n")
    assert "epochs" in refused("fit", "--config", "c.toml").do
    (tmp_path / "c.toml").write_text("[denoising]\nlevle = 3\n")
    assert "level" in refused("fit", "--config=c.toml").do
    (tmp_path / "c.toml").write_text("epochs = = 3\n")
    assert refused("fit", "--config", "c.toml").exit_code == ExitCode.DAMAGED


def test_a_config_value_of_the_wrong_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('epochs = "many"\n')
    assert "epochs" in refused("fit", "--config", "c.toml").what


def test_an_existing_name_is_refused_and_the_run_untouched(tmp_path: Path) -> None:
    run, _ = quick_run(tmp_path / "runs" / "mine", config("sparse"))
    before = {path: path.stat().st_mtime_ns for path in run.path.rglob("*") if path.is_file()}
    error = refused("fit", "sparse", "--name", "mine")
    assert error.exit_code == ExitCode.USAGE
    assert "aetrain resume" in error.do
    assert {path: path.stat().st_mtime_ns for path in run.path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("command", ["eval", "export", "resume"])
def test_a_truncated_checkpoint_is_damage(tmp_path: Path, command: str) -> None:
    run, _ = quick_run(tmp_path / "runs" / "r", config("undercomplete"))
    path = next(run.checkpoints.glob("*/model.safetensors"))
    path.write_bytes(path.read_bytes()[:100])
    error = refused(command, "r")
    assert error.exit_code == ExitCode.DAMAGED
    assert "model.safetensors" in error.what


@pytest.mark.parametrize("command", ["eval", "export", "resume"])
def test_a_run_folder_from_nowhere_is_refused(tmp_path: Path, command: str) -> None:
    folder = tmp_path / "runs" / "odd"
    folder.mkdir(parents=True)
    assert refused(command, "odd").exit_code == ExitCode.USAGE
    assert "not a run" in refused(command, str(folder)).what
    (folder / "config.toml").write_text("variant = 'sparse'\nlearning = 3\n")
    (folder / "status.json").write_text("{}")
    assert refused(command, "odd").exit_code == ExitCode.DAMAGED


@pytest.mark.parametrize("line", ['lr = "high"', 'arch = "tower"', "epochs = 1.5", "batch_size = true", "seed = []"])
def test_a_config_of_a_run_with_a_value_of_another_kind_is_damage(tmp_path: Path, line: str) -> None:
    run, _ = quick_run(tmp_path / "runs" / "r", config("undercomplete", steps=2))
    key = line.partition(" ")[0]
    kept = [old for old in run.config.read_text().splitlines() if not old.startswith(f"{key} =")]
    run.config.write_text("\n".join([line, *kept]))
    error = refused("eval", "r")
    assert error.exit_code == ExitCode.DAMAGED
    assert key in error.what


def test_damaged_data_are_told_from_wrong_data(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert refused("fit", "--data", "folder").exit_code == ExitCode.USAGE
    (tmp_path / "folder" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\nnot really")
    assert refused("fit", "--data", "folder").exit_code == ExitCode.DAMAGED
    np.save(tmp_path / "shape.npy", np.zeros((3, 4, 5, 6, 7), np.uint8))
    assert refused("fit", "--data", "shape.npy").exit_code == ExitCode.USAGE
    np.save(tmp_path / "object.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
    assert refused("fit", "--data", "object.npy").exit_code == ExitCode.DAMAGED
    (tmp_path / "pickle.npy").write_bytes(pickle.dumps([1, 2, 3]))
    assert refused("fit", "--data", "pickle.npy").exit_code == ExitCode.DAMAGED


def test_a_name_that_could_drive_the_terminal_is_shown_harmless() -> None:
    for arguments in (["fit", "--data"], ["eval"], ["verify"]):
        shown = str(refused(*arguments, "\x1b[2J\u202eevil"))
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "evil" in shown
