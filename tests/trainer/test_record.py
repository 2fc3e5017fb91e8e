from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from export.errors import ToolError
from trainer.record import Recorder
from trainer.runs.folder import RunFolder
from trainer.runs.metrics import MetricsTail
from trainer.runs.status import Status, read_status
from trainer.transfer import Transfer

from .small_runs import begin, blobs, config, quick_run


def test_no_io_writes_nothing_but_the_last_status_and_trains_the_same(tmp_path: Path) -> None:
    reports: list[Status] = []
    silent, quiet = quick_run(tmp_path / "silent", config(no_io=True), report=reports.append)
    _, loud = quick_run(tmp_path / "loud", config())
    assert sorted(path.name for path in silent.path.iterdir()) == [
        "checkpoints",
        "config.toml",
        "control",
        "probe.npz",
        "status.json",
    ]
    assert list(silent.checkpoints.iterdir()) == []
    told = [(report.state, report.step) for report in reports]  # a slow machine has more heartbeats between the two
    assert (told[0], told[-1]) == (("running", 0), ("finished", 20))
    status = read_status(silent)
    assert status is not None
    assert (status.state, status.step, status.loss) == ("finished", 20, loud.loss)
    assert all((value == loud.model.state_dict()[name]).all() for name, value in quiet.model.state_dict().items())


def test_no_io_keeps_the_best_weights_all_the_same(tmp_path: Path) -> None:
    options = {"steps": 4000, "lr": 0.1, "schedule": "constant", "warmup": 0.0, "patience": 3}
    _, quiet = quick_run(tmp_path / "silent", config(no_io=True, **options))
    _, loud = quick_run(tmp_path / "loud", config(**options))
    assert (quiet.step, quiet.model_step) == (loud.step, loud.model_step)


def test_no_io_fails_as_loudly_as_any_run(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="not finite"):
        quick_run(tmp_path / "r", config("variational", no_io=True, lr=1e30, steps=60))
    status = read_status(RunFolder(tmp_path / "r"))
    assert status is not None
    assert status.state == "failed"


def test_validation_rows_stand_behind_the_training_rows_of_their_step(tmp_path: Path) -> None:
    run, _ = quick_run(tmp_path / "r", config(), blobs())
    rows = [(row["step"], row["split"]) for row in MetricsTail(run.metrics).read_all().rows]
    assert rows == sorted(rows, key=lambda pair: (pair[0], pair[1] == "validation"))


def test_the_log_is_a_board_too(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run, _ = quick_run(tmp_path / "r", config(tensorboard=True))
    board = EventAccumulator(str(run.tensorboard)).Reload()
    rows = [row for row in MetricsTail(run.metrics).read_all().rows if row["split"] == "validation"]
    found = board.Scalars("validation/loss")
    assert [event.step for event in found] == [row["step"] for row in rows]
    assert [event.value for event in found] == pytest.approx([row["loss"] for row in rows])


class Late(Transfer):
    """A device that is slow: its numbers arrive when somebody waits for them, or on the third time of asking."""

    def __init__(self, values: Tensor) -> None:
        super().__init__(values.clone())
        self._asked = 0

    def arrived(self) -> bool:
        self._asked += 1
        return self._asked == 3


def test_rows_that_are_on_their_way_from_the_device_are_not_waited_for_and_not_lost(tmp_path: Path) -> None:
    what = config()
    run, resolved = begin(tmp_path / "r", what, blobs())
    recorder = Recorder(run, what, resolved, 0, lambda line: None, transfer=Late)

    def steps() -> list[int]:
        return [row["step"] for row in MetricsTail(run.metrics).read_all().rows]

    written = []
    for step in range(1, 8):
        recorder.train_row(step, {"loss": torch.tensor(float(step))}, 1)
        recorder.drain(wait=False)
        written.append(steps())
    assert written[0] == []
    assert written[-1] == list(range(1, len(written[-1]) + 1))
    assert 1 <= len(written[-1]) < 7
    recorder.drain()
    assert steps() == [1, 2, 3, 4, 5, 6, 7]
    recorder.close()


def test_a_loss_that_is_not_finite_is_found_when_it_arrives(tmp_path: Path) -> None:
    what = config()
    run, resolved = begin(tmp_path / "r", what, blobs())
    recorder = Recorder(run, what, resolved, 0, lambda line: None, transfer=Late)
    recorder.train_row(1, {"loss": torch.tensor(torch.nan)}, 1)
    recorder.drain(wait=False)
    with pytest.raises(ToolError, match="not finite at step 1"):
        recorder.drain()
    recorder.close()
