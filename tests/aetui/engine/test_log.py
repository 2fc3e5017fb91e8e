from __future__ import annotations

from pathlib import Path

from aetui.engine.log import log_path


def test_the_log_lies_in_the_users_state_folder(tmp_path: Path) -> None:
    assert log_path({"XDG_STATE_HOME": str(tmp_path)}) == tmp_path / "aetui" / "engine.log"
    assert (tmp_path / "aetui").is_dir()


def test_where_there_is_no_place_there_is_no_log(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert log_path({"XDG_STATE_HOME": str(tmp_path / "file")}) is None
