"""The app is left, or its terminal is gone, while pictures move and answers are on their way."""

from __future__ import annotations

import os
import pty
import shlex
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.machine import ROOT
from bench.moving import Scene
from bench.slow_link import SYNC_BEGIN, SlowTerminal, Wire, frames

SCENE = Scene(count=1, per_s=30.0)
ECHOED = b"^[["
"""How a terminal shows an answer that nobody reads."""


@pytest.fixture
def far(tmp_path: Path) -> Iterator[SlowTerminal]:
    """The app in a shell at the far end of a link of half a second."""
    shell = ["sh", "-c", f"{shlex.join(SCENE.command(tmp_path))}; echo left $?; sleep 1; echo over"]
    with SlowTerminal(
        shell, tmp_path, SCENE.size, Wire(bytes_per_s=None, round_trip_s=0.5), SCENE.environment()
    ) as far:
        yield far


def until(terminal: SlowTerminal, text: bytes) -> bytes:
    came = b""
    for _ in range(600):
        came += b"".join(data for _, data in terminal.read_for(0.05))
        if text in came:
            return came
    raise AssertionError(f"no {text!r} in {came[-500:]!r}")


def test_who_leaves_while_pictures_move_finds_nothing_typed(far: SlowTerminal) -> None:
    until(far, b"press k")
    assert len(frames(far.read_for(2.0))) > 5
    far.press(b"q")
    came = until(far, b"over")
    assert b"left 0" in came
    assert ECHOED not in came


@pytest.mark.parametrize("its_own", [True, False], ids=["hung up", "without a signal"])
def test_when_the_terminal_is_gone_while_pictures_move_the_app_ends(tmp_path: Path, its_own: bool) -> None:
    ours, theirs = pty.openpty()
    environ = {**os.environ, **SCENE.environment()}
    command = replace(SCENE, count=8, per_s=60.0).command(tmp_path)
    with subprocess.Popen(
        ["setsid", *(["--ctty"] if its_own else []), *command],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environ,
        cwd=ROOT,
    ) as app:
        os.close(theirs)
        came, until_s = b"", time.monotonic() + 60
        while came.count(SYNC_BEGIN) < 30 and time.monotonic() < until_s:
            came += os.read(ours, 65536)
            if b"\x1b[?2026$p" in came[-200:]:
                os.write(ours, b"\x1b[?2026;2$y")
        assert came.count(SYNC_BEGIN) >= 30
        os.close(ours)
        try:
            assert app.wait(15) == 129
        finally:
            app.kill()
