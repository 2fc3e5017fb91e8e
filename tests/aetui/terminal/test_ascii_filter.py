"""What a terminal without UTF-8 gets instead."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from aetui.terminal.ascii_filter import to_ascii


@pytest.mark.parametrize("text", ["─│┌█▀▌", "ünï 名前", "🔎 x", "✓•…", "e\u0301"])
def test_a_text_stays_as_wide_as_it_was(text: str) -> None:
    assert to_ascii(text).isascii()
    assert cell_len(to_ascii(text)) == cell_len(text)
