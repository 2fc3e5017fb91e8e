"""Reports of the cursor that Textual's parser took for keys, and keys that look like the beginning of one."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key

from aetui.terminal.torn_reports import TornReports

REPORT = "\x1b[23;104R"


def taken(*pieces: str) -> list[Key]:
    """What Textual's parser makes of pieces with pauses between them; the key of a lone escape character apart."""
    parser, keys = XTermParser(False), []
    for piece in pieces:
        keys += parser.feed(piece)
        parser._timeout_time = None if parser._timeout_time is None else 0.0  # the pause
        keys += parser.tick()
    return [key for key in keys if isinstance(key, Key) and key.key != "escape"]


def found(keys: list[Key]) -> tuple[str, list[tuple[int, int]]]:
    """(What is typed, which reports there were)."""
    torn, typed, reports = TornReports(), [], []
    for key in keys:
        passed = torn.add(key)
        typed += passed.keys
        reports += [] if passed.report is None else [passed.report]
    typed += torn.rest()
    return "".join(key.character or "" for key in typed), reports


@pytest.mark.parametrize("at", range(1, len(REPORT)))
def test_a_report_is_found_wherever_it_was_torn(at: int) -> None:
    keys = taken("a", REPORT[:at], REPORT[at:], "b")
    assert len(keys) > 2  # else the parser has found it itself
    assert found(keys) == ("ab", [(23, 104)])


@pytest.mark.parametrize(
    "typed", ["[", "[[", "[7", "[7;", "[7;1", "[7;1;", "[7R", "[;R", "[[7;1r", "7;1R", "[12345;1R", "][", "a[7;1b"]
)
def test_whatever_else_is_typed_arrives_as_it_was(typed: str) -> None:
    assert found(taken(typed)) == (typed, [])


def test_a_bracket_that_is_typed_before_a_torn_report_arrives() -> None:
    assert found(taken("[", REPORT[:3], REPORT[3:])) == ("[", [(23, 104)])


def test_nothing_is_let_go_before_its_time() -> None:
    torn = TornReports()
    for key in taken("[7"):
        assert not torn.add(key).keys
    assert torn.rest(before=0.0) == []
    assert torn.holds
    assert "".join(key.character or "" for key in torn.rest(time.monotonic() + 1.0)) == "[7"
    assert not torn.holds


PROGRAM = """
import sys, time
from textual.app import App, ComposeResult
from textual.widgets import Input
from aetui.terminal.output import Output

class Small(App):
    def __init__(self):
        super().__init__(driver_class=Output)

    def compose(self) -> ComposeResult:
        yield Input()

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self._driver.on_report(lambda *place: places.append(place))
        self._driver.write("\\x1b[6n")
        self._driver.flush()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        print(places, repr(message.value), file=sys.__stdout__)
        self.exit()

places = []
Small().run()
"""


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        (["\x1b[7;", "5R", "ab\r"], "[(4, 6)] 'ab'"),
        (["[", "", "", "", "", "", "7\x1b[7;5R", "ab\r"], "[(4, 6)] '[7ab'"),
    ],
    ids=["torn", "a bracket is typed"],
)
def test_a_torn_report_is_not_typed_into_a_line(pieces: list[str], said: str) -> None:
    ours, theirs = pty.openpty()
    environ = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, env=environ
    ) as child:
        os.close(theirs)
        came = b""
        while b"\x1b[6n" not in came:
            came += os.read(ours, 65536)
        for piece in pieces:
            os.write(ours, piece.encode())
            time.sleep(0.25)
        assert child.stdout is not None
        assert child.stdout.read().decode().strip() == said
    os.close(ours)
