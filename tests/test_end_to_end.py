"""The whole line through the real commands in a real (pseudo) terminal, as a user at 80×24 meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pyte
import pytest

from .conftest import Command

PROGRAMS = Path(sys.executable).parent
COLUMNS, ROWS = 80, 24


class Terminal:
    """A program in a pseudo terminal, and what its screen shows."""

    def __init__(self, command: list[str], cwd: Path) -> None:
        environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "", "LINES": ""}
        environment = {
            name: value for name, value in environment.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")
        }
        self.process = pexpect.spawn(
            command[0], command[1:], cwd=str(cwd), dimensions=(ROWS, COLUMNS), env=environment, timeout=60
        )
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""

    def read(self) -> str:
        """Take in what has been written so far; the screen as text. What plays never pauses: half a second will do."""
        deadline = time.monotonic() + 0.5
        try:
            while time.monotonic() < deadline:
                data = self.process.read_nonblocking(1 << 16, timeout=0.05)
                self.raw += data
                self._stream.feed(data)
        except (pexpect.TIMEOUT, pexpect.EOF):
            pass
        return "\n".join(self._screen.display)

    def painted_cells(self) -> int:
        """How many cells have a background of their own: a picture in half blocks is made of these."""
        self.read()
        return sum(cell.bg != "default" for row in self._screen.buffer.values() for cell in row.values())

    def wait_for(self, what: str | Callable[[str], bool], seconds: float = 60) -> str:
        """The screen, once it shows ``what``."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            shown = self.read()
            if what(shown) if callable(what) else what in shown:
                return shown
            if not self.process.isalive():
                break
        raise AssertionError(f"never saw {what!r}; the screen is\n{self.read()}")

    def press(self, keys: str) -> None:
        self.process.send(keys)

    def exit_code(self) -> int | None:
        self.process.expect(pexpect.EOF)
        self.raw += self.process.before or b""
        self.process.close()
        return self.process.exitstatus  # type: ignore[no-any-return]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def start(program: str, *arguments: str) -> Terminal:
        opened.append(Terminal([str(PROGRAMS / program), *arguments], tmp_path))
        return opened[-1]

    yield start
    for each in opened:
        each.process.close(force=True)


def test_from_images_to_the_screen(tmp_path: Path, terminal: Callable[..., Terminal], command: Command) -> None:
    fit = terminal("aetrain", "fit", "undercomplete", "variational", "--steps", "1500", "--name", "e")
    fit.wait_for("images/s")
    assert fit.exit_code() == 0
    assert "test MSE" in fit.raw.decode()
    assert b"epoch" in fit.raw

    exported = command("aetrain", "export", "--format", "onnx", "--output", "out")
    assert exported.returncode == 0, exported.stderr
    bundle = tmp_path / "out" / "e-variational"
    assert command("aetrain", "verify", bundle).returncode == 0
    alone = subprocess.run(
        [sys.executable, "infer.py"], cwd=bundle / "examples", capture_output=True, text=True, timeout=60, check=False
    )
    assert alone.returncode == 0, alone.stderr

    screen = terminal("aetui", "--provider", "cpu")
    screen.wait_for(lambda text: "e-undercomplete" in text and "e-variational" in text)
    screen.press("2")
    screen.wait_for("reconstruction")
    screen.press("3")
    screen.wait_for(lambda text: "CPU" in text and "mean mse" in text)
    assert screen.painted_cells() > 200
    screen.press("4")
    screen.wait_for(lambda text: "t = 0.00" in text and "paused" in text)
    assert screen.painted_cells() > 200
    screen.press(" ")
    screen.wait_for(lambda text: "playing" in text or "t = 0.00" not in text)
    screen.press("q")
    assert screen.exit_code() == 0
    assert b"\x1b[?1049l" in screen.raw  # the alternate screen is left
    assert b"\x1b[?25h" in screen.raw  # the cursor is back


def test_a_run_is_followed_while_it_trains_and_stopped_by_ctrl_c(
    tmp_path: Path, terminal: Callable[..., Terminal]
) -> None:
    fit = terminal("aetrain", "fit", "variational", "--steps", "1000000", "--name", "live")
    fit.wait_for("images/s")
    screen = terminal("aetui", "live", "--provider", "cpu")
    first = screen.wait_for("running")
    screen.wait_for(lambda text: "running" in text and text != first)
    fit.press("\x03")
    assert fit.exit_code() == 130
    assert "aetrain resume" in fit.raw.decode()
    screen.wait_for("stopped")
    screen.press("q")
    assert screen.exit_code() == 0
    status = json.loads((tmp_path / "runs" / "live" / "status.json").read_text())
    assert (tmp_path / "runs" / "live" / "checkpoints" / f"step-{status['step']:08d}").is_dir()
