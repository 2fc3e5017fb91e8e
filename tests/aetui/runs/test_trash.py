"""A run that is deleted lies in the trash, and comes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aetui.runs.trash import TRASH, move_to_trash, restore, size_bytes, size_text, trashed
from export.errors import ExitCode, ToolError
from trainer.runs.folder import RunFolder, find_runs
from trainer.runs.lock import lock_run

MakeRun = Callable[..., RunFolder]


@pytest.mark.parametrize("state", ["finished", "stopped", "failed"])
def test_a_run_that_is_over_moves_to_the_trash_and_back(make_run: MakeRun, runs_dir: Path, state: str) -> None:
    run = make_run("a", state=state)
    before = sorted(path.name for path in run.path.iterdir())
    one = move_to_trash(run, "20260102-030405")
    assert one.path == runs_dir / TRASH / "a-20260102-030405"
    assert find_runs(runs_dir) == []
    assert trashed(runs_dir) == [one]
    assert restore(one).path == run.path
    assert sorted(path.name for path in run.path.iterdir()) == sorted({*before, ".lock"})
    assert trashed(runs_dir) == []


def test_a_stale_run_can_be_deleted(make_run: MakeRun, runs_dir: Path) -> None:
    move_to_trash(make_run("a", state="running", pid=2**22 + 12345))
    assert find_runs(runs_dir) == []


@pytest.mark.parametrize("state", ["running", "paused"])
def test_a_run_that_is_trained_stays(make_run: MakeRun, runs_dir: Path, state: str) -> None:
    run = make_run("a", state=state)
    with pytest.raises(ToolError, match=f"run a is {state}") as caught:
        move_to_trash(run)
    assert caught.value.exit_code == ExitCode.BUSY
    assert find_runs(runs_dir) == [run]


def test_a_run_whose_lock_is_held_stays_whatever_its_state(make_run: MakeRun, runs_dir: Path) -> None:
    run = make_run("a", state="finished")
    with lock_run(run), pytest.raises(ToolError, match="busy"):
        move_to_trash(run)
    assert find_runs(runs_dir) == [run]
    assert trashed(runs_dir) == []


def test_two_runs_of_one_name_deleted_in_one_second_both_lie_in_the_trash(make_run: MakeRun, runs_dir: Path) -> None:
    for _ in range(2):
        move_to_trash(make_run("a"), "20260102-030405")
    assert [one.name for one in trashed(runs_dir)] == ["a", "a"]


def test_a_run_whose_name_is_taken_stays_in_the_trash(make_run: MakeRun, runs_dir: Path) -> None:
    one = move_to_trash(make_run("a"))
    make_run("a")
    with pytest.raises(ToolError, match="cannot come back"):
        restore(one)
    assert trashed(runs_dir) == [one]


def test_the_newest_comes_first_and_what_is_no_run_is_left_out(make_run: MakeRun, runs_dir: Path) -> None:
    for name, stamp in (("z", "20260101-000000"), ("a-20250101-000000", "20260101-000001")):
        move_to_trash(make_run(name), stamp)
    (runs_dir / TRASH / "b-20270101-000000").mkdir()
    (runs_dir / TRASH / "notes.txt").write_text("")
    assert [one.name for one in trashed(runs_dir)] == ["a-20250101-000000", "z"]
    assert trashed(runs_dir / "nowhere") == []


def test_what_the_system_refuses_is_an_error_of_ours(make_run: MakeRun, runs_dir: Path) -> None:
    run = make_run("a")
    (runs_dir / TRASH).write_text("in the way")
    with pytest.raises(ToolError, match="refused"):
        move_to_trash(run)
    assert find_runs(runs_dir) == [run]


def test_sizes_add_up_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(300))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c").write_bytes(bytes(700))
    (tmp_path / "b" / "d").symlink_to("/")
    assert size_bytes(tmp_path) == 1000
    assert size_bytes(tmp_path / "nowhere") == 0


@given(st.integers(0, 10**18))
def test_a_size_is_short(count: int) -> None:
    assert len(size_text(count)) <= 12


def test_sizes_have_units() -> None:
    assert [size_text(n) for n in (0, 850, 12_300_000, 10**15)] == ["0 B", "850 B", "12.3 MB", "1e+03 TB"]
