"""``History``: the frames of one run as a screen goes through them, read off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from aetui.follow.entries import Entry
from aetui.latent.load import attribute_names_of
from aetui.latent.pca import Components
from aetui.timemachine.timeline import FrameCache, around, projection_of
from export.errors import ToolError
from trainer.runs.samples import Sample, steps

AHEAD = 2
"""So many frames in each direction are read before they are asked for."""


class History:
    """steps: that have a frame, ascending. last: the newest frame; its principal components are those of the map."""

    def __init__(self, cache: FrameCache) -> None:
        self._cache = cache
        self.folder: Path | None = None
        self.steps: list[int] = []
        self.last: Sample | None = None
        self.components: Components | None = None
        self.attribute_names: tuple[str, ...] = ()

    async def look(self, folder: Path, entry: Entry) -> None:
        """See which frames of ``entry`` there are in ``folder``. Raises ToolError where the newest cannot be read."""
        found = await asyncio.to_thread(steps, folder)
        if folder != self.folder:
            self.folder, self.last, self.components = folder, None, None
            self.attribute_names = await asyncio.to_thread(attribute_names_of, entry)
        self.steps = found
        if not found:
            self.last = None
            return
        last = await self._cache.read(folder, found[-1])
        if last is not self.last:
            before = self.components
            self.components = await asyncio.to_thread(projection_of, last.latent, before) if len(last.latent) else None
            self.last = last

    def held(self, step: int) -> Sample | None:
        """The frame of a step where it is known without reading."""
        return None if self.folder is None else self._cache.held(self.folder, step)

    async def frame(self, step: int) -> Sample:
        """The frame of a step. Raises ToolError."""
        assert self.folder is not None, "look comes first"
        return await self._cache.read(self.folder, step)

    async def read_ahead(self, at: int, direction: int, stop: Callable[[], bool]) -> None:
        """Read what is likely to be asked for next, until ``stop()``; what cannot be read is passed over."""
        for step in around(self.steps, at, AHEAD, direction):
            if stop() or self.folder is None:
                return
            try:
                await self._cache.read(self.folder, step)
            except ToolError:
                continue
