"""``Modal``: a screen on top of another, which closes once."""

from __future__ import annotations

from typing import Any

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, Screen, ScreenResultType


class Modal(ModalScreen[ScreenResultType]):
    """What was typed before it was gone can still reach it: that must not close the screen below, or the app."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close it, and what lies on top of it; where it is closed already, do nothing."""
        return super().dismiss(result) if is_open(self) else AwaitComplete()


def is_open(screen: Screen[Any]) -> bool:
    """False where it is closed already; otherwise it is on top afterwards."""
    if screen not in screen.app.screen_stack:
        return False
    screen.pop_until_active()
    return True
