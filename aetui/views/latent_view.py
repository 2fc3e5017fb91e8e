"""``LatentView``: what the views of screen 4 have in common: one run's codes, one question to its model at a time."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.widgets import Static

from aetui.latent.encoded import Encoded, encode, key_of
from aetui.latest import Latest
from aetui.view_state import whole
from aetui.views.missing import NO_RUN, failure, harmless, no_model
from aetui.views.view import View
from export.errors import ToolError

PATIENCE_S = 0.04
"""How long what was moved waits for its picture, so that both come in one frame."""


class LatentView(View):
    """A subclass gives ``body`` (its widgets), ``question`` (what its pictures depend on), ``answer`` (asks the model)
    and ``show``. Where there is nothing to show a text stands in its place."""

    DEFAULT_CSS = """
    LatentView > #nothing { display: none; padding: 1 2; }
    LatentView.-nothing > * { display: none; }
    LatentView.-nothing > #nothing { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.encoded: Encoded | None = None
        self.image = 0
        """The probe image that it is about."""
        self._failed = ""
        self._asked: tuple[object, ...] | None = None
        self._late: asyncio.TimerHandle | None = None
        self._latest = Latest(self._ask)

    def question(self) -> tuple[object, ...]:
        """The model is asked again when this, or the model, has changed."""
        return ()

    @abstractmethod
    async def answer(self, encoded: Encoded) -> None:
        """Ask for what is to be drawn. Raises ToolError."""

    @abstractmethod
    def body(self) -> ComposeResult:
        """The widgets of the view."""

    @abstractmethod
    def show(self, encoded: Encoded) -> None:
        """Show what was answered."""

    def forget(self) -> None:
        """There is nothing to show: what was answered for another run, or for other weights, must not come back."""

    def compose(self) -> ComposeResult:
        yield Static("", id="nothing", markup=False)
        yield from self.body()

    def draw(self) -> None:
        """Show what is known, or why nothing is."""
        text, stood = self.nothing(), self.has_class("-nothing")
        self.set_class(bool(text), "-nothing")
        if stood and not text:
            self.call_after_refresh(self.update)  # the widgets know their sizes only now
        if text:
            self.forget()
            self.query_one("#nothing", Static).update(harmless(text, unicode=self.ui.look.unicode))
        elif self.encoded is not None:
            self.show(self.encoded)

    async def on_unmount(self) -> None:
        if self._late is not None:
            self._late.cancel()
        await self._latest.stop()

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.update)

    def entries_changed(self) -> None:
        entry = self.page.entry()
        wanted = (*(key_of(entry) if entry is not None else ()), self.question())
        if wanted != self._asked:
            if self.encoded is not None and (entry is None or entry.path != self.encoded.entry.path):
                self.encoded = None
            self._asked = wanted
            self._latest.ask()
            if self.encoded is not None:
                self._draw_late()
                return
        if self.is_mounted:
            self.draw()

    def _draw_late(self) -> None:
        """The answer mostly comes within milliseconds, and draws; a frame now would only make its own wait."""
        if self._late is None:
            self._late = asyncio.get_running_loop().call_later(PATIENCE_S, self._draw_now)

    def _draw_now(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
        if self.is_mounted:
            self.draw()

    async def _ask(self) -> None:
        entry = self.page.entry()
        self._failed = ""
        if entry is None or entry.model is None:
            self.encoded = None
        else:
            try:
                encoded = await encode(self.ui.ask, entry, self.encoded)
                self.image %= len(encoded.x)
                await self.answer(encoded)
                self.encoded = encoded
            except ToolError as error:
                self.ui.tell(error)
                self.encoded, self._failed = None, failure(error)
                self._asked = None  # what changes next, or a key, asks again
        self._draw_now()

    def nothing(self) -> str:
        """Why there is nothing to be seen, and what to do; empty where there is something."""
        if self.encoded is not None:
            return ""
        entry = self.page.entry()
        if entry is None:
            return NO_RUN
        if self._failed:
            return self._failed
        if entry.model is None:
            return no_model(entry)
        return "asking the model"

    def action_image(self, by: int) -> None:
        """Another probe image."""
        if self.encoded is not None:
            self.image = (self.image + by) % len(self.encoded.x)
        self.update()

    def view_state(self) -> dict[str, Any]:
        return {"image": self.image}

    def restore_state(self, state: dict[str, Any]) -> None:
        self.image = whole(state.get("image"), self.image, 0, 1_000_000)
