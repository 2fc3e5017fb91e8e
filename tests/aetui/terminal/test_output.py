"""What is on its way to the terminal is heard, in order, and arrives all the same."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys

import pytest

from aetui.settings import Settings
from aetui.shell import Shell
from aetui.terminal.output import Output

PROGRAM = """
import json, sys
from textual.app import App, ComposeResult
from textual.widgets import Static
from aetui.terminal.output import Output

class Small(App):
    def __init__(self):
        super().__init__(driver_class=Output)
        self.listeners = [heard.append]

    def compose(self) -> ComposeResult:
        yield Static("grüße ▀▄█")

    def on_mount(self) -> None:
        self.set_timer(0.2, self.exit)

heard = []
Small().run()
json.dump("".join(heard), sys.stdout)
"""


def test_what_is_heard_is_what_the_terminal_gets() -> None:
    ours, theirs = pty.openpty()
    environ = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, env=environ
    ) as child:
        os.close(theirs)
        arrived = b""
        with contextlib.suppress(OSError):  # how Linux says that the other end is closed
            while chunk := os.read(ours, 65536):
                arrived += chunk
        assert child.stdout is not None
        heard = json.load(child.stdout)
    os.close(ours)
    assert "grüße ▀▄█" in heard
    assert heard.startswith("\x1b[?1049h")
    assert arrived.decode().replace("\r\n", "\n") == heard.replace("\r\n", "\n")


def test_a_driver_that_the_environment_names_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Shell(Settings(), "auto", None, False).driver_class is Output
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    assert Shell(Settings(), "auto", None, False).driver_class is not Output
