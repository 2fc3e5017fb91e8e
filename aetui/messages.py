"""What the app has told the user, kept so that it can be read again whole."""

from __future__ import annotations

import time
from collections import deque
from typing import Literal, NamedTuple

QUIET_S = 10.0
"""The same error is not shown again for so long."""

MOST = 200

Severity = Literal["information", "warning", "error"]


class Message(NamedTuple):
    """when: Unix seconds. title, text: made harmless already."""

    when: float
    severity: Severity
    title: str
    text: str


class Messages:
    """The newest ``MOST`` messages."""

    def __init__(self) -> None:
        self.all: deque[Message] = deque(maxlen=MOST)
        self._told: dict[str, float] = {}

    def add(self, title: str, text: str = "", severity: Severity = "information") -> Message:
        """Keep a message."""
        message = Message(when=time.time(), severity=severity, title=title, text=text)
        self.all.append(message)
        return message

    def is_new(self, what: str) -> bool:
        """False where this was said within the last ``QUIET_S``; asking counts as saying it."""
        now = time.monotonic()
        if now - self._told.get(what, -QUIET_S) < QUIET_S:
            return False
        self._told[what] = now
        return True

    def text(self) -> str:
        """All of them, newest first, as they are shown and copied."""
        blocks = []
        for message in reversed(self.all):
            clock = time.strftime("%H:%M:%S", time.localtime(message.when))
            mark = "" if message.severity == "information" else f"{message.severity}: "
            body = "".join(f"\n    {line}" for line in message.text.splitlines())
            blocks.append(f"{clock}  {mark}{message.title}{body}")
        return "\n\n".join(blocks)
