from __future__ import annotations

from pathlib import Path

import pytest
import torch

from export.errors import ExitCode, ToolError
from trainer import checkpoint
from trainer.checkpoint import Checkpoint
from trainer.runs.folder import RunFolder


def make(step: int) -> Checkpoint:
    weights = torch.randn(3, 2, generator=torch.Generator().manual_seed(step))
    return Checkpoint(step=step, model={"w": weights}, optimizer={"m": weights * 2}, state={"peak_lr": 0.1})


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    run = RunFolder(tmp_path)
    for step in (100, 200, 300):
        checkpoint.save(run, make(step))
    return run


def test_the_newest_two_are_kept_and_come_back_bit_for_bit(run: RunFolder) -> None:
    assert checkpoint.steps(run) == [200, 300]
    newest = checkpoint.load_newest(run)
    assert newest.step == 300
    assert newest.state["peak_lr"] == 0.1
    assert torch.equal(newest.model["w"], make(300).model["w"])
    assert torch.equal(newest.optimizer["m"], make(300).optimizer["m"])


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.safetensors", "state.json", "manifest.json"])
@pytest.mark.parametrize("harm", ["cut", "flip", "gone"])
def test_any_damage_is_found_before_a_tensor_is_read(run: RunFolder, name: str, harm: str) -> None:
    path = run.checkpoints / "step-00000300" / name
    data = path.read_bytes()
    if harm == "gone":
        path.unlink()
    elif harm == "cut":
        path.write_bytes(data[: len(data) // 2])
    else:
        middle = data.index(b"sha256") + 12 if name == "manifest.json" else len(data) // 2
        path.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
    with pytest.raises(ToolError, match="damaged") as caught:
        checkpoint.load_newest(run)
    assert caught.value.exit_code == ExitCode.DAMAGED
    assert "step 200" in caught.value.do

    older, damaged = checkpoint.load_newest_whole(run)
    assert older is not None
    assert older.step == 200
    assert len(damaged) == 1


def test_what_a_killed_save_left_half_written_goes_with_the_next(run: RunFolder) -> None:
    half = run.checkpoints / ".step-00000250.abc.tmp"
    half.mkdir()
    (half / "model.safetensors").write_bytes(b"half")
    checkpoint.save(run, make(400))
    assert sorted(path.name for path in run.checkpoints.iterdir()) == ["step-00000300", "step-00000400"]


def test_every_single_flipped_bit_of_the_weights_is_found(run: RunFolder) -> None:
    path = run.checkpoints / "step-00000300" / "model.safetensors"
    data = path.read_bytes()
    for position in range(0, len(data) * 8, 7):
        byte, bit = divmod(position, 8)
        path.write_bytes(data[:byte] + bytes([data[byte] ^ 1 << bit]) + data[byte + 1 :])
        with pytest.raises(ToolError):
            checkpoint.load(run, 300)


def test_where_nothing_is_whole_the_error_says_so(run: RunFolder) -> None:
    for step in checkpoint.steps(run):
        (run.checkpoints / f"step-{step:08d}" / "model.safetensors").write_bytes(b"")
    with pytest.raises(ToolError, match="damaged") as caught:
        checkpoint.load_newest_whole(run)
    assert caught.value.exit_code == ExitCode.DAMAGED


def test_a_run_without_checkpoints_is_no_damage(tmp_path: Path) -> None:
    assert checkpoint.load_newest_whole(RunFolder(tmp_path)) == (None, [])
    with pytest.raises(ToolError, match="no checkpoint yet") as caught:
        checkpoint.load_newest(RunFolder(tmp_path))
    assert caught.value.exit_code == ExitCode.USAGE
