"""The log as event files, read back by TensorBoard's own reader."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from export.errors import ExitCode, ToolError
from trainer import checkpoint, cli
from trainer.loop import train
from trainer.prepare import resolve
from trainer.runs.folder import RunFolder
from trainer.runs.metrics import MetricsTail, Row
from trainer.signals import Interruption
from trainer.tensorboard import open_board, require_tensorboard

from .small_runs import blobs, config, quick_run

Scalars = dict[str, list[tuple[int, float, float]]]
"""Tag → (step, time, value) of each event."""


def read(run: RunFolder) -> Scalars:
    """What TensorBoard shows of a run: nothing thinned out, what is orphaned left out."""
    events = EventAccumulator(str(run.path / "tensorboard"), size_guidance={"scalars": 0})
    events.Reload()
    return {
        tag: [(event.step, event.wall_time, event.value) for event in events.Scalars(tag)]
        for tag in events.Tags()["scalars"]
    }


def logged(run: RunFolder) -> Scalars:
    """The same from the run's own log."""
    found: Scalars = {}
    for row in MetricsTail(run.metrics).read_all().rows:
        for term in row.keys() - {"step", "epoch", "time", "split"}:
            found.setdefault(f"{row['split']}/{term}", []).append((row["step"], row["time"], row[term]))
    return found


def assert_close(found: Scalars, wanted: Scalars) -> None:
    """Equal steps and times, and values as close as float32 is."""
    assert found.keys() == wanted.keys()
    for tag, events in wanted.items():
        assert [event[:2] for event in found[tag]] == [event[:2] for event in events], tag
        assert [event[2] for event in found[tag]] == pytest.approx([event[2] for event in events], rel=1e-6)


def row(step: int, split: str = "train", **terms: Any) -> Row:
    return {"step": step, "epoch": step / 10, "time": 1_700_000_000.5 + step, "split": split, "loss": 1 / step} | terms


class StopAtStep(Interruption):
    """A signal that arrives while a step is done: the loop asks after every step."""

    def __init__(self, step: int) -> None:
        self._left = step
        super().__init__()

    @property  # type: ignore[override]
    def signal(self) -> int | None:
        self._left -= 1
        return 15 if self._left < 0 else None

    @signal.setter
    def signal(self, value: int | None) -> None: ...


@pytest.mark.parametrize("variant", ["sparse", "variational"])
def test_tensorboard_shows_the_log(tmp_path: Path, variant: str) -> None:
    run, _ = quick_run(tmp_path / "r", config(variant, tensorboard=True))
    assert_close(read(run), logged(run))
    assert {"train/loss", "train/reconstruction", "validation/loss"} <= read(run).keys()


def test_a_run_that_goes_on_shows_each_step_once(tmp_path: Path) -> None:
    what = config("variational", steps=23, tensorboard=True)
    data = blobs()
    run, outcome = quick_run(tmp_path / "r", what, data, interruption=StopAtStep(11))
    assert outcome.state == "stopped"
    assert 0 < outcome.step < 23
    newest = checkpoint.load_newest(run)
    train(
        run, what, resolve(what, data), data, report=lambda status: None, interruption=Interruption(), checkpoint=newest
    )
    steps = [step for step, _, _ in read(run)["train/loss"]]
    assert steps == list(range(1, 24))
    assert_close(read(run), logged(run))


def test_steps_of_a_killed_trainer_beyond_its_checkpoint_are_forgotten(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    killed = open_board(run, 0)
    killed.add([row(step) for step in range(1, 11)] + [row(10, "validation")])
    again = open_board(run, 6)  # and the first one never closed
    again.add([row(step, loss=-1.0) for step in range(7, 13)])
    again.close()
    killed.close()
    found = read(run)
    assert [step for step, _, _ in found["train/loss"]] == list(range(1, 13))
    assert [value for _, _, value in found["train/loss"]][6:] == [-1.0] * 6
    assert found.get("validation/loss", []) == []


def test_rows_can_be_read_while_the_run_goes_on(tmp_path: Path) -> None:
    board = open_board(RunFolder(tmp_path), 0)
    board.add([row(1)])
    assert [step for step, _, _ in read(RunFolder(tmp_path))["train/loss"]] == [1]
    board.close()


def test_what_is_no_number_is_left_out_and_what_is_not_finite_is_shown_as_such(tmp_path: Path) -> None:
    board = open_board(RunFolder(tmp_path), 0)
    board.add([row(1, loss=math.nan, kl=None, note="text")])
    board.close()
    found = read(RunFolder(tmp_path))
    assert found.keys() == {"train/loss"}
    assert math.isnan(found["train/loss"][0][2])


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(ToolError, match="--tensorboard") as caught:
        require_tensorboard()
    assert caught.value.exit_code == ExitCode.USAGE
    assert "pip install 'aetui[tensorboard]'" in caught.value.do


def test_asking_for_it_imports_neither_tensorboard_nor_torch() -> None:
    code = (
        "import sys, trainer.tensorboard as t; t.require_tensorboard(); "
        "sys.exit(bool({'tensorboard', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_sweep_and_a_resumed_run_say_so_before_they_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run, _ = quick_run(tmp_path / "runs" / "r", config(tensorboard=True))
    written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.name != ".lock"}
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    for arguments in (["resume", "r"], ["sweep", "sparse", "--data", "nowhere.npy", "--tensorboard"]):
        with pytest.raises(ToolError, match="--tensorboard"):
            cli.run(arguments)
    assert {path: path.stat().st_mtime_ns for path in written} | {run.path: written[run.path]} == written
