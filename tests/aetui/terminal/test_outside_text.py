from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from aetui.terminal.outside_text import outside, plain


@given(text=st.text(), limit=st.integers(0, 30), unicode=st.booleans())
def test_no_text_can_drive_the_terminal_or_outgrow_its_place(text: str, limit: int, unicode: bool) -> None:
    shown = outside(text, limit, unicode=unicode)
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in shown.plain)
    assert sum(cell_len(character) for character in shown.plain) <= limit
    assert shown.spans == []
    if not unicode:
        assert shown.plain.isascii()


def test_markup_and_escape_sequences_are_shown_as_they_are() -> None:
    assert outside("[/red] \x1b[31m").plain == "[/red] ␛[31m"
    assert plain("\u202eabc") == "<U+202E>abc"


def test_what_is_cut_ends_in_an_ellipsis() -> None:
    assert plain("abcdef", 4) == "abc…"
    assert plain("abcdef", 4, unicode=False) == "abc~"
    assert plain("abcd", 4) == "abcd"
    assert plain("漢字", 3) == "漢…"
