"""The control sequences that copy."""

from __future__ import annotations

import base64
import re

from aetui.terminal.clipboard import MOST_BYTES, copying


def payload(sequence: str) -> str:
    found = re.search(r"]52;c;([A-Za-z0-9+/=]*)\a", sequence)
    assert found is not None
    return base64.b64decode(found[1]).decode()


def test_a_plain_terminal_gets_osc_52() -> None:
    assert copying("héllo\n", {}) == "\x1b]52;c;" + base64.b64encode("héllo\n".encode()).decode() + "\a"


def test_tmux_gets_it_for_itself_and_for_the_terminal_outside() -> None:
    sequence = copying("x", {"TMUX": "/tmp/tmux-0/default,1,0"})
    own, wrapped = sequence[: sequence.index("\x1bP")], sequence[sequence.index("\x1bP") :]
    assert own == copying("x", {})
    assert wrapped == "\x1bPtmux;\x1b" + own + "\x1b\\"


def test_screen_gets_it_wrapped() -> None:
    assert copying("x", {"STY": "1.pts"}) == "\x1bP" + copying("x", {}) + "\x1b\\"


def test_a_long_text_is_cut_between_characters() -> None:
    kept = payload(copying("é" * MOST_BYTES, {}))
    assert kept == "é" * (MOST_BYTES // 2)
    assert len(copying("é" * MOST_BYTES, {})) <= 100_000


def test_nothing_that_is_copied_can_end_the_sequence() -> None:
    assert copying("\a\x1b\\", {}).count("\x1b") == 1
