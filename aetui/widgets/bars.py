"""The three lines that every screen has: the screens at the top, the status and the keys at the bottom."""

from __future__ import annotations

from rich.style import Style
from rich.text import Text
from textual.widget import Widget

from aetui import keys
from aetui.paint.cells import width_of
from aetui.paint.look import Look
from aetui.terminal.outside_text import plain


class Bar(Widget):
    """One line. ``look`` of the app decides between Unicode and ASCII."""

    DEFAULT_CSS = """
    Bar {
        height: 1;
        width: 1fr;
        link-style: none;
        link-color: $foreground;
        link-background: transparent;
        link-style-hover: underline;
        link-color-hover: $foreground;
        link-background-hover: transparent;
    }
    """

    @property
    def unicode(self) -> bool:
        look = getattr(self.app, "look", None)
        return look.unicode if isinstance(look, Look) else True


class TitleBar(Bar):
    """``1 Runs  2 Curves …``, the shown one in reverse; a click goes there."""

    DEFAULT_CSS = """
    TitleBar { background: $panel; color: $foreground; }
    """

    def __init__(self, where: str) -> None:
        super().__init__()
        self._where = where

    def render(self) -> Text:
        return title_line(self._where, self.size.width)


class StatusBar(Bar):
    """What the model runs on, and which run is shown in which state."""

    DEFAULT_CSS = """
    StatusBar { background: $panel; color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__(id="status")
        self._provider = ""
        self._run = ""

    def show(self, provider: str, run: str) -> None:
        if (provider, run) != (self._provider, self._run):
            self._provider, self._run = provider, run
            self.refresh()

    def render(self) -> Text:
        return Text(status_line(self._provider, self._run, self.size.width, unicode=self.unicode), no_wrap=True)


class KeyBar(Bar):
    """The keys that matter here, from the one table; as many as fit. A click presses."""

    DEFAULT_CSS = """
    KeyBar { background: $background; color: $text-muted; }
    """

    def __init__(self, where: str) -> None:
        super().__init__()
        self._where = where

    def render(self) -> Text:
        text = Text(no_wrap=True, end="")
        for name, label, action in keys.footer(self._where, self.size.width, ascii_only=not self.unicode):
            owner = "app" if any(key.action == action for key in keys.keys_of(keys.EVERYWHERE)) else "screen"
            click = Style.from_meta({"@click": f"{owner}.{action}"})
            text.append(name, Style(bold=True) + click)
            text.append(f" {label}", click)
            text.append("  ")
        return text


def title_line(where: str, width: int) -> Text:
    """The screens with their digits; where they do not fit the others lose their names, then their place."""
    whole = sum(len(title) + 4 for title in keys.SCREENS.values()) <= width
    digits = len(keys.SCREENS[where]) + 4 + 3 * (len(keys.SCREENS) - 1) <= width
    text = Text(no_wrap=True, end="")
    for number, (screen, title) in enumerate(keys.SCREENS.items(), start=1):
        here = screen == where
        if here or digits:
            label = f" {number} {title} " if whole or here else f" {number} "
            style = Style(bold=True, reverse=True) if here else Style()
            text.append(label, style + Style.from_meta({"@click": f"app.go('{screen}')"}))
    return text


def status_line(provider: str, run: str, width: int, *, unicode: bool) -> str:
    """``run`` on the left, ``provider`` on the right; where both do not fit the run gives way, then the reason."""
    provider = plain(provider, unicode=unicode)
    run = plain(run, unicode=unicode)
    room = width - 2
    if width_of(run) + width_of(provider) + 2 > room:
        provider = plain(provider, max(room - width_of(run) - 2, min(room, 24)), unicode=unicode)
        run = plain(run, max(0, room - width_of(provider) - 2), unicode=unicode)
    gap = max(0, room - width_of(run) - width_of(provider))
    return f" {run}{' ' * gap}{provider} "
