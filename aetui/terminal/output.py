"""The driver of the app on a real terminal: Textual's own, to whose output others can listen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

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

    def write(self, data: str) -> None:
        for listener in self.listeners:
            listener(data)
        super().write(data)
