"""A job that is asked for more often than it can run: it runs once more for all that came meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Latest:
    """Runs ``job`` when asked; never twice at a time, and never on an old question.

    Unlike cancelling the run before, this makes progress however fast the questions come.
    """

    def __init__(self, job: Callable[[], Awaitable[None]]) -> None:
        self._job = job
        self._wanted = False
        self._task: asyncio.Task[None] | None = None

    def ask(self) -> None:
        """Run the job soon (from the event loop only)."""
        self._wanted = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    @property
    def asked_again(self) -> bool:
        """True where a newer question waits: what the job does now may as well stop."""
        return self._wanted

    async def stop(self) -> None:
        """Cancel what runs."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while self._wanted:
            self._wanted = False
            await self._job()
