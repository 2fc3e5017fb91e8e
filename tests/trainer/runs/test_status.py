from __future__ import annotations

import dataclasses
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from trainer.runs.folder import RunFolder
from trainer.runs.status import HANG_S, SILENCE_S, Status, boot_id, read_status, write_status

NOW = 1_000_000.0


@pytest.fixture
def status() -> Status:
    return Status(
        pid=os.getpid(), host=socket.gethostname(), boot_id=boot_id(), state="running", step=5, steps_total=10,
        epoch=1.0, images_per_s=100.0, steps_per_s=2.0, device="cpu", started=NOW - 9, heartbeat=NOW,
    )  # fmt: skip


def test_a_status_comes_back_as_it_was_written(tmp_path: Path, status: Status) -> None:
    run = RunFolder(tmp_path)
    write_status(run, status)
    assert read_status(run) == status


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid": 1}', b"\xff", b"null", b"9" * 9999])
def test_a_damaged_status_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "status.json").write_bytes(content)
    assert read_status(RunFolder(tmp_path)) is None


@pytest.mark.parametrize("wrong", [{"heartbeat": "soon"}, {"state": 3}, {"pid": None}, {"step": 1.5}, {"error": []}])
def test_a_status_with_a_value_of_another_kind_is_none(tmp_path: Path, status: Status, wrong: dict) -> None:
    write_status(RunFolder(tmp_path), dataclasses.replace(status, **wrong))
    assert read_status(RunFolder(tmp_path)) is None


def test_a_key_of_a_later_version_is_passed_over(tmp_path: Path, status: Status) -> None:
    write_status(RunFolder(tmp_path), status)
    path = tmp_path / "status.json"
    path.write_text(path.read_text().replace("{", '{"later": 1,', 1))
    assert read_status(RunFolder(tmp_path)) == status


def test_a_living_trainer_is_running(status: Status) -> None:
    assert status.shown_state(NOW) == "running"


def test_a_dead_trainer_of_this_machine_is_stale(status: Status) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert dataclasses.replace(status, pid=child.pid).shown_state(NOW) == "stale"


def test_a_trainer_from_before_the_last_start_of_the_machine_is_stale(status: Status) -> None:
    assert dataclasses.replace(status, boot_id="another").shown_state(NOW) == "stale"


def test_a_silent_trainer_is_stale_sooner_on_another_machine(status: Status) -> None:
    assert status.shown_state(NOW + HANG_S + 1) == "stale"
    assert status.shown_state(NOW + SILENCE_S + 1) == "running"
    assert dataclasses.replace(status, host="elsewhere").shown_state(NOW + SILENCE_S + 1) == "stale"


def test_a_run_that_has_ended_is_never_stale(status: Status) -> None:
    for state in ("finished", "stopped", "failed"):
        assert dataclasses.replace(status, state=state, pid=1 << 22).shown_state(NOW + 1e9) == state


def test_the_eta_is_what_is_left_at_the_present_speed(status: Status) -> None:
    assert status.eta_s() == 2.5
    assert dataclasses.replace(status, state="paused").eta_s() is None
    assert dataclasses.replace(status, steps_per_s=None).eta_s() is None
