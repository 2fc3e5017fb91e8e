"""``--detach`` on a real terminal that goes away."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pexpect
import pytest

from trainer.runs.folder import RunFolder
from trainer.runs.status import Status, read_status

STEPS = 3000


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def shell() -> pexpect.spawn:
    """A login's shell: it leads the session, and its end hangs up whatever it has started."""
    return pexpect.spawn(
        "/bin/bash", ["--norc", "--noprofile", "-i"], encoding="utf-8", timeout=120, dimensions=(24, 200)
    )


def command(*arguments: str) -> str:
    return f"{sys.executable} -m trainer.cli fit {' '.join(arguments)} --hidden 8 --latent-dim 2 --detach"


def finished(run: RunFolder) -> Status:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if (status := read_status(run)) and status.state == "finished":
            return status
        time.sleep(0.1)
    raise AssertionError(f"{run.path} does not finish: {read_status(run)}")


def test_a_run_outlives_the_terminal_that_it_was_started_from() -> None:
    terminal = shell()
    terminal.sendline(command("undercomplete", "--steps", str(STEPS), "--name", "bg"))
    terminal.expect("trains in the background as process (\\d+)")
    pid = int(terminal.match.group(1))
    assert os.getsid(pid) == pid  # a session of its own, so that no terminal is its master
    assert terminal.pid is not None
    terminal.close(force=True)  # the terminal's other end is gone: SIGHUP to all that belonged to it
    run = RunFolder(Path("runs/bg"))
    assert finished(run).step == STEPS
    assert json.loads(run.status.read_text())["pid"] == pid
    assert f"{STEPS}" in (run.path / "detached.log").read_text()


def test_a_terminal_that_goes_away_before_the_run_begins_does_no_harm_either() -> None:
    terminal = shell()
    terminal.sendline(command("undercomplete", "--steps", "50", "--name", "bg"))
    deadline = time.monotonic() + 60
    while not list(Path().glob("runs/.detached-*.log")) and time.monotonic() < deadline:
        time.sleep(0.01)
    terminal.close(force=True)
    run = RunFolder(Path("runs/bg"))
    assert finished(run).step == 50


def test_the_log_lies_in_the_first_runs_folder_and_nothing_else_is_left() -> None:
    arguments = ["fit", "undercomplete", "denoising", "--steps", "12", "--hidden", "8", "--name", "two", "--detach"]
    done = subprocess.run(
        [sys.executable, "-m", "trainer.cli", *arguments], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "two-undercomplete\n"
    assert "runs/two-undercomplete/detached.log" in done.stderr
    finished(RunFolder(Path("runs/two-denoising")))
    assert sorted(path.name for path in Path("runs").iterdir()) == ["two-denoising", "two-undercomplete"]
    log = Path("runs/two-undercomplete/detached.log")
    deadline = time.monotonic() + 30
    while "aetui" not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert "two-denoising: finished" in log.read_text()


def test_ctrl_c_while_it_waits_leaves_nothing_behind() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "trainer.cli", "fit", "sparse", "--steps", "100000000", "--name", "bg", "--detach"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + 60
    while not list(Path().glob("runs/.detached-*.log")) and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    time.sleep(1)
    assert list(Path("runs").iterdir()) == []
