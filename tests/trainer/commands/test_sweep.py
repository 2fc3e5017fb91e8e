"""``aetrain sweep`` as a user meets it: real trainers, real signals."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from export.errors import ExitCode, ToolError
from trainer import cli
from trainer.runs.folder import RunFolder, find_runs
from trainer.runs.status import Status, read_status

QUICK = ("undercomplete", "--steps", "12", "--hidden", "8", "--latent-dim", "2")
ENDLESS = (
    "undercomplete",
    "--steps",
    "100000000",
    "--hidden",
    "8",
    "--latent-dim",
    "2",
    "--seed",
    "0",
    "1",
    "--name",
    "s",
)
FIRST, SECOND = (RunFolder(Path("runs") / f"s-undercomplete-seed-{seed}") for seed in (0, 1))


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def sweep() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts ``aetrain sweep``; whatever is left of it at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        command = [sys.executable, "-m", "trainer.cli", "sweep", *arguments]
        started.append(subprocess.Popen(command, **pipes, start_new_session=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()
    for run in find_runs(Path("runs")):
        status = read_status(run)
        if status and status.shown_state() in ("running", "paused"):
            os.kill(status.pid, signal.SIGKILL)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert cli.run(["sweep", *arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def wait_for(run: RunFolder, holds: Callable[[Status], bool]) -> Status:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if (status := read_status(run)) and holds(status):
            return status
        time.sleep(0.05)
    raise AssertionError(f"{run.path} does not come to it: {read_status(run)}")


def trains(status: Status) -> bool:
    return status.shown_state() == "running" and status.step > 0


def files() -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in Path().rglob("*") if path.is_file()}


def test_every_point_is_an_ordinary_run_and_a_second_time_is_not_trained(capsys: pytest.CaptureFixture[str]) -> None:
    Path("grid.toml").write_text('variant = "undercomplete"\nhidden = [8, 4]\nseed = [0, 1]\n')
    arguments = ("--config", "grid.toml", "--steps", "12", "--latent-dim", "2", "--name", "s", "--jobs", "2")
    rows = printed(capsys, *arguments)
    assert {(row["run"], row["seed"], row["state"], row["step"]) for row in rows} == {
        ("s-undercomplete-seed-0", 0, "finished", 12),
        ("s-undercomplete-seed-1", 1, "finished", 12),
    }
    assert [row["test_mse"] for row in rows] == sorted(row["test_mse"] for row in rows)
    assert FIRST.read_config()["hidden"] == [8, 4]
    assert [run.name for run in find_runs(Path("runs"))] == [FIRST.name, SECOND.name]
    before = files()
    again = printed(capsys, *arguments)
    assert files() == before
    assert [row["test_mse"] for row in again] == pytest.approx([row["test_mse"] for row in rows], rel=1e-6)


def test_a_run_that_fails_is_told_and_the_rest_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    rows = printed(capsys, *QUICK, "--lr", "1e30", "1e-3", "--warmup", "0", "--name", "s", code=ExitCode.FAILED)
    assert [row["state"] for row in rows] == ["finished", "failed"]
    assert "not finite" in rows[1]["error"]
    assert rows[0]["error"] is None


def test_one_bad_point_or_missing_data_cost_nothing() -> None:
    for arguments, says in (
        ((*QUICK[:-1], "2", "64"), "no bottleneck"),
        ((*QUICK, "--data", "nowhere.npy"), "nowhere.npy"),
        ((*QUICK, "--device", "cuda:0", "cuda:99"), "is not to be had"),
        ((*QUICK, "--config", "nowhere.toml"), "nowhere.toml"),
        ((*QUICK, "--jobs", "0"), "--jobs 0"),
        ((*QUICK, "--name", "a/b"), "a/b"),
        ((*QUICK, "--ltent-dim", "3"), "--ltent-dim"),
    ):
        with pytest.raises(ToolError) as caught:
            cli.run(["sweep", *arguments])
        assert says in caught.value.what
        assert caught.value.exit_code == ExitCode.USAGE
        assert files() == {}


@pytest.mark.parametrize("arguments", [["--help"], ["sparse", "--latent-dim", "2", "3"], ["--lr", "1", "-1"]])
def test_help_and_a_refused_grid_import_no_torch(arguments: list[str]) -> None:
    code = (
        "import sys, trainer.cli\ntry:\n    trainer.cli.main(['sweep', *sys.argv[1:]])\n"
        "except SystemExit:\n    sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


def test_help_says_how_several_layers_are_given(capsys: pytest.CaptureFixture[str]) -> None:
    cli.run(["sweep", "--help"])
    words = " ".join(re.sub(r"[│╭╮╰╯─]", " ", capsys.readouterr().out).split())
    assert "A comma joins the parts of one value: 512,256 64." in words
    assert "(None,)" not in words


@pytest.mark.parametrize(("number", "code"), [(2, 130), (1, 129)])
def test_a_signal_is_a_checkpoint_of_every_run_and_its_exit_code(sweep: Any, number: int, code: int) -> None:
    process = sweep(*ENDLESS, "--jobs", "2", "--seed", "2", "--json")
    third = RunFolder(Path("runs/s-undercomplete-seed-2"))
    for run in (FIRST, SECOND):
        wait_for(run, trains)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert {row["run"]: row["state"] for row in json.loads(out)} == {
        FIRST.name: "stopped",
        SECOND.name: "stopped",
        third.name: "not begun",
    }
    for run in (FIRST, SECOND):
        status = read_status(run)
        assert status is not None
        assert status.state == "stopped"
        assert (run.checkpoints / f"step-{status.step:08d}" / "manifest.json").exists()
    assert not third.path.exists()
    assert "the same command with --name s goes on" in err


def test_a_second_signal_kills_the_trainers(sweep: Any) -> None:
    process = sweep(*ENDLESS)
    pid = wait_for(FIRST, trains).pid
    os.kill(pid, signal.SIGSTOP)  # a trainer that does not answer
    process.send_signal(signal.SIGINT)
    time.sleep(1)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    wait_for(FIRST, lambda status: status.shown_state() == "stale")


def test_its_runs_obey_by_name_and_a_sweep_of_the_same_name_goes_on(sweep: Any) -> None:
    process = sweep(*ENDLESS, "--json")
    wait_for(FIRST, trains)
    with pytest.raises(ToolError, match="is busy") as caught:
        cli.run(["sweep", *ENDLESS])
    assert caught.value.exit_code == ExitCode.BUSY
    assert cli.run(["pause", FIRST.name]) == 0
    wait_for(FIRST, lambda status: status.state == "paused")
    assert cli.run(["unpause", FIRST.name]) == 0
    wait_for(FIRST, lambda status: status.state == "running")
    with pytest.raises(ToolError, match=f"no run '{SECOND.name}'"):
        cli.run(["stop", SECOND.name])
    for run in (FIRST, SECOND):
        wait_for(run, trains)
        assert cli.run(["stop", run.name]) == 0
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert [row["state"] for row in json.loads(out)] == ["stopped", "stopped"]
    with pytest.raises(ToolError, match="is stopped: there is no trainer to pause"):
        cli.run(["pause", FIRST.name])

    stopped_at = json.loads(FIRST.status.read_text())["step"]
    with pytest.raises(ToolError, match="exists already, with other options") as refused:
        cli.run(["sweep", *ENDLESS, "--lr", "0.5"])
    assert "its lr is the default, the sweep's is 0.5" in refused.value.why
    process = sweep(*ENDLESS)
    wait_for(FIRST, lambda status: trains(status) and status.step > stopped_at)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143


def test_a_folder_that_is_no_run_keeps_its_name() -> None:
    FIRST.path.mkdir(parents=True)
    with pytest.raises(ToolError, match="exists already"):
        cli.run(["sweep", *ENDLESS])
    assert list(FIRST.path.iterdir()) == []


def test_a_detached_sweep_trains_its_runs_in_the_background(sweep: Any) -> None:
    command = sweep(*QUICK, "--seed", "0", "1", "--name", "s", "--detach")
    out, err = command.communicate(timeout=120)
    assert command.returncode == 0, err
    assert out == f"{FIRST.name}\n"
    assert "stop them all: kill" in err
    for run in (FIRST, SECOND):
        wait_for(run, lambda status: status.state == "finished")
    assert [path.name for path in Path("runs").glob(".*")] == []
    deadline = time.monotonic() + 30
    while "aetrain eval" not in (said := (FIRST.path / "detached.log").read_text()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert "test MSE" in said
