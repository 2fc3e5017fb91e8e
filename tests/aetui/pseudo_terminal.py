"""The real command in a pseudo-terminal."""

from __future__ import annotations

import os
import sys
import termios
import time
from pathlib import Path

import pexpect
import pyte

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
