"""Early stopping and ``--lr auto`` as a user meets them."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

Command = Any


def test_a_run_that_stopped_early_is_finished_for_every_command(command: Command, tmp_path: Path) -> None:
    options = ["--patience", "2", "--lr", "0.1", "--schedule", "constant", "--warmup", "0", "--epochs", "300"]
    fitted = command("aetrain", "fit", "undercomplete", "--name", "r", "--arch", "lecture", "--json", *options)
    assert fitted.returncode == 0, fitted.stderr
    assert "stopped early: no better validation loss in the last 2 epochs" in fitted.stderr
    (summary,) = json.loads(fitted.stdout)
    assert summary["state"] == "finished"

    resumed = command("aetrain", "resume", "r")
    assert resumed.returncode == 0
    assert "r is finished: stopped early" in resumed.stderr
    (row,) = json.loads(command("aetrain", "runs", "--json").stdout)
    assert row["state"] == "finished"

    status = json.loads((tmp_path / "runs/r/status.json").read_text())
    (result,) = json.loads(command("aetrain", "eval", "r", "--json").stdout)
    assert f"the best was at step {result['step']}" in status["note"]
    assert result["step"] < summary["step"]
    assert abs(result["mse"] - summary["test_mse"]) < 1e-6
    assert json.loads((tmp_path / "runs/r/live/manifest.json").read_text())["step"] == result["step"]


def test_the_rate_that_was_found_is_told_and_kept(command: Command, tmp_path: Path) -> None:
    fitted = command("aetrain", "fit", "undercomplete", "--name", "r", "--lr", "auto", "--steps", "100")
    assert fitted.returncode == 0, fitted.stderr
    config = tomllib.loads((tmp_path / "runs/r/config.toml").read_text())
    assert config["lr"] == "auto"
    assert f"learning rate {config['resolved']['lr']:.2g}: " in fitted.stderr
    state = json.loads((tmp_path / "runs/r/checkpoints/step-00000100/state.json").read_text())
    assert state["peak_lr"] == config["resolved"]["lr"] != 3e-3
