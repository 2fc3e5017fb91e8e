"""``View``: one of several faces of a screen, with keys of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.containers import Vertical

if TYPE_CHECKING:
    from aetui.app import AetuiApp
    from aetui.frames import Frames
    from aetui.screens.page import Page


class View(Vertical, can_focus=True):
    """A subclass gives ``where``, ``title``, ``BINDINGS`` from the table, ``compose`` and ``entries_changed``."""

    DEFAULT_CSS = """
    View { height: 1fr; width: 1fr; overflow: hidden; }
    """

    where: ClassVar[str]
    """Its name in the table of keys: ``latent/map``."""
    title: ClassVar[str]
    """A word for the line of views."""

    @property
    def ui(self) -> AetuiApp:
        return cast("AetuiApp", self.app)

    @property
    def page(self) -> Page:
        return cast("Page", self.screen)

    def entries_changed(self) -> None:
        """The runs, the selection or the look may differ from before: show them. Called on the visible view only."""
        raise NotImplementedError

    def update(self) -> None:
        """Show the current state, the page's status too."""
        self.page.update()

    def view_state(self) -> dict[str, Any]:
        """What is to be remembered of this view, as JSON values."""
        return {}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take back what ``view_state`` gave; a value that it cannot have given is passed over."""

    def frames(self) -> Frames | None:
        """What ``S`` saves; None: there are no pictures."""
        return None

    def copied(self) -> str | None:
        """What ``y`` copies; None: what the page says."""
        return None
