"""Copying through the terminal: OSC 52, which also reaches the clipboard at the other end of SSH."""

from __future__ import annotations

import base64
from collections.abc import Mapping

MOST_BYTES = 74_994
"""So much text makes 100,000 bytes of base64, which is where terminals (xterm, tmux) begin to refuse it."""


def copying(text: str, environ: Mapping[str, str]) -> str:
    """The control sequence that asks the terminal to copy ``text`` (at most ``MOST_BYTES`` of UTF-8, else cut).

    Inside tmux it is wrapped to pass through to the outer terminal (tmux: ``set -g allow-passthrough on``), and sent
    plainly as well, which tmux takes for its own buffer (``set-clipboard on``); GNU screen: wrapped alone.
    """
    data = text.encode("utf-8", "replace")[:MOST_BYTES].decode("utf-8", "ignore").encode()
    plain = f"\x1b]52;c;{base64.b64encode(data).decode()}\a"
    if environ.get("TMUX"):
        return plain + "\x1bPtmux;" + plain.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    if environ.get("STY"):
        return f"\x1bP{plain}\x1b\\"
    return plain
