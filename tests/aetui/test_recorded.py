"""``--record`` of the real command in a pseudo-terminal: what is kept of what was shown."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest

from trainer.runs.folder import RunFolder

from .pseudo_terminal import AETUI, RESTORED, Terminal

MakeRun = Callable[..., RunFolder]


def played(path: Path, size: tuple[int, int]) -> Iterator[pyte.Screen]:
    """What a player's screen shows after every piece of a recording."""
    first, *pieces = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    assert (first["version"], first["width"], first["height"]) == (2, *size)
    screen = pyte.Screen(*size)
    stream = pyte.Stream(screen)
    assert pieces[0][1:] == ["o", "\x1b[?1049h"]
    for _, kind, data in pieces:
        if kind == "r":
            columns, rows = map(int, data.split("x"))
            screen.resize(rows, columns)
        else:
            stream.feed(data)
        yield screen


def cells(screen: pyte.Screen) -> list[list[pyte.screens.Char]]:
    return [[screen.buffer[row][column] for column in range(screen.columns)] for row in range(screen.lines)]


def test_what_is_recorded_plays_as_it_was_shown(
    make_run: MakeRun, terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    make_run("my-run", live=True)
    shown = terminal(
        "--record", "a.cast", "--provider", "cpu", COLUMNS="80", LINES="24"
    )  # which the terminal knows better
    seen = []
    for key, expected in (("", "my-run"), ("3", "0.0156"), ("4", "64 wide")):
        shown.child.send(key)
        shown.wait_for(expected)
        shown.settle()
        seen.append(cells(shown.screen))
    shown.resize(100, 30)
    shown.child.send("2")
    shown.wait_for("stacked")
    shown.settle()
    seen.append(cells(shown.screen))
    shown.child.send("q")
    assert shown.wait_for_end() == 0
    wanted = iter(seen)
    looked_for = next(wanted)
    for screen in played(tmp_path / "a.cast", (80, 24)):
        if looked_for is not None and cells(screen) == looked_for:
            looked_for = next(wanted, None)
    assert looked_for is None
    pieces = (json.loads(line) for line in (tmp_path / "a.cast").read_text().splitlines()[1:])
    assert "".join(piece[2] for piece in pieces).endswith(f"{RESTORED}\x1b[?25h")


def test_a_recording_that_is_killed_is_whole_to_its_last_line(
    make_run: MakeRun, terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    make_run("my-run")
    shown = terminal("--record", "a.cast")
    shown.wait_for("my-run")
    shown.read(1.0)
    seen = cells(shown.screen)
    shown.child.kill(signal.SIGKILL)
    assert shown.wait_for_end() == 128 + signal.SIGKILL
    *_, last = played(tmp_path / "a.cast", (80, 24))
    assert cells(last) == seen


def test_a_recording_that_fills_the_disk_ends_and_the_ui_goes_on(
    make_run: MakeRun, terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    make_run("my-run")
    few = f"ulimit -f 16; exec {AETUI} --record a.cast"
    shown = terminal(program=("/bin/sh", "-c", few))
    shown.wait_for("my-run")
    for key in "12121212":
        shown.child.send(key)
        shown.read(0.2)
    shown.wait_for("a.cast ended early")
    shown.child.send("2")
    shown.wait_for("stacked")
    shown.child.send("q")
    assert shown.wait_for_end() == 5
    assert RESTORED in shown.sent
    after = shown.sent[shown.sent.rindex(RESTORED) :]
    assert "a.cast ended early" in after
    for _ in played(tmp_path / "a.cast", (80, 24)):
        pass


@pytest.mark.parametrize(("path", "status"), [("there.cast", 2), ("no/a.cast", 1), ("runs", 2)])
def test_a_recording_that_cannot_be_made_is_refused_in_three_lines(
    make_run: MakeRun, terminal: Callable[..., Terminal], tmp_path: Path, path: str, status: int
) -> None:
    make_run("my-run")
    (tmp_path / "there.cast").write_text("precious")
    shown = terminal("--record", path)
    assert shown.wait_for_end() == status
    assert [line.partition(":")[0] for line in shown.sent.splitlines()] == ["error", "why", "do"]
    assert "\x1b" not in shown.sent
    assert (tmp_path / "there.cast").read_text() == "precious"
