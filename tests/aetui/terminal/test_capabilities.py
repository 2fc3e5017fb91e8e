from __future__ import annotations

import io

import pytest
from rich.console import Console

from aetui.paint.look import Look
from aetui.terminal.capabilities import RENDERS, Capabilities, capabilities, look_for
from export.errors import ExitCode, ToolError

ENVIRONMENTS = [
    {"TERM": "xterm-256color"},
    {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
    {"TERM": "tmux-256color", "COLORTERM": "24bit"},
    {"TERM": "screen-256color"},
    {"TERM": "xterm"},
    {"TERM": "linux"},
    {"TERM": "xterm-kitty"},
    {"TERM": "vt100"},
    {},
]


@pytest.mark.parametrize("environ", ENVIRONMENTS)
def test_the_depth_is_what_rich_would_send(environ: dict[str, str]) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, legacy_windows=False, _environ=environ)
    expected = {"truecolor": "truecolor", "256": "256", "standard": "16"}[str(console.color_system)]
    assert capabilities(environ, "utf-8").depth == expected


@pytest.mark.parametrize("no_color", ["", "1"])
def test_no_color_means_none(no_color: str) -> None:
    environ = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": no_color}
    assert capabilities(environ, "utf-8").depth == "mono"


@pytest.mark.parametrize(
    ("forced", "depth"), [("truecolor", "truecolor"), ("256", "256"), ("standard", "16"), ("auto", "16")]
)
def test_the_depth_can_be_forced_as_for_textual(forced: str, depth: str) -> None:
    assert capabilities({"TERM": "xterm", "TEXTUAL_COLOR_SYSTEM": forced}, "utf-8").depth == depth


@pytest.mark.parametrize(
    ("encoding", "unicode"),
    [
        ("utf-8", True),
        ("UTF8", True),
        ("utf-16", True),
        ("ascii", False),
        ("latin-1", False),
        (None, False),
        ("?", False),
    ],
)
def test_block_characters_need_utf(encoding: str | None, unicode: bool) -> None:
    assert capabilities({"TERM": "xterm"}, encoding).unicode is unicode


@pytest.mark.parametrize("term", ["dumb", "unknown"])
def test_a_dumb_terminal_is_told(term: str) -> None:
    found = capabilities({"TERM": term}, "utf-8")
    assert found.dumb
    assert found.depth == "mono"


FULL = Capabilities(depth="truecolor", unicode=True, dumb=False)


def test_auto_takes_the_best_that_there_is() -> None:
    assert look_for(FULL) == Look(pixels="half", depth="truecolor")
    assert look_for(Capabilities(depth="256", unicode=False, dumb=False)) == Look(
        pixels="characters", depth="256", unicode=False
    )
    assert look_for(Capabilities(depth="mono", unicode=True, dumb=False)) == Look(pixels="characters", depth="mono")


def test_a_wish_is_followed_where_the_terminal_can() -> None:
    assert look_for(FULL, "ascii", dark=False) == Look(pixels="characters", depth="mono", unicode=False, dark=False)
    assert look_for(FULL, "gray") == Look(pixels="characters", depth="truecolor")
    assert look_for(FULL, "truecolor").exact
    without = Capabilities(depth="16", unicode=False, dumb=False)
    for render in RENDERS:
        assert not look_for(without, render).unicode
        assert look_for(without, render).pixels == "characters"


def test_an_unknown_wish_names_the_nearest() -> None:
    with pytest.raises(ToolError, match="halff") as caught:
        look_for(FULL, "halff")
    assert caught.value.exit_code == ExitCode.USAGE
    assert "'half'" in caught.value.do
