"""The frame that the screens share: title, body, status, keys; and the run that they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import ContentSwitcher

from aetui import keys
from aetui.jump import Target
from aetui.views.view import View
from aetui.widgets.bars import KeyBar, StatusBar, TitleBar, ViewBar

if TYPE_CHECKING:
    from aetui.app import AetuiApp
    from aetui.follow.entries import Entry
    from aetui.frames import Frames


class Page(Screen[None]):
    """A screen of the table ``keys.SCREENS``. A subclass gives ``where`` and ``entries_changed``, and either ``body``
    or ``views``, by the name that follows the slash in their ``where``."""

    DEFAULT_CSS = """
    Page { layout: vertical; overflow: hidden; background: $background; }
    Page ContentSwitcher { height: 1fr; }
    Page #foot { dock: bottom; height: 2; }
    """

    where: ClassVar[str]
    views: ClassVar[dict[str, type[View]]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.shown_view = next(iter(self.views), "")

    @property
    def ui(self) -> AetuiApp:
        return cast("AetuiApp", self.app)

    def compose(self) -> ComposeResult:
        yield TitleBar(self.where)
        yield from self.body()
        with Vertical(id="foot"):
            yield StatusBar()
            yield KeyBar()

    def body(self) -> ComposeResult:
        """The widgets between the title and the status; together they fill the height that is left."""
        # The switcher shows what it begins with once it is mounted, which is after the state was restored.
        before = self.ui.remembered(self.where).get("view")
        if isinstance(before, str) and before in self.views:
            self.shown_view = before
        yield ViewBar()
        with ContentSwitcher(initial=self.shown_view):
            for name, view in self.views.items():
                yield view(id=name)

    def entries_changed(self) -> None:
        """``ui.entries``, the selection or the marks may differ from before: show them."""
        view = self.view()
        if view is not None:
            view.entries_changed()

    def on_mount(self) -> None:  # Textual calls a subclass's own on_mount first, then this one
        self.restore_state(self.ui.remembered(self.where))
        self._focus_view()
        self.update()

    def on_screen_resume(self) -> None:
        self._focus_view()
        self.update()
        self.ui.show_link()
        self._other_keys()

    def on_screen_suspend(self) -> None:
        self._other_keys()

    def on_descendant_focus(self) -> None:
        self._other_keys()

    def on_descendant_blur(self) -> None:
        self._other_keys()

    def _other_keys(self) -> None:
        """A dialog or a line for typing came or went, and with it the keys that hold."""
        for bar in self.query(KeyBar):
            bar.refresh()

    def update(self) -> None:
        """Show the current state; harmless before the screen is mounted or while it is hidden."""
        if not self.is_mounted or not self.query(StatusBar):
            return
        self.entries_changed()
        self.query_one(StatusBar).show(self.ui.status(), self.describe(self.entry()))

    def show_link(self, link: str) -> None:
        """Say in the status bar what goes over the link."""
        for bar in self.query(StatusBar):
            bar.show_link(link)

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

    def leave(self) -> bool:
        """Escape was pressed: True where this screen had something of its own to close."""
        return False

    # Views

    def view(self) -> View | None:
        """The one that is shown, where this screen has several."""
        if not self.views or not self.is_mounted:
            return None
        return self.query_one(f"#{self.shown_view}", View)

    def places(self) -> tuple[str, ...]:
        """Whose keys hold now: those of the line where text is typed, or of the view and then of the screen."""
        around = self.focused.ancestors_with_self if self.focused is not None else ()
        for name in (getattr(widget, "where", "") for widget in around):
            if name in keys.TITLES:
                return (name,)
        return (f"{self.where}/{self.shown_view}", self.where) if self.views else (self.where,)

    def show_view(self, name: str) -> None:
        """Show another view. name: one of ``views``; others are passed over."""
        if name not in self.views or name == self.shown_view:
            return
        self.shown_view = name
        if self.is_mounted:
            self.query_one(ContentSwitcher).current = name
            self._focus_view()
            self.query_one(ViewBar).refresh()
            self.query_one(KeyBar).refresh()
            self.call_after_refresh(self.update)

    def _focus_view(self) -> None:
        view = self.view()
        if view is not None:
            view.focus()

    def action_step_view(self, by: int) -> None:
        names = list(self.views)
        self.show_view(names[(names.index(self.shown_view) + by) % len(names)])

    def action_show_view(self, name: str) -> None:
        self.show_view(name)

    # What the app asks for

    def view_state(self) -> dict[str, Any]:
        """What is to be remembered of this screen, as JSON values."""
        if not self.views:
            return {}
        views = {name: self.query_one(f"#{name}", View).view_state() for name in self.views}
        return {"view": self.shown_view, "views": views}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take back what ``view_state`` gave; a value that it cannot have given is passed over."""
        views = state.get("views")
        kept = views if isinstance(views, dict) else {}
        for name in self.views:
            if isinstance(kept.get(name), dict):
                self.query_one(f"#{name}", View).restore_state(kept[name])
        if isinstance(state.get("view"), str):
            self.show_view(state["view"])

    def frames(self) -> Frames | None:
        """What ``S`` saves; None: there are no pictures."""
        view = self.view()
        return view.frames() if view is not None else None

    def copied(self) -> str:
        """What ``y`` copies."""
        view = self.view()
        text = view.copied() if view is not None else None
        return self.describe(self.entry()) if text is None else text

    def jump_targets(self) -> list[Target]:
        """Where the jump letters may go: what offers places of its own, and every other widget that takes the focus."""
        found: list[Target] = []
        for widget in self.query("*"):
            if not widget.display or not widget.region or not widget.is_on_screen:
                continue
            offer = getattr(widget, "jump_targets", None)
            if offer is not None:
                found.extend(offer())
            elif widget.focusable and not isinstance(widget, View):
                found.append(Target(*widget.region.offset, widget.focus))
        return found

    def action_step_run(self, by: int) -> None:
        self.ui.select_next(by, self.entry())
