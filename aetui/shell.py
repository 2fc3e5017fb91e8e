"""What the app does whatever it shows: look and theme, messages, copying, saving, jumping, help, remembering.

What the first frame does not need is imported where it is used.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App, SystemCommand
from textual.filter import LineFilter
from textual.reactive import reactive
from textual.screen import Screen

from aetui.jump import Target
from aetui.messages import QUIET_S, Messages, Severity
from aetui.paint.look import Look
from aetui.screens.page import Page
from aetui.settings import Settings
from aetui.terminal.ascii_filter import AsciiFilter
from aetui.terminal.capabilities import capabilities, look_for, render_of
from aetui.terminal.output import Listener, Output
from aetui.themes import CONTRAST, NAMES, next_theme, theme_for
from aetui.view_state import State, read_state, write_state
from aetui.widgets.bars import link_text
from export.errors import ToolError, from_os_error, visible

if TYPE_CHECKING:
    from aetui.terminal.delta import DeltaPainter
    from aetui.terminal.recording import Recording

RENDER_CYCLE = ("half", "gray", "ascii")

SHORT_S = 3.0
"""What merely confirms a key covers the screen for so long."""


class Shell(App[int]):
    """The part of the app that knows nothing of runs. Leaves with 0, or with 128 + n at a signal n.

    state_file: where the screens' state is remembered; None: nowhere. debug: a fault of the app's own shows its
    traceback; else ``fault`` says what happened in three lines, and the traceback is in a log. recording: hears what
    the terminal is sent.
    """

    look: reactive[Look] = reactive(Look())

    def __init__(
        self,
        settings: Settings,
        render: str,
        state_file: Path | None,
        debug: bool,
        recording: Recording | None = None,
    ) -> None:
        # A driver that the environment names is a browser's (``--serve``).
        super().__init__(driver_class=None if "TEXTUAL_DRIVER" in os.environ else Output)
        self.listeners: list[Listener] = [] if recording is None else [recording.heard]
        self.painter: DeltaPainter | None = None
        self._metered_at = 0.0
        self._recording = recording
        self.fault: ToolError | None = None
        self._show_faults = debug
        self.settings = settings
        self.messages = Messages()
        self.mouse = settings.mouse
        self.state: State = read_state(state_file) if state_file is not None else {}
        self._state_file = state_file
        self._terminal = capabilities(os.environ, getattr(sys.__stderr__, "encoding", None))
        self.set_reactive(Shell.look, look_for(self._terminal, render))
        self.register_theme(CONTRAST)
        self.theme = self._theme_to_begin_with()

    def on_mount(self) -> None:
        self._watch_signals()
        if self._recording is not None:
            self._recording.begin(lambda error: self.call_later(self.tell, error))

    def on_resize(self, event: events.Resize) -> None:
        if self._recording is not None:
            self._recording.resized(*event.size)

    def _watch_signals(self) -> None:
        """A terminated or hung-up UI leaves in order: the terminal is restored and the engine process ends."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._failed_outside)
        for number in (signal.SIGTERM, signal.SIGHUP):
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self.exit, 128 + number)

    def _failed_outside(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """A task or a callback that Textual does not know of has failed: as bad as any other fault."""
        error = context.get("exception")
        if not isinstance(error, Exception):
            loop.default_exception_handler(context)
            return
        try:
            raise error  # Textual takes the traceback from the exception that is being handled
        except Exception as raised:
            self._handle_exception(raised)

    def _print_error_renderables(self) -> None:
        """Textual's own name; called when the terminal is restored, with the tracebacks that there were."""
        if self._exception is not None and not self._show_faults and not self.is_headless:
            from aetui.faults import report

            self.fault = report(self._exception)
            self._exit_renderables.clear()
        super()._print_error_renderables()

    def start_painter(self) -> None:
        """From now on pictures that move are sent as what changed. Not before the first frame: it needs numpy."""
        from aetui.terminal.delta import DeltaPainter
        from aetui.terminal.pacing import Pacer

        most = 1000.0 * self.settings.kb_per_s
        self.painter = DeltaPainter(self, Pacer(most_bytes_per_s=most or None))
        self.painter.on_frame = self._meter

    def _meter(self) -> None:
        """Tell what goes over the link, twice a second while pictures move."""
        now = time.monotonic()
        if self.painter is None or (self.painter.moving and now - self._metered_at < 0.5):
            return
        self._metered_at = now
        self.show_link()

    def show_link(self) -> None:
        """Let the screen that is shown say what goes over the link."""
        page = self.page()
        if self.painter is not None and page is not None and page.is_active:
            meter, moving = self.painter.pacer.meter(time.monotonic()), self.painter.moving
            page.show_link(link_text(meter, moving=moving, multiplexer=self._terminal.multiplexer))

    def post_display_hook(self) -> None:
        """Textual's own name; called after each of its repaints."""
        if self.painter is not None:
            self.painter.displayed()

    async def on_unmount(self) -> None:
        if self.painter is not None:
            self.painter.stop()

    def page(self) -> Page | None:
        """The screen below any dialog."""
        stack = self._screen_stacks.get(self.current_mode, ())
        return stack[0] if stack and isinstance(stack[0], Page) else None

    def update_page(self) -> None:
        """Let the screen show the current state. Below a dialog it waits: Textual would send all of it each time."""
        page = self.page()
        if page is not None and page.is_active:
            page.update()

    # How it looks

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Where only ASCII arrives, also the frames and marks of Textual's own widgets are put into ASCII."""
        filters = super().get_line_filters()
        return filters if self.look.unicode else [*filters, AsciiFilter()]

    def _theme_to_begin_with(self) -> str:
        """What ``config.toml`` says, else what was chosen the last time."""
        before = self.state.get("theme")
        if self.settings.theme == "auto" and isinstance(before, str) and before in self.available_themes:
            return before
        return theme_for(self.settings.theme, self._terminal.depth)

    def watch_theme(self, theme: str) -> None:
        """Pictures and curves follow the background."""
        dark = self.available_themes[theme].dark
        if dark != self.look.dark:
            self.look = replace(self.look, dark=dark)
            self.update_page()

    def action_cycle_theme(self) -> None:
        self.theme = next_theme(self.theme)
        self.say("theme", next((name for name, theme in NAMES.items() if theme == self.theme), self.theme))

    def action_cycle_render(self) -> None:
        """The next way of drawing pictures that this terminal can show."""
        looks = [look_for(self._terminal, render, dark=self.look.dark) for render in RENDER_CYCLE]
        looks = list(dict.fromkeys(looks))
        at = looks.index(self.look) if self.look in looks else -1
        self.look = looks[(at + 1) % len(looks)]
        self.update_page()
        self.say("pictures as", render_of(self.look))

    def action_command_palette(self) -> None:
        from aetui.palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        from aetui.palette import commands

        page = self.page()
        return commands(self, page) if page is not None else ()

    # What is told

    def say(self, title: str, text: str = "", severity: Severity = "information") -> None:
        """Show a toast, and keep it among the messages; the texts may come from outside."""
        told = self.messages.add(visible(title), "\n".join(map(visible, text.splitlines())), severity)
        title, seconds = (told.title if told.text else ""), SHORT_S if severity == "information" else None
        self.notify(told.text or told.title, title=title, severity=severity, timeout=seconds, markup=False)

    def tell(self, error: ToolError | OSError) -> None:
        """Show an error as a toast; the same one not again for a while."""
        shown = from_os_error(error) if isinstance(error, OSError) else error
        if self.messages.is_new(shown.what):
            told = self.messages.add(visible(shown.what), f"{visible(shown.why)}\n{visible(shown.do)}", "error")
            text = f"{told.text}\n(e: all messages)"
            self.notify(text, title=told.title, severity="error", timeout=QUIET_S, markup=False)

    def action_show_messages(self) -> None:
        from aetui.screens.messages import MessagesScreen

        self.clear_notifications()  # they would cover what they say
        self.push_screen(MessagesScreen(self.messages.text()))

    def action_show_help(self) -> None:
        from aetui.screens.help import HelpScreen

        page = self.page()
        if page is not None and len(self.screen_stack) == 1:
            self.push_screen(HelpScreen(page.places()))

    # What is remembered

    def remembered(self, what: str) -> State:
        """What was remembered of a screen (or of the ``selection``) from the last visit."""
        found = self.state.get(what)
        return found if isinstance(found, dict) else {}

    def exit(self, result: int | None = None, return_code: int = 0, message: object = None) -> None:
        """Leave. The state of the screens is noted now: when the app is unmounted they are gone."""
        for stack in self._screen_stacks.values():
            if stack and isinstance(stack[0], Page) and stack[0].is_mounted:
                self.state[stack[0].where] = stack[0].view_state()
        super().exit(result, return_code, message)  # type: ignore[arg-type]

    def remember(self, more: State) -> None:
        """Keep the state of the screens that were shown, and ``more``, for the next visit."""
        self.state |= {**more, "theme": self.theme}
        if self._state_file is not None and self.settings.remember:
            with contextlib.suppress(OSError):  # a full disk must not keep anyone from leaving
                write_state(self._state_file, self.state)

    def action_help_quit(self) -> None:
        """Ctrl-C: whoever presses it by habit is told what leaves."""
        self.say("q leaves aetui (trainings go on)")

    # Copying, saving, the mouse, jumping

    def copy(self, text: str) -> None:
        """Put ``text`` on the clipboard of the terminal's user."""
        if self.is_web or self.is_headless:
            self.copy_to_clipboard(text)
        else:
            from aetui.terminal import driver
            from aetui.terminal.clipboard import copying

            driver.write(self, copying(text, os.environ))
        if "\n" in text:
            self.say(f"copied {len(text.splitlines())} lines")
        else:
            self.say("copied" if text else "nothing to copy", text.replace("\t", "  ")[:120])

    def action_copy(self) -> None:
        page = self.page()
        if page is not None:
            self.copy(page.copied())

    def action_toggle_mouse(self) -> None:
        """Without the mouse the terminal's own selection works."""
        from aetui.terminal import driver

        if driver.set_mouse(self, not self.mouse):
            self.mouse = not self.mouse
        self.say("the mouse is the app's" if self.mouse else "the mouse is the terminal's: drag to select (m: back)")

    def action_save_screen(self) -> None:
        def save(page: Page) -> Path:
            from aetui.saving import save_svg

            return save_svg(self.export_screenshot(title="aetui"), Path(self.settings.save_dir), page.where)

        self._save(save)

    def action_save_pictures(self) -> None:
        def save(page: Page) -> Path | None:
            from aetui.saving import save_frames

            frames = page.frames()
            return None if frames is None else save_frames(frames, Path(self.settings.save_dir), page.where)

        self._save(save)

    def _save(self, save: Callable[[Page], Path | None]) -> None:
        """Save something of the page, and say where it is."""
        page = self.page()
        if page is None:
            return
        try:
            path = save(page)
        except OSError as error:
            self.tell(error)
            return
        if path is None:
            self.say("no pictures here", "s saves the screen as SVG", "warning")
        else:
            self.say("saved", str(path.absolute()))

    def action_jump(self) -> None:
        from aetui.screens.jump import JumpScreen

        page = self.page()
        if page is not None and len(self.screen_stack) == 1:
            self.push_screen(JumpScreen(page.jump_targets()), self._go_to)

    async def _go_to(self, target: Target | None) -> None:
        if target is not None:
            found = target.go()
            if isinstance(found, Awaitable):
                await found
