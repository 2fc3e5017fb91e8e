"""``line_mode_kept()``: what the kernel does with typed lines is afterwards as it was before."""

from __future__ import annotations

import contextlib
import sys
import termios
from collections.abc import Iterator


@contextlib.contextmanager
def line_mode_kept() -> Iterator[None]:
    """Textual does this too, but once it was stopped and continued it takes its own mode for the one it found."""
    try:
        number = sys.__stdin__.fileno() if sys.__stdin__ is not None else -1
        before = termios.tcgetattr(number)
    except (OSError, ValueError, termios.error):
        yield  # no terminal, nothing to keep
        return
    try:
        yield
    finally:
        with contextlib.suppress(OSError, termios.error):  # the terminal may be gone
            termios.tcsetattr(number, termios.TCSADRAIN, before)
