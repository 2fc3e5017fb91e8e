"""What the screens remember from one visit to the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from aetui.view_state import LARGEST_BYTES, one_of, read_state, real, state_path, whole, write_state


def test_what_was_written_comes_back(tmp_path: Path) -> None:
    path = state_path(tmp_path / "state", tmp_path / "runs")
    write_state(path, {"screen": "curves", "curves": {"log_y": True}})
    assert read_state(path) == {"screen": "curves", "curves": {"log_y": True}}


def test_each_folder_of_runs_has_a_state_of_its_own(tmp_path: Path) -> None:
    a, b = state_path(tmp_path, tmp_path / "a"), state_path(tmp_path, tmp_path / "b")
    assert a != b
    assert a == state_path(tmp_path, tmp_path / "b" / ".." / "a")


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000, b"null"], ids=range(6))
def test_a_damaged_file_remembers_nothing(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(data)
    assert read_state(path) == {}


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text('{"a": "' + "x" * LARGEST_BYTES + '"}')
    assert read_state(path) == {}


def test_a_missing_file_remembers_nothing(tmp_path: Path) -> None:
    assert read_state(tmp_path / "none.json") == {}


def test_a_value_is_taken_where_a_screen_can_have_written_it() -> None:
    assert [whole(value, -1, 0, 9) for value in (0, 9, 10, -1, 3.0, True, "3", None, [3])] == [0, 9, *[-1] * 7]
    assert [real(value, -1.0, 0.0, 9.0) for value in (0, 9.0, 9.1, True, "3", None)] == [0.0, 9.0, *[-1.0] * 4]
    assert [real(value, -1.0, 0.0, 9.0) for value in (float("nan"), float("inf"), 10**400)] == [-1.0] * 3
    assert [one_of(value, "a", ("a", "b")) for value in ("b", "c", ["b"], None)] == ["b", "a", "a", "a"]
