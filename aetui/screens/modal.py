"""``Modal``: a screen on top of another, which closes once."""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, ScreenResultType


class Modal(ModalScreen[ScreenResultType]):
    """What was typed before it was gone can still reach it: that must not close the screen below, or the app."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close it, and what lies on top of it; where it is closed already, do nothing."""
        if self not in self.app.screen_stack:
            return AwaitComplete()
        self.pop_until_active()
        return super().dismiss(result)
