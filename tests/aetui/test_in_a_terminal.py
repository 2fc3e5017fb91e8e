"""The real command in a pseudo-terminal: what it shows, and how it leaves the terminal behind."""

from __future__ import annotations

import os
import signal
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

from trainer.runs.folder import RunFolder

from .pseudo_terminal import AETUI, RESTORED, Terminal

MakeRun = Callable[..., RunFolder]


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
