"""The folders of the XDG base directory specification."""

from __future__ import annotations

from pathlib import Path

import pytest

from aetui.places import cache_folder, log_file, settings_file, state_folder


def test_the_folders_are_those_of_xdg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/home/someone"))
    home = Path("/home/someone")
    assert settings_file({}) == home / ".config/aetui/config.toml"
    assert settings_file({"XDG_CONFIG_HOME": "/x"}) == Path("/x/aetui/config.toml")
    assert settings_file({"XDG_CONFIG_HOME": "relative"}) == home / ".config/aetui/config.toml"
    assert state_folder({"XDG_STATE_HOME": "/y"}) == Path("/y/aetui")
    assert state_folder({}) == home / ".local/state/aetui"
    assert cache_folder({"XDG_CACHE_HOME": ""}) == home / ".cache/aetui"


def test_without_a_home_there_is_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", homeless)
    assert settings_file({}) is state_folder({}) is cache_folder({}) is log_file({}, "x.log") is None
    assert state_folder({"XDG_STATE_HOME": "/y"}) == Path("/y/aetui")


def test_a_log_lies_in_the_users_state_folder(tmp_path: Path) -> None:
    assert log_file({"XDG_STATE_HOME": str(tmp_path)}, "engine.log") == tmp_path / "aetui" / "engine.log"
    assert (tmp_path / "aetui").is_dir()


def test_where_there_is_no_place_there_is_no_log(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert log_file({"XDG_STATE_HOME": str(tmp_path / "file")}, "engine.log") is None
