"""The real command in a pseudo-terminal: what it shows, and how it leaves the terminal behind."""

from __future__ import annotations

import json
import os
import signal
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pyte
import pytest

from trainer.runs.folder import RunFolder

MakeRun = Callable[..., RunFolder]

AETUI = str(Path(sys.executable).parent / "aetui")

RESTORED = "\x1b[?1049l"
"""The alternate screen is left."""


class Terminal:
    """``aetui`` in a pseudo-terminal, and what a terminal emulator makes of its output."""

    def __init__(self, command: list[str], folder: Path, size: tuple[int, int], environ: dict[str, str]) -> None:
        columns, rows = size
        # Keys of the shell that runs the tests (NO_COLOR, COLORTERM, …) must not decide what is shown here.
        kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLORTERM", "TERM")}
        self.child = pexpect.spawn(
            command[0],
            command[1:],
            cwd=str(folder),
            dimensions=(rows, columns),
            env={**kept, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **environ},
            encoding="utf-8",
            codec_errors="replace",
            timeout=30,
        )
        self.before = termios.tcgetattr(self.child.child_fd)
        self.sent = ""
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self.screen)

    def read(self, seconds: float = 0.2) -> None:
        """Take what the program writes for so long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._take():
            pass

    def settle(self, quiet_s: float = 0.8) -> None:
        """Take what the program writes until it has not written anything for so long."""
        begun = quiet = time.monotonic()
        while time.monotonic() < quiet + quiet_s:
            assert time.monotonic() < begun + 60, self.text()
            before = len(self.sent)
            if not self._take():
                return
            if len(self.sent) > before:
                quiet = time.monotonic()

    def _take(self) -> bool:
        """What there is within 50 ms; False: it has ended."""
        try:
            text = self.child.read_nonblocking(65536, timeout=0.05)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.sent += text
        self._stream.feed(text.replace("\x1b[?2026$p", "").replace("\x1b[?2048$p", ""))
        return True

    def resize(self, columns: int, rows: int) -> None:
        self.child.setwinsize(rows, columns)
        self.screen.resize(rows, columns)

    def text(self) -> str:
        return "\n".join(self.screen.display)

    def wait_for(self, text: str, seconds: float = 30.0) -> None:
        deadline = time.monotonic() + seconds
        while text not in self.text():
            assert time.monotonic() < deadline, f"no {text!r} in\n{self.text()}"
            self.read()

    def wait_for_end(self) -> int:
        """Read to the end; the exit status, 128 + n after signal n."""
        deadline = time.monotonic() + 30
        while self.child.isalive():
            assert time.monotonic() < deadline
            self.read(0.1)
        self.read(0.3)
        return self.child.exitstatus if self.child.exitstatus is not None else 128 + (self.child.signalstatus or 0)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def start(
        *arguments: str, size: tuple[int, int] = (80, 24), program: tuple[str, ...] = (AETUI,), **environ: str
    ) -> Terminal:
        opened.append(Terminal([*program, *arguments], tmp_path, size, environ))
        return opened[-1]

    yield start
    for one in opened:
        one.child.close(force=True)


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (20, 6)])
def test_it_shows_the_runs_and_q_leaves_the_terminal_as_it_was(
    make_run: MakeRun, terminal: Callable[..., Terminal], size: tuple[int, int]
) -> None:
    make_run("my-run")
    shown = terminal(size=size)
    shown.wait_for("my-run")
    shown.child.send("q")
    assert shown.wait_for_end() == 0
    assert RESTORED in shown.sent
    assert "\x1b[?25h" in shown.sent[shown.sent.rindex("\x1b[?25l") :]
    assert "Traceback" not in shown.sent


def test_the_mode_of_the_terminal_is_restored(make_run: MakeRun, terminal: Callable[..., Terminal]) -> None:
    make_run("my-run")
    shown = terminal()
    shown.wait_for("my-run")
    assert termios.tcgetattr(shown.child.child_fd)[3] != shown.before[3]
    shown.child.send("q")
    shown.wait_for_end()
    assert termios.tcgetattr(shown.child.child_fd)[:4] == shown.before[:4]


def test_stopped_and_continued_it_goes_on_and_still_restores_the_terminal(
    make_run: MakeRun, terminal: Callable[..., Terminal]
) -> None:
    make_run("my-run")
    shown = terminal()
    shown.wait_for("my-run")
    shown.child.send("\x1a")
    while "State:\tT" not in Path(f"/proc/{shown.child.pid}/status").read_text():
        shown.read(0.1)
    # Ctrl-Z leaves the shell an ordinary terminal.
    assert termios.tcgetattr(shown.child.child_fd)[:4] == shown.before[:4]
    shown.child.kill(signal.SIGCONT)
    for number in (signal.SIGSTOP, signal.SIGCONT):  # of which Textual sees the second alone
        shown.read(0.5)
        shown.child.kill(number)
    shown.sent = ""
    shown.child.send("2")
    shown.wait_for("stacked")
    shown.child.send("q")
    assert shown.wait_for_end() == 0
    assert RESTORED in shown.sent
    assert termios.tcgetattr(shown.child.child_fd)[:4] == shown.before[:4]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_order(
    make_run: MakeRun, terminal: Callable[..., Terminal], number: signal.Signals
) -> None:
    make_run("my-run")
    shown = terminal()
    shown.wait_for("my-run")
    shown.child.kill(number)
    assert shown.wait_for_end() == 128 + number
    assert RESTORED in shown.sent
    assert "Traceback" not in shown.sent


@pytest.mark.parametrize(
    "environ",
    [{"TERM": "xterm"}, {"TERM": "screen"}, {"COLORTERM": "truecolor"}, {"NO_COLOR": "1"}, {"TERM": "linux"}],
    ids=str,
)
def test_the_screens_come_up_on_every_kind_of_terminal(
    make_run: MakeRun, terminal: Callable[..., Terminal], environ: dict[str, str]
) -> None:
    make_run("my-run", live=True)
    shown = terminal("--provider", "cpu", **environ)
    shown.wait_for("my-run")
    shown.child.send("3")
    shown.wait_for("0.0156")
    shown.child.send("4")
    shown.wait_for("64 wide")
    shown.child.send("q")
    assert shown.wait_for_end() == 0


def test_a_terminal_without_utf_8_gets_ascii_alone(make_run: MakeRun, terminal: Callable[..., Terminal]) -> None:
    make_run("my-run", live=True)
    shown = terminal("--provider", "cpu", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    shown.wait_for("my-run")
    for key, expected in (("3", "0.0156"), ("4", "64 wide"), ("?", "Latent: deck")):
        shown.child.send(key)
        shown.wait_for(expected)
    shown.child.send("\x1b")
    shown.read(0.5)
    shown.child.send("q")
    assert shown.wait_for_end() == 0
    assert shown.sent.isascii()
    assert "\\u" not in shown.sent


def test_a_dumb_terminal_is_refused_in_three_lines(make_run: MakeRun, terminal: Callable[..., Terminal]) -> None:
    make_run("my-run")
    shown = terminal(TERM="dumb")
    assert shown.wait_for_end() == 2
    lines = shown.sent.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["error", "why", "do"]
    assert "--once" in lines[2]
    assert "\x1b" not in shown.sent


@pytest.mark.parametrize("redirection", ["< /dev/null", "<&-"])
def test_without_a_keyboard_it_is_refused_in_three_lines(
    make_run: MakeRun, terminal: Callable[..., Terminal], redirection: str
) -> None:
    make_run("my-run")
    shown = terminal(program=("/bin/sh", "-c", f"exec {AETUI} {redirection}"))
    assert shown.wait_for_end() == 2
    lines = shown.sent.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["error", "why", "do"]
    assert "\x1b" not in shown.sent


def test_on_a_dumb_terminal_once_still_prints(make_run: MakeRun, terminal: Callable[..., Terminal]) -> None:
    make_run("my-run")
    shown = terminal("--once", TERM="dumb")
    assert shown.wait_for_end() == 0
    assert "my-run" in shown.sent
    assert "\x1b" not in shown.sent


FAULTY = """
from aetui import cli, app
app.AetuiApp.action_toggle_mouse = {action}
cli.main()
"""
"""``aetui`` in which the key m is broken."""

BROKEN = {
    "in an action": "lambda self: 1 / 0",
    "in a callback": "lambda self: __import__('asyncio').get_running_loop().call_soon(lambda: 1 / 0) and None",
}


@pytest.mark.parametrize("action", BROKEN.values(), ids=BROKEN)
def test_a_fault_of_its_own_is_told_in_three_lines_on_a_restored_terminal(
    make_run: MakeRun, terminal: Callable[..., Terminal], action: str
) -> None:
    make_run("my-run")
    shown = terminal(program=(sys.executable, "-c", FAULTY.format(action=action)))
    shown.wait_for("my-run")
    shown.child.send("m")
    assert shown.wait_for_end() == 1
    after = shown.sent[shown.sent.rindex(RESTORED) :]
    said = [line.partition(":")[0].rpartition("l")[2] for line in after.splitlines() if ": " in line]
    assert said == ["error", "why", "do"]
    assert "ZeroDivisionError" in after
    assert termios.tcgetattr(shown.child.child_fd)[:4] == shown.before[:4]
    log = Path(os.environ["XDG_STATE_HOME"]) / "aetui" / "aetui.log"
    assert "<lambda>" in log.read_text()


def test_with_debug_the_traceback_of_a_fault_is_shown(make_run: MakeRun, terminal: Callable[..., Terminal]) -> None:
    make_run("my-run")
    shown = terminal("--debug", program=(sys.executable, "-c", FAULTY.format(action=BROKEN["in an action"])))
    shown.wait_for("my-run")
    shown.child.send("m")
    assert shown.wait_for_end() == 1
    assert "Traceback" in shown.sent


def test_the_mouse_is_left_to_the_terminal_where_it_is_asked_for(
    make_run: MakeRun, terminal: Callable[..., Terminal]
) -> None:
    make_run("my-run")
    shown = terminal("--no-mouse")
    shown.wait_for("my-run")
    assert "\x1b[?1000h" not in shown.sent
    shown.child.send("m")
    shown.wait_for("the mouse is the app's")
    assert "\x1b[?1000h" in shown.sent
    shown.child.send("m")
    shown.wait_for("drag to select")
    assert shown.sent.rindex("\x1b[?1000l") > shown.sent.rindex("\x1b[?1000h")
    shown.child.send("q")
    assert shown.wait_for_end() == 0


@pytest.mark.parametrize("environ", [{}, {"TMUX": "/tmp/tmux-0/default,1,0"}], ids=["plain", "tmux"])
def test_y_sends_the_text_to_the_clipboard(
    make_run: MakeRun, terminal: Callable[..., Terminal], environ: dict[str, str]
) -> None:
    make_run("my-run")
    shown = terminal(**environ)
    shown.wait_for("my-run")
    shown.child.send("y")
    shown.wait_for("copied")
    assert "\x1b]52;c;" in shown.sent
    assert ("\x1bPtmux;" in shown.sent) == bool(environ)
    shown.child.send("q")
    shown.wait_for_end()


def test_a_storm_of_resizes_is_survived(make_run: MakeRun, terminal: Callable[..., Terminal]) -> None:
    make_run("my-run", live=True)
    shown = terminal("--provider", "cpu")
    shown.wait_for("my-run")
    for number in range(120):
        shown.child.setwinsize(1 + number * 7 % 100, 1 + number * 13 % 300)
        if number % 10 == 0:
            shown.child.send(str(1 + number // 10 % 7))
    shown.child.setwinsize(24, 80)
    shown.child.send("1?")
    shown.wait_for("esc closes, arrows scroll")
    shown.child.send("\x1b")
    shown.wait_for("my-run")
    shown.child.send("q")
    assert shown.wait_for_end() == 0


def test_settings_that_mean_nothing_are_refused_in_three_lines(
    make_run: MakeRun, terminal: Callable[..., Terminal]
) -> None:
    make_run("my-run")
    folder = Path(os.environ["XDG_CONFIG_HOME"]) / "aetui"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("them = 'dark'\n")
    shown = terminal()
    assert shown.wait_for_end() == 2
    assert [line.partition(":")[0] for line in shown.sent.splitlines()] == ["error", "why", "do"]
    assert "did you mean theme?" in shown.sent


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
