"""The app's one engine: started by the first question, and remembered for what it runs on."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable

from aetui.engine.client import Answer, Engine
from aetui.places import log_file


class Desk:
    """Where the screens put their questions. provider_text: what the newest answer came from; None before the first."""

    def __init__(self, provider: str, on_provider: Callable[[], object]) -> None:
        self.provider_text: str | None = None
        self.engine: Engine | None = None
        self._provider = provider
        self._on_provider = on_provider

    async def ask(self, question: Callable[[Engine], Awaitable[Answer]]) -> Answer:
        """Put ``question`` to the engine; the first one starts its process. Raises ToolError."""
        if self.engine is None:
            self.engine = Engine(self._provider, log_file(os.environ, "engine.log"))
        answer = await question(self.engine)
        if answer.provider_text != self.provider_text:
            self.provider_text = answer.provider_text
            self._on_provider()
        return answer

    async def stop(self) -> None:
        """End the engine's process where there is one."""
        if self.engine is not None:
            await self.engine.stop()
