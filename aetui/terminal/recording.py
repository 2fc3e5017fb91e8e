"""``aetui --record FILE.cast``: what the terminal is sent, as an asciicast (version 2) that asciinema plays.

Keys are not recorded. What a terminal would answer, what changes what its keys and mouse send, and what fills its
clipboard is left out: played, it would be done to the terminal of whoever watches.
Source: https://docs.asciinema.org/manual/asciicast/v2
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from export.errors import ExitCode, ToolError, from_os_error

MOST_WAITING = 2000
"""So many pieces (60 MB of the largest) may wait for a slow disk before the recording is given up."""

LEAVE_S = 5.0
"""A disk that hangs keeps nobody from leaving for longer."""

_NOT_PLAYED = re.compile(
    r"\x1b(?:\[(?:\?(?:1000|1002|1003|1004|1006|1015|1016|2004|2048)[hl]"  # mouse, focus, paste, resizes as input
    r"|[<>=?]\d*u"  # the keys of kitty's protocol
    r"|\?\d+\$p|\??[56]n|[>=]?0?c|>0?q)"  # questions: modes, the cursor's position, what terminal it is
    r"|\]52;[^\x07\x1b]*(?:\x07|\x1b\\)"  # the clipboard, and what passes through tmux and GNU screen to it
    r"|P.*?(?<!\x1b)\x1b\\)",
    re.DOTALL,
)


class Recording:
    """A recording that begins with the first piece it hears. A thread of its own writes it, a whole line at a time.

    path: a new file; a ToolError (exit 2) where there is one already, an OSError where it cannot be made.
    size: columns and rows to begin with. ``error`` says why it ended early, if it did.
    """

    def __init__(self, path: Path, size: tuple[int, int], environ: Mapping[str, str]) -> None:
        self.error: ToolError | None = None
        self._path = path
        self._size = size
        self._failed: Callable[[ToolError], object] = lambda error: None
        self._began_s: float | None = None
        self._pieces: SimpleQueue[tuple[float, str, str] | None] = SimpleQueue()
        self._thread = Thread(target=self._write, name="recording", daemon=True)
        try:
            self._file = path.open("xb", buffering=0)
        except FileExistsError:
            raise ToolError(
                f"{path} exists already", why="--record overwrites nothing", do="give a new name, or remove the file"
            ) from None
        self._whole_bytes = 0
        try:
            self._append(header(size, time.time(), environ))
        except OSError as error:
            self._file.close()
            path.unlink()
            raise OSError(error.errno, error.strerror, str(path)) from None

    def begin(self, failed: Callable[[ToolError], object]) -> None:
        """Write from now on. failed: called once, from another thread, where it cannot go on."""
        self._failed = failed
        self._thread.start()

    def heard(self, text: str) -> None:
        """``text`` is on its way to the terminal."""
        self._note("o", text)

    def resized(self, columns: int, rows: int) -> None:
        """The terminal has this size from here on."""
        if (columns, rows) != self._size:
            self._size = columns, rows
            self._note("r", f"{columns}x{rows}")

    def close(self) -> None:
        """Write what waits, and end."""
        self._pieces.put(None)
        if self._thread.ident is None:
            self._write()  # the app failed before it could begin
        else:
            self._thread.join(LEAVE_S)

    def _note(self, kind: str, data: str) -> None:
        if self.error is not None:
            return
        now = time.monotonic()
        if self._began_s is None:
            self._began_s = now
        self._pieces.put((now - self._began_s, kind, data))
        if self._pieces.qsize() > MOST_WAITING:
            self._fail("the disk does not keep up")

    def _write(self) -> None:
        try:
            with self._file:
                try:
                    while self.error is None and (piece := self._pieces.get()) is not None:
                        self._append(event(*piece))
                except OSError:
                    os.ftruncate(self._file.fileno(), self._whole_bytes)
                    raise
        except OSError as error:
            self._fail(error.strerror or str(error), from_os_error(error).exit_code)

    def _append(self, line: str) -> None:
        data = memoryview(line.encode("utf-8", "replace"))
        while data:
            data = data[self._file.write(data) :]
        self._whole_bytes = self._file.tell()

    def _fail(self, why: str, exit_code: ExitCode = ExitCode.FAILED) -> None:
        if self.error is None:
            do = "what was recorded until then can be played"
            self.error = ToolError(f"the recording {self._path} ended early", why=why, do=do, exit_code=exit_code)
            self._failed(self.error)


def header(size: tuple[int, int], now: float, environ: Mapping[str, str]) -> str:
    """The first line. now: Unix seconds."""
    columns, rows = size
    env = {name: environ[name] for name in ("TERM", "SHELL") if name in environ}
    found = {"version": 2, "width": columns, "height": rows, "timestamp": int(now), "env": env, "title": "aetui"}
    return json.dumps(found) + "\n"


def event(seconds: float, kind: str, data: str) -> str:
    """A line of the stream; "" where nothing of ``data`` is to be played. kind: "o" output, "r" a new size."""
    played = _NOT_PLAYED.sub("", data)
    return json.dumps([round(seconds, 6), kind, played], ensure_ascii=False) + "\n" if played else ""
