"""The app: what the screens share. It follows the runs, keeps the selection, and owns the engine process.

Nothing here imports numpy: the first frame is on the screen before what takes long is loaded.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen

from aetui import keys
from aetui.follow.sources import Sources
from aetui.screens.opening import OpeningScreen
from aetui.selection import Selection
from aetui.settings import Settings
from aetui.shell import Shell
from export.errors import ToolError

if TYPE_CHECKING:
    from aetui.engine.client import Answer, Engine
    from aetui.engine.desk import Desk
    from aetui.follow.entries import Entry
    from aetui.follow.store import Follower, Store
    from aetui.gpu import GpuMeter
    from aetui.terminal.recording import Recording


class Changed(Message):
    """The store found something new; several of them are one."""

    bubble = False

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Changed)


def _screen(module: str, name: str) -> Callable[[], Screen[None]]:
    """A screen whose module is imported when it is first shown."""

    def make() -> Screen[None]:
        made: Screen[None] = getattr(importlib.import_module(f"aetui.screens.{module}"), name)()
        return made

    return make


class AetuiApp(Shell):
    """Looks at the runs and bundles of ``sources``."""

    TITLE = "aetui"
    CSS_PATH = "app.tcss"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {
        "opening": OpeningScreen,
        "runs": _screen("runs", "RunsScreen"),
        "curves": _screen("curves", "CurvesScreen"),
        "reconstructions": _screen("reconstructions", "ReconstructionsScreen"),
        "latent": _screen("latent", "LatentScreen"),
        "units": _screen("units", "UnitsScreen"),
        "field": _screen("field", "FieldScreen"),
        "timemachine": _screen("timemachine", "TimeMachineScreen"),
    }
    DEFAULT_MODE = "opening"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.EVERYWHERE)]

    def __init__(
        self,
        sources: Sources,
        *,
        provider: str = "auto",
        render: str = "auto",
        settings: Settings | None = None,
        state_file: Path | None = None,
        debug: bool = False,
        recording: Recording | None = None,
    ) -> None:
        super().__init__(settings or Settings(), render, state_file, debug, recording)
        self.sources = sources
        self.entries: tuple[Entry, ...] = ()
        self.selection = Selection()
        self._provider = provider
        self._desk: Desk | None = None
        self._store: Store | None = None
        self._follower: Follower | None = None
        self._gpu: GpuMeter | None = None
        self._visited: list[str] = []

    def on_mount(self) -> None:
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.run_worker(self._load(), name="load")

    async def _load(self) -> None:
        """Import what takes long in a thread, while the first frame is seen; then follow the runs."""
        await asyncio.to_thread(importlib.import_module, "aetui.screens.runs")
        if not self.is_running:
            return  # somebody left before there was anything to leave
        from aetui.engine.desk import Desk
        from aetui.follow.log_cache import user_cache
        from aetui.follow.store import Follower, Store
        from aetui.gpu import GpuMeter
        from aetui.terminal.driver import keep_one_reader

        keep_one_reader(self)
        self.start_painter()
        self._desk = Desk(self._provider, self.update_page)
        self._store = Store(self.sources, user_cache(os.environ))
        self.selection.restore(self.remembered("selection"))
        self._follower = Follower(self._store, lambda: self.post_message(Changed()))
        wanted = self._visited[-1] if self._visited else self.sources.first_screen() or self.state.get("screen")
        self._visited.clear()
        self.switch_mode(wanted if wanted in keys.SCREENS else "runs")
        self._follower.start()
        self._gpu = GpuMeter(lambda: self.post_message(Changed()))
        self._gpu.start()
        if not gc.isenabled():
            gc.freeze()  # modules and classes stay: no collection need look at them again
            gc.enable()

    async def on_unmount(self) -> None:
        self.remember({"selection": self.selection.state(), "screen": self.current_mode})
        for thread in (self._follower, self._gpu):
            if thread is not None:
                thread.stop()
        if self._desk is not None:
            await self._desk.stop()

    # The runs

    def on_changed(self, message: Changed) -> None:
        if self._store is None:
            return
        self.entries = self._store.entries
        self.selection.follow(self.entries)
        self.update_page()
        self._learn_provider()

    @property
    def looked(self) -> bool:
        """True once the runs folder has been looked at."""
        return self._store is not None and self._store.looked

    def selected_entry(self) -> Entry | None:
        """The run under the cursor, as it is now; None where there is none."""
        return next((entry for entry in self.entries if entry.path == self.selection.path), None)

    def marked_entries(self) -> list[Entry]:
        """The marked runs in the order of their marks."""
        by_path = {entry.path: entry for entry in self.entries}
        return [by_path[path] for path in self.selection.marked if path in by_path]

    def select(self, path: Path, *, chosen: bool = True) -> None:
        """Make ``path`` the run that all screens are about. chosen: the user said so."""
        now = self.selection
        if (now.path, now.chosen) != (path, chosen):
            now.path, now.chosen = path, chosen or now.chosen
            self.update_page()

    def select_next(self, by: int, shown: Entry | None) -> None:
        """Go on from the run that is shown, round the end."""
        if self.entries:
            every = [entry.path for entry in self.entries]
            paths = [path for path in self.selection.order if path in every] or every
            at = paths.index(shown.path) if shown is not None and shown.path in paths else -by
            self.select(paths[(at + by) % len(paths)])

    # The engine

    async def ask(self, question: Callable[[Engine], Awaitable[Answer]]) -> Answer:
        """Put ``question`` to the engine; the first one starts its process. Raises ToolError."""
        assert self._desk is not None, "the first screen that asks comes after it"
        return await self._desk.ask(question)

    def status(self) -> str:
        """How busy the GPU is, and what the model really runs on, as far as it is known."""
        provider = (self._desk.provider_text if self._desk is not None else None) or "engine: no model yet"
        gpu = self._gpu.line if self._gpu is not None else ""
        return f"{gpu}  {provider}" if gpu else provider

    def _learn_provider(self) -> None:
        """One picture through the first model there is: only a session that ran tells the truth."""
        if self._desk is not None and self._desk.provider_text is None and not self.workers_busy("provider"):
            entry = next((entry for entry in self.entries if entry.model is not None), None)
            if entry is not None:
                self.run_worker(self._try_model(entry), group="provider", exit_on_error=False)

    async def _try_model(self, entry: Entry) -> None:
        from aetui.probes import probe_pixels

        with contextlib.suppress(ToolError, OSError):
            images = probe_pixels(entry)[:1]
            await self.ask(lambda engine: engine.reconstruct(entry.model or entry.path, images))

    def workers_busy(self, group: str) -> bool:
        """True while a worker of ``group`` runs."""
        return any(worker.group == group and not worker.is_finished for worker in self.workers)

    # Keys

    def action_go(self, screen: str) -> None:
        if self._follower is None:
            self._visited.append(screen)  # it is shown as soon as it can be
        elif screen != self.current_mode and len(self.screen_stack) == 1:
            self._visited.append(self.current_mode)
            self.switch_mode(screen)

    async def action_back(self) -> None:
        """Close what lies on top, else go to the screen before, else to the runs."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        elif (page := self.page()) is not None and page.leave():
            return
        elif self.current_mode not in ("runs", "opening") or self._visited:
            before = self._visited.pop() if self._visited else "runs"
            if before != self.current_mode:
                self.switch_mode(before)
