"""What was told is kept."""

from __future__ import annotations

import pytest

from aetui.messages import MOST, QUIET_S, Messages


def test_the_newest_comes_first_and_errors_are_marked() -> None:
    messages = Messages()
    messages.add("started")
    messages.add("bundle is damaged", "hash differs\nexport it again", "error")
    lines = [line.partition("  ")[2] if line[:1].isdigit() else line for line in messages.text().splitlines()]
    assert lines == ["error: bundle is damaged", "    hash differs", "    export it again", "", "started"]


def test_the_same_is_new_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    messages = Messages()
    assert [messages.is_new("a"), messages.is_new("a"), messages.is_new("b")] == [True, False, True]
    now[0] += QUIET_S
    assert messages.is_new("a")


def test_old_ones_are_dropped() -> None:
    messages = Messages()
    for number in range(MOST + 5):
        messages.add(str(number))
    assert len(messages.all) == MOST
    assert messages.all[0].title == "5"


def test_nothing_told_is_no_text() -> None:
    assert Messages().text() == ""
