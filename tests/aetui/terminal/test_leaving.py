"""Answers that are still on their way when the app is left are not typed into the shell."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.moving import Scene
from bench.slow_link import SlowTerminal, Wire, frames

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
