from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from export.errors import ExitCode, ToolError
from trainer.runs import control
from trainer.runs.folder import RunFolder
from trainer.runs.lock import lock_run

HOLD = """
import sys, pathlib
from trainer.runs.folder import RunFolder
from trainer.runs.lock import lock_run
with lock_run(RunFolder(pathlib.Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_trainer_is_refused_and_told_who_holds_the_run(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ToolError, match="busy") as caught, lock_run(run):
            pass
        assert caught.value.exit_code == ExitCode.BUSY
        assert str(holder.pid) in caught.value.why
        holder.kill()
        holder.wait()
    with lock_run(run):  # the kernel has released it
        pass


def test_a_request_is_there_until_it_is_done(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    path = control.ask(run, "stop")
    control.ask(run, "learning-rate", 0.5)
    first, second = control.requests(run)
    assert (first.verb, second.verb, second.value) == ("stop", "learning-rate", 0.5)
    first.done()
    assert not path.exists()
    assert [request.verb for request in control.requests(run)] == ["learning-rate"]


def test_a_request_that_cannot_be_read_is_removed(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    control.ask(run, "pause")
    for name, text in (("1-stop.json", "{"), ("2-x.json", '{"verb": "explode"}'), ("3-x.json", "[]")):
        (run.control / name).write_text(text)
    assert [request.verb for request in control.requests(run)] == ["pause"]
    assert len(list(run.control.iterdir())) == 1


def test_nothing_is_asked_where_nobody_has(tmp_path: Path) -> None:
    assert control.requests(RunFolder(tmp_path / "none")) == []
