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
        self._begins: Callable[[], None] = lambda: None
        self._ends: Callable[[], None] = lambda: None
        self._reads = False

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
        if isinstance(message, CursorPosition) and self._reported is not None:
            self._reported(message.x, message.y)
            return
        super().process_message(message)

    def write(self, data: str) -> None:
        for listener in self.listeners:
            listener(data)
        super().write(data)
