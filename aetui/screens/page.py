"""The frame that the screens share: title, body, status, keys; and the run that they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.screen import Screen

from aetui.entries import Entry
from aetui.widgets.bars import KeyBar, StatusBar, TitleBar

if TYPE_CHECKING:
    from aetui.app import AetuiApp


class Page(Screen[None]):
    """A screen of the table ``keys.SCREENS``. A subclass gives ``where``, ``body`` and ``entries_changed``."""

    DEFAULT_CSS = """
    Page { layout: vertical; overflow: hidden; background: $background; }
    """

    where: ClassVar[str]

    @property
    def ui(self) -> AetuiApp:
        return cast("AetuiApp", self.app)

    def compose(self) -> ComposeResult:
        yield TitleBar(self.where)
        yield from self.body()
        yield StatusBar()
        yield KeyBar(self.where)

    def body(self) -> ComposeResult:
        """The widgets between the title and the status; together they fill the height that is left."""
        raise NotImplementedError

    def entries_changed(self) -> None:
        """``ui.entries``, the selection or the marks may differ from before: show them."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self.update()

    def on_screen_resume(self) -> None:
        self.update()

    def update(self) -> None:
        """Show the current state; harmless before the screen is mounted or while it is hidden."""
        if not self.is_mounted or not self.query(StatusBar):
            return
        self.entries_changed()
        self.query_one(StatusBar).show(self.ui.provider_line(), self.describe(self.entry()))

    def entry(self) -> Entry | None:
        """The run that this screen is about."""
        return self.ui.selected_entry()

    def describe(self, entry: Entry | None) -> str:
        """For the status bar."""
        if entry is None:
            return "no run"
        parts = [entry.state, entry.name]
        if entry.step is not None:
            parts.append(f"step {entry.step}/{entry.steps}" if entry.steps else f"step {entry.step}")
        return "  ".join(parts)

    def action_step_run(self, by: int) -> None:
        self.ui.select_next(by, self.entry())
