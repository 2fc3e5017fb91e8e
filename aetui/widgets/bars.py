"""The three lines that every screen has: the screens at the top, the status and the keys at the bottom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, cast

from rich.style import Style
from rich.text import Text
from textual.widget import Widget

from aetui import keys
from aetui.jump import Target
from aetui.paint.look import FULL_GRAYS, Look
from aetui.paint.text import width_of
from aetui.terminal.outside_text import plain

if TYPE_CHECKING:
    from aetui.screens.page import Page
    from aetui.terminal.pacing import Meter


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
        return tab_line(title_tabs(self._where, self.size.width))

    def jump_targets(self) -> list[Target]:
        """The screens that have a place in the line."""
        tabs = title_tabs(self._where, self.size.width)
        return _targets(self, tabs, lambda tab: self.app.run_action(tab.action))


class ViewBar(Bar):
    """The views of a screen, the shown one underlined and bold; a click goes there."""

    DEFAULT_CSS = """
    ViewBar { background: $background; color: $text-muted; }
    """

    def _tabs(self) -> list[Tab]:
        page = cast("Page", self.screen)
        titles = {name: view.title for name, view in page.views.items()}
        return view_tabs(titles, page.shown_view, self.size.width, unicode=self.unicode)

    def render(self) -> Text:
        return tab_line(self._tabs(), Style(bold=True, underline=True))

    def jump_targets(self) -> list[Target]:
        """The views that have a place in the line."""
        return _targets(self, self._tabs(), lambda tab: self.app.run_action(tab.action, self.screen))


class StatusBar(Bar):
    """What the model runs on, which run is shown in which state, and what goes over the link while pictures move."""

    DEFAULT_CSS = """
    StatusBar { background: $panel; color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__(id="status")
        self._provider = ""
        self._run = ""
        self._link = ""

    def show_link(self, link: str) -> None:
        """link: as ``link_text`` says it."""
        if link != self._link:
            self._link = link
            self.refresh()

    def show(self, provider: str, run: str) -> None:
        if (provider, run) != (self._provider, self._run):
            self._provider, self._run = provider, run
            self.refresh()

    def render(self) -> Text:
        line = status_line(self._provider, self._run, self.size.width, self._link, unicode=self.unicode)
        return Text(line, no_wrap=True)


class KeyBar(Bar):
    """The keys that matter here, from the one table; as many as fit. A click presses. Under a dialog: the dialog's."""

    DEFAULT_CSS = """
    KeyBar { background: $background; color: $text-muted; }
    """

    def render(self) -> Text:
        text = Text(no_wrap=True, end="")
        for name, key in self._keys():
            click = Style.from_meta({"@click": f"app.simulate_key('{key.keys[0]}')"})
            text.append(name, Style(bold=True) + click)
            text.append(f" {key.label}", click)
            text.append("  ")
        return text

    def _keys(self) -> list[tuple[str, keys.Key]]:
        on_top = self.app.screen
        places = cast("Page", on_top).places() if on_top is self.screen else (getattr(on_top, "where", ""),)
        return keys.footer(places, self.size.width, ascii_only=not self.unicode) if any(places) else []


class Tab(NamedTuple):
    """One place in a line of tabs. start: its first cell. action: what a click runs."""

    start: int
    label: str
    action: str
    here: bool


def title_tabs(where: str, width: int) -> list[Tab]:
    """The screens with their digits; where they do not fit they move together, then the others lose their names, then
    their places."""
    wide = [f" {number} {title} " for number, title in enumerate(keys.SCREENS.values(), start=1)]
    at = list(keys.SCREENS).index(where)
    narrow = [label if i == at else label[:-1] for i, label in enumerate(wide)]
    digits = [label if i == at else label[:3] for i, label in enumerate(wide)]
    alone = [label if i == at else "" for i, label in enumerate(wide)]
    labels = next((found for found in (wide, narrow, digits) if sum(map(len, found)) <= width), alone)
    tabs: list[Tab] = []
    start = 0
    for screen, label in zip(keys.SCREENS, labels, strict=True):
        if label:
            tabs.append(Tab(start, label, f"app.go('{screen}')", screen == where))
            start += len(label)
    return tabs


def view_tabs(titles: Mapping[str, str], shown: str, width: int, *, unicode: bool) -> list[Tab]:
    """The views of a screen; where they do not fit, the shown one and those next to it."""
    names = list(titles)
    labels = [f" {titles[name]} " for name in names]
    at = names.index(shown) if shown in names else 0
    first, last = 0, len(names)
    more = "…" if unicode else "~"
    while last - first > 1 and sum(map(len, labels[first:last])) + 2 > width:
        first, last = (first + 1, last) if at - first > last - 1 - at else (first, last - 1)
    tabs: list[Tab] = []
    start = 1 if first else 0
    for i in range(first, last):
        label = (
            (more if i == first and first else "") + labels[i] + (more if i == last - 1 and last < len(names) else "")
        )
        start -= 1 if label.startswith(more) else 0
        tabs.append(Tab(start, label, f"screen.show_view('{names[i]}')", i == at))
        start += len(label)
    return tabs


def tab_line(tabs: Sequence[Tab], here: Style | None = None) -> Text:
    """``tabs`` as text that can be clicked. here: the style of the shown one; else reverse."""
    text = Text(no_wrap=True, end="")
    for tab in tabs:
        style = (here or Style(bold=True, reverse=True)) if tab.here else Style()
        text.append(tab.label, style + Style.from_meta({"@click": tab.action}))
    return text


def _targets(bar: Bar, tabs: Sequence[Tab], go: Callable[[Tab], object]) -> list[Target]:
    x, y = bar.region.offset
    return [Target(x + tab.start, y, partial(go, tab)) for tab in tabs]


def link_text(meter: Meter, *, moving: bool, multiplexer: str = "") -> str:
    """What goes over the link: ``24 fps  84 KB/s  104 ms``; at rest the round trip alone.

    multiplexer: who answers in the terminal's place, so that the round trip says nothing.
    """
    trip = meter.round_trip_s
    took = "" if trip is None or not meter.answers else f"{1000 * trip:.0f} ms" if trip >= 0.001 else "<1 ms"
    if took and multiplexer:
        took = f"to {multiplexer}" if moving else ""
    if not moving:
        return took
    grays = f"{meter.grays} grays" if meter.grays < FULL_GRAYS else ""
    said = (f"{meter.frames_per_s:.0f} fps", rate_text(meter.bytes_per_s), took or "no reports", grays)
    return "  ".join(filter(None, said))


def rate_text(bytes_per_s: float) -> str:
    """``84 KB/s``: whole numbers, or two digits."""
    if bytes_per_s >= 999_500:
        return f"{bytes_per_s / 1e6:.1f} MB/s"
    return f"{bytes_per_s / 1000:.{0 if bytes_per_s >= 9_950 else 1}f} KB/s"


def status_line(provider: str, run: str, width: int, link: str = "", *, unicode: bool) -> str:
    """``run`` on the left, ``provider`` and ``link`` on the right; where not all fit the run gives way, then the reason
    for the provider."""
    provider = plain(provider, unicode=unicode)
    run = plain(run, unicode=unicode)
    if link and width - len(link) - 2 >= 40:
        return status_line(provider, run, width - len(link) - 2, unicode=unicode) + f" {link} "
    room = width - 2
    if width_of(run) + width_of(provider) + 2 > room:
        provider = plain(provider, max(room - width_of(run) - 2, min(room, 24)), unicode=unicode)
        run = plain(run, max(0, room - width_of(provider) - 2), unicode=unicode)
    gap = max(0, room - width_of(run) - width_of(provider))
    return f" {run}{' ' * gap}{provider} "
