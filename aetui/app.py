"""The app: what the screens share. It follows the runs, keeps the selection, and owns the engine process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen

from aetui import keys
from aetui.engine.client import Answer, Engine
from aetui.engine.log import log_path
from aetui.entries import Entry
from aetui.paint.look import Look
from aetui.screens.curves import CurvesScreen
from aetui.screens.help import HelpScreen
from aetui.screens.latent import LatentScreen
from aetui.screens.page import Page
from aetui.screens.reconstructions import ReconstructionsScreen
from aetui.screens.runs import RunsScreen
from aetui.sources import Sources
from aetui.store import Follower, Store
from aetui.terminal.ascii_filter import AsciiFilter
from aetui.terminal.capabilities import Capabilities, capabilities, look_for
from export.errors import ToolError, visible

RENDER_CYCLE = ("half", "gray", "ascii")
_QUIET_S = 10.0


class Changed(Message):
    """The store found something new; several of them are one."""

    bubble = False

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Changed)


class AetuiApp(App[int]):
    """Looks at the runs and bundles of ``sources``. Leaves with 0, or with 128 + n at a signal n."""

    TITLE = "aetui"
    CSS_PATH = "app.tcss"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {
        "runs": RunsScreen,
        "curves": CurvesScreen,
        "reconstructions": ReconstructionsScreen,
        "latent": LatentScreen,
    }
    DEFAULT_MODE = "runs"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings(keys.EVERYWHERE)]
    look: reactive[Look] = reactive(Look())

    def __init__(self, sources: Sources, *, provider: str = "auto", render: str = "auto") -> None:
        super().__init__()
        self.sources = sources
        self.entries: tuple[Entry, ...] = ()
        self.marked: list[Path] = []
        self.selected: Path | None = None
        self.chosen = False
        self._provider = provider
        self._provider_text: str | None = None
        self._engine: Engine | None = None
        self._store = Store(sources)
        self._follower = Follower(self._store, lambda: self.post_message(Changed()))
        self._visited: list[str] = []
        self._told: dict[str, float] = {}
        self._terminal = _terminal()
        self.set_reactive(AetuiApp.look, look_for(self._terminal, render))
        if self._terminal.depth in ("16", "mono"):
            self.theme = "ansi-dark"

    def on_mount(self) -> None:
        self._watch_signals()
        self.call_after_refresh(self._follower.start)

    async def on_unmount(self) -> None:
        self._follower.stop()
        if self._engine is not None:
            await self._engine.stop()

    def _watch_signals(self) -> None:
        """A terminated or hung-up UI leaves in order: the terminal is restored and the engine process ends."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self.exit, 128 + number)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Where only ASCII arrives, also the frames and marks of Textual's own widgets are put into ASCII."""
        filters = super().get_line_filters()
        return filters if self.look.unicode else [*filters, AsciiFilter()]

    # The runs

    def on_changed(self, message: Changed) -> None:
        self.entries = self._store.entries
        paths = {entry.path for entry in self.entries}
        self.marked = [path for path in self.marked if path in paths]
        if self.selected not in paths:
            self.selected, self.chosen = (self.entries[0].path if self.entries else None), False
        self.update_page()
        self._learn_provider()

    @property
    def looked(self) -> bool:
        """True once the runs folder has been looked at."""
        return self._store.looked

    def update_page(self) -> None:
        """Let the screen below any dialog show the current state."""
        page = self.screen_stack[0] if self.screen_stack else None
        if isinstance(page, Page):
            page.update()

    def selected_entry(self) -> Entry | None:
        return next((entry for entry in self.entries if entry.path == self.selected), None)

    def marked_entries(self) -> list[Entry]:
        """The marked runs in the order of their marks."""
        by_path = {entry.path: entry for entry in self.entries}
        return [by_path[path] for path in self.marked if path in by_path]

    def select(self, path: Path, *, chosen: bool = True) -> None:
        """Make ``path`` the run that all screens are about. chosen: the user said so."""
        if (self.selected, self.chosen) != (path, chosen):
            self.selected, self.chosen = path, chosen or self.chosen
            self.update_page()

    def select_next(self, by: int, shown: Entry | None) -> None:
        """Go on from the run that is shown, round the end."""
        if self.entries:
            paths = [entry.path for entry in self.entries]
            at = paths.index(shown.path) if shown is not None and shown.path in paths else -by
            self.select(paths[(at + by) % len(paths)])

    # The engine

    async def ask(self, question: Callable[[Engine], Awaitable[Answer]]) -> Answer:
        """Put ``question`` to the engine; the first one starts its process. Raises ToolError."""
        if self._engine is None:
            self._engine = Engine(self._provider, log_path(os.environ))
        answer = await question(self._engine)
        if answer.provider_text != self._provider_text:
            self._provider_text = answer.provider_text
            self.update_page()
        return answer

    def provider_line(self) -> str:
        """What the model really runs on, as far as it is known."""
        return self._provider_text or "engine: no model yet"

    def _learn_provider(self) -> None:
        """One picture through the first model there is: only a session that ran tells the truth."""
        if self._provider_text is None and not self.workers_busy("provider"):
            entry = next((entry for entry in self.entries if entry.model is not None), None)
            if entry is not None:
                self.run_worker(self._try_model(entry), group="provider", exit_on_error=False)

    async def _try_model(self, entry: Entry) -> None:
        from aetui.probes import probe_pixels

        with contextlib.suppress(ToolError, OSError):
            images = probe_pixels(entry)[:1]
            await self.ask(lambda engine: engine.reconstruct(entry.model or entry.path, images))

    def workers_busy(self, group: str) -> bool:
        return any(worker.group == group and not worker.is_finished for worker in self.workers)

    def tell(self, error: ToolError) -> None:
        """Show an error as a toast; the same one not again for a while."""
        now = time.monotonic()
        if now - self._told.get(error.what, -_QUIET_S) >= _QUIET_S:
            self._told[error.what] = now
            text = f"{visible(error.why)}\n{visible(error.do)}"
            self.notify(text, title=visible(error.what), severity="error", timeout=_QUIET_S, markup=False)

    # Keys

    def action_go(self, screen: str) -> None:
        if screen != self.current_mode:
            if len(self.screen_stack) > 1:
                return
            self._visited.append(self.current_mode)
            self.switch_mode(screen)

    async def action_back(self) -> None:
        """Close what lies on top, else go to the screen before, else to the runs."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        elif self.current_mode != "runs" or self._visited:
            before = self._visited.pop() if self._visited else "runs"
            if before != self.current_mode:
                self.switch_mode(before)

    def action_show_help(self) -> None:
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.current_mode))

    def cycle_render(self) -> None:
        """The next way of drawing pictures that this terminal can show."""
        looks = list(dict.fromkeys(look_for(self._terminal, render) for render in RENDER_CYCLE))
        at = looks.index(self.look) if self.look in looks else -1
        self.look = looks[(at + 1) % len(looks)]
        self.update_page()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: what the keys of this screen do, then Textual's own themes and screenshot."""
        where = self.current_mode
        page = self.screen_stack[0]
        for key in keys.palette(where):
            owner = self if key.where == keys.EVERYWHERE else page
            title = f"{key.label[0].upper()}{key.label[1:]}"
            yield SystemCommand(title, f"{key.help} ({keys.shown(key)})", self._runner(key.action, owner))
        yield SystemCommand("Theme", "other colours", self.action_change_theme)
        yield SystemCommand(
            "Screenshot", "save this screen as SVG", lambda: self.set_timer(0.1, self.deliver_screenshot)
        )

    def _runner(self, action: str, owner: App[int] | Screen[object]) -> Callable[[], object]:
        async def run() -> None:
            await self.run_action(action, owner)

        return lambda: self.call_later(run)


def _terminal() -> Capabilities:
    return capabilities(os.environ, getattr(sys.__stderr__, "encoding", None))
