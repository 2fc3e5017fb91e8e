"""The driver of the app on a real terminal: Textual's own, to whose output others can listen."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable
from typing import IO, Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.events import CursorPosition, Key
from textual.message import Message

from aetui.terminal.torn_reports import TornReports

Reported = Callable[[int, int], None]
"""Called with column and row of the cursor, from 0."""

Listener = Callable[[str], None]
"""Called with text on its way to the terminal: whole characters and whole control sequences."""

_QUESTION = "\x1b[6n"
_PATIENCE_S = 5.0
"""So long after a question its answer may come."""
_HELD_S = 1.0
"""So long the second piece of an answer may follow the first."""


class Lasting:
    """A file that takes everything also when the terminal behind it is gone; then it calls ``gone`` for each piece.

    Textual's thread that writes would end with the first error, and the event loop would wait for it for ever.
    """

    def __init__(self, file: IO[str], gone: Callable[[], None]) -> None:
        self._file, self._gone = file, gone

    def write(self, text: str) -> None:
        try:
            self._file.write(text)
        except OSError:
            self._gone()

    def flush(self) -> None:
        try:
            self._file.flush()
        except OSError:
            self._gone()

    def fileno(self) -> int:
        return self._file.fileno()


class Output(LinuxDriver):
    """Writes as LinuxDriver does, after every listener was called with the same text.

    Most is written by the event loop, some by the thread that reads the keys. What the app wants heard from the first
    byte on is in its ``listeners`` when it starts.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._file: Any = Lasting(self._file, self._leave)
        self.listeners: list[Listener] = list(getattr(app, "listeners", ()))
        self._reported: Reported | None = None
        self._begins: Callable[[], None] = lambda: None
        self._ends: Callable[[], None] = lambda: None
        self._reads = False
        self._torn = TornReports()
        self._asked_at, self._unanswered = 0.0, 0

    def _leave(self) -> None:
        """As after SIGHUP, which does not come where the terminal was none of the session."""
        with contextlib.suppress(RuntimeError):  # the event loop is closed: it has left
            self._loop.call_soon_threadsafe(self._app.exit, 128 + signal.SIGHUP)

    def on_input(self, begins: Callable[[], None], ends: Callable[[], None]) -> None:
        """From now on ``ends`` is called before nobody reads what the terminal says (the app ends or is suspended), and
        may take its time; ``begins`` when it is read again."""
        self._begins, self._ends = begins, ends

    def on_report(self, reported: Reported) -> None:
        """From now on ``reported`` is called with every position of the cursor that the terminal tells, nobody else.

        It is called by the thread that reads the keys, also while ``ends`` of ``on_input`` takes its time.
        """
        self._reported = reported

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._reads = True
        self._begins()

    def disable_input(self) -> None:
        if self._reads:
            self._reads = False
            self._ends()
        super().disable_input()

    def process_message(self, message: Message) -> None:
        if isinstance(message, Key) and (self._torn.holds or self._awaits()):
            found = self._torn.add(message)
            self._hand_on(found.keys)
            if found.report is not None:
                self._answered(found.report[1] - 1, found.report[0] - 1)
            elif self._torn.holds:
                self._loop.call_soon_threadsafe(self._loop.call_later, _HELD_S, self._let_go_old)
            return
        self._hand_on(self._torn.rest())
        if isinstance(message, CursorPosition) and self._reported is not None:
            self._answered(message.x, message.y)
        else:
            super().process_message(message)

    def _awaits(self) -> bool:
        """Whether an answer is on its way, so that keys may be a piece of it."""
        return self._unanswered > 0 and time.monotonic() - self._asked_at < _PATIENCE_S

    def _answered(self, x: int, y: int) -> None:
        self._unanswered = max(0, self._unanswered - 1)
        if self._reported is not None:
            self._reported(x, y)

    def _hand_on(self, keys: list[Key]) -> None:
        for key in keys:
            super().process_message(key)

    def _let_go_old(self) -> None:
        """What has been held back for so long were keys."""
        self._hand_on(self._torn.rest(time.monotonic() - _HELD_S))

    def write(self, data: str) -> None:
        for listener in self.listeners:
            listener(data)
        if _QUESTION in data:
            self._asked_at = time.monotonic()
            self._unanswered += data.count(_QUESTION)
        super().write(data)
