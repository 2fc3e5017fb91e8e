"""The driver of the app on a real terminal: Textual's own, to whose output others can listen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.events import CursorPosition
from textual.message import Message

Reported = Callable[[int, int], None]
"""Called with column and row of the cursor, from 0."""

Listener = Callable[[str], None]
"""Called with text on its way to the terminal: whole characters and whole control sequences."""


class Output(LinuxDriver):
    """Writes as LinuxDriver does, after every listener was called with the same text.

    Most is written by the event loop, some by the thread that reads the keys. What the app wants heard from the first
    byte on is in its ``listeners`` when it starts.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.listeners: list[Listener] = list(getattr(app, "listeners", ()))
        self._reported: Reported | None = None

    def on_report(self, reported: Reported) -> None:
        """From now on ``reported`` is called with every position of the cursor that the terminal tells, nobody else.

        It is called by the thread that reads the keys, also while the app is closing.
        """
        self._reported = reported

    def process_message(self, message: Message) -> None:
        if isinstance(message, CursorPosition) and self._reported is not None:
            self._reported(message.x, message.y)
            return
        super().process_message(message)

    def write(self, data: str) -> None:
        for listener in self.listeners:
            listener(data)
        super().write(data)
