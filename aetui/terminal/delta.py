"""The delta painter: between Textual's repaints only the cells that changed go to the terminal.

Textual's compositor sends whole lines, with all attributes for every run of cells; of pictures that move this is most
of what goes through a slow link. Here a view that changed tells ``DeltaPainter.want``; as soon as the pacer lets a
frame go, all that want it are painted, and their changed cells leave in one write. ``render_line`` of a view always
gives what is on the terminal, so that any repaint by Textual fits. Where Textual shows something else than the view's
own cells (a dialog above, a fade, no terminal at all), the view is refreshed like any other widget.

Textual's private names are used here and in ``driver.py`` alone; ``usable`` says whether this Textual has them.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol, cast
from weakref import WeakKeyDictionary

from rich.console import COLOR_SYSTEMS
from rich.style import Style
from textual.app import App
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.widget import Widget

from aetui.paint.cells import Cells
from aetui.paint.look import FULL_GRAYS, Look
from aetui.terminal.changes import Changes, Redrawn, ascii_only, changes_of, encode, joined
from aetui.terminal.codes import Codes
from aetui.terminal.pacing import Pacer
from aetui.terminal.places import Place, find_place, seen_of

REST_S = 0.3
"""So long after the last frame nothing moves any more."""

_BYTES_PER_CELL = 16.0
"""To begin with; then what the last frames needed."""


class View(Protocol):
    """What the painter asks of a widget that draws ``Cells``."""

    def advance(self, grays: int, size: Size | None) -> tuple[Cells | None, Cells]:
        """Paint the newest state: (what was shown, what is shown from now on). None: all of it must be repainted.

        size: of its content, where that is known.
        """

    def refresh_lines(self, before: Cells | None, after: Cells) -> None:
        """Let Textual repaint what differs."""


def usable(app: App[Any]) -> bool:
    """Whether there is a terminal, and this Textual has what is needed of it."""
    driver: Any = app._driver
    return (
        not app.is_headless
        and not app.is_web
        and hasattr(driver, "listeners")
        and not driver.is_inline
        and hasattr(app, "_sync_available")
        and hasattr(app, "_batch_count")
        and hasattr(app.screen, "_styles_cache")
        and isinstance(getattr(getattr(app.screen, "_compositor", None), "visible_widgets", None), dict)
    )


class DeltaPainter:
    """Paints the views of one app, on its event loop.

    pacer: says when. clock: seconds, monotonic.
    """

    def __init__(self, app: App[Any], pacer: Pacer | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.pacer = pacer or Pacer()
        self.on_frame: Callable[[], None] = lambda: None
        """Called after a frame, and once more when nothing moves any longer."""
        self._app = app
        self._clock = clock
        self._state = "new"
        self._wanted: dict[Widget, None] = {}
        self._coarse: dict[Widget, None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reports: deque[tuple[float, int, int]] = deque()
        self._timer: asyncio.Handle | None = None
        self._timer_at = 0.0
        self._soon = False
        self._rest: asyncio.TimerHandle | None = None
        self._moved_at = 0.0
        self._finishing = False
        self._lines_sent = False
        self._sending = False
        self._frames = 0
        self._on_terminal: Screen[Any] | None = None
        self._places: dict[Widget, Place | None] = {}
        self._places_of: object = None
        self._bases: list[Style] = []
        self._base_numbers: dict[Style, int] = {}
        self._codes: tuple[Codes, Codes] | None = None
        self._codes_for: tuple[object, ...] = ()
        self._bytes_per_cell = _BYTES_PER_CELL
        self._bare: WeakKeyDictionary[Widget, tuple[object, bool]] = WeakKeyDictionary()
        self._parent: object = None
        self._parent_opacity = 1.0

    # What the app and the views tell

    def want(self, view: Widget) -> bool:
        """``view`` is to be painted with the next frame. False: that cannot be had here, it must be refreshed."""
        if self._state != "on" and not self._start():
            return False
        self._wanted[view] = None
        self._finishing = False
        if not self._soon:
            self._schedule()
        return True

    def reported(self, x: int, y: int) -> None:
        """The terminal told where its cursor is, from 0: it has taken in all that was sent before it was asked.

        Called by any thread. The event loop is woken only where it waits for this.
        """
        self._reports.append((self._clock(), x, y))
        if self._wanted and self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it is closed: the app has ended
                self._loop.call_soon_threadsafe(self._schedule)

    def displayed(self) -> None:
        """Textual has sent a repaint of ``app.screen``."""
        self._on_terminal = self._app.screen
        if self._lines_sent:
            self._lines_sent = False
            self._send("")

    def pause(self) -> None:
        """Paint no more, and wait for what the terminal still has to answer: once nobody reads it, it would be typed
        text. The event loop waits too."""
        if self._state != "on":
            return
        self._state = "deaf"
        self._cancel()
        self._take_reports()
        while self.pacer.awaits(self._clock()):
            time.sleep(0.002)
            self._take_reports()

    def resume(self) -> None:
        """What the terminal says is read again."""
        if self._state == "deaf":
            self._state = "on"
            self._wanted |= self._coarse
            self._schedule()

    def stop(self) -> None:
        """Paint no more: the app ends."""
        self._state = "off"
        self._cancel()

    def _cancel(self) -> None:
        for timer in (self._timer, self._rest):
            if timer is not None:
                timer.cancel()
        self._timer = self._rest = None
        self._soon = False

    @property
    def waiting(self) -> bool:
        """True while something is still to be painted."""
        return bool(self._wanted)

    @property
    def moving(self) -> bool:
        """True while frames go out."""
        return self._rest is not None

    def _start(self) -> bool:
        if self._state == "new" and self._app.is_running:
            self._state = "on" if usable(self._app) else "off"
            self._loop = asyncio.get_running_loop()
            if self._state == "on":
                driver: Any = self._app._driver
                driver.listeners.append(self._wrote)
                driver.on_report(self.reported)
                driver.on_input(self.resume, self.pause)
        return self._state == "on"

    def _wrote(self, text: str) -> None:
        """Something went to the terminal."""
        if not self._sending:
            self.pacer.wrote(self._clock(), len(text) if text.isascii() else len(text.encode()))

    # When

    def _take_reports(self) -> None:
        while self._reports:
            when, x, y = self._reports.popleft()
            if x == 0:
                self.pacer.answered(when, y)

    def _schedule(self) -> None:
        self._take_reports()
        if not self._wanted or self._loop is None:
            return
        wait = self.pacer.wait_s(self._clock())
        loop = self._loop
        at = loop.time() + wait
        if self._timer is not None:
            if wait > 0 and at >= self._timer_at:
                return
            self._timer.cancel()  # an answer lets the next frame go sooner
        self._timer_at, self._soon = at, wait <= 0
        self._timer = loop.call_later(wait, self._go) if wait > 0 else loop.call_soon(self._go)

    def _go(self) -> None:
        self._timer, self._soon = None, False
        if not self._wanted or self._state != "on":
            return
        self._take_reports()
        if self.pacer.wait_s(self._clock()) > 0:
            self._schedule()
            return
        self._frame()
        self._moved_at = self._clock()
        if self._rest is None:
            self._rest = asyncio.get_running_loop().call_later(REST_S, self._rested)
        if self._wanted:
            self._schedule()
        self.on_frame()

    def _rested(self) -> None:
        left = self._moved_at + REST_S - self._clock()
        if left > 0 or self._wanted:
            self._rest = asyncio.get_running_loop().call_later(max(left, 0.05), self._rested)
            return
        self._rest = None
        self._take_reports()
        if self._coarse:
            self._wanted |= self._coarse
            self._coarse.clear()
            self._finishing = True
            self._schedule()
        self.on_frame()

    # A frame

    def _frame(self) -> None:
        """Paint what wants it, in turn, as far as the pacer's budget goes; the rest is first in the next frame."""
        if self._finishing:
            self.pacer.rested(self._clock())
        grays = FULL_GRAYS if self._finishing else self.pacer.grays
        most = self.pacer.budget
        redrawn: list[Redrawn] = []
        changes: list[Changes] = []
        count = 0
        self._parent = None
        for view in list(self._wanted):
            if most is not None and count * self._bytes_per_cell >= most:
                break
            del self._wanted[view]
            if not view.is_attached:
                continue
            one = self._redrawn(view, grays)
            if one is not None:
                redrawn.append(one)
            if redrawn and most is not None:
                changes.append(changes_of([redrawn.pop()]))
                count += len(changes[-1])
        if redrawn:
            changes.append(changes_of(redrawn))
            count = len(changes[-1])
        if count:
            unicode = self._look().unicode
            every = joined(changes) if unicode else ascii_only(joined(changes))
            size = self._send(encode(every, *self._colour_codes(), blocks=unicode))
            self._bytes_per_cell += 0.2 * (size / count - self._bytes_per_cell)
            self._lines_sent = False

    def _redrawn(self, view: Widget, grays: int) -> Redrawn | None:
        """Paint ``view``; None where it is left to Textual to show it."""
        place = self._place(view)
        before, after = cast(View, view).advance(grays, place.size if place is not None else None)
        if grays < FULL_GRAYS:
            self._coarse[view] = None
        base = self._base(view)
        if before is None or before.characters.shape != after.characters.shape or place is None or base is None:
            cast(View, view).refresh_lines(before, after)
            self._lines_sent = True
            return None
        # Textual keeps rendered lines: it must render them again when it next repaints them.
        view._styles_cache.set_dirty(Region(0, place.inset, 1, after.rows))
        return Redrawn(before, after, place.row, place.column, base, seen_of(after, place))

    def _send(self, text: str) -> int:
        """Write a frame, and ask for the cursor where the pacer wants it. Returns the frame's bytes."""
        app: Any = self._app
        now = self._clock()
        token = 0
        height = app.size.height
        if height > 1 and self.pacer.asks(now):
            # In the first row the answer could be taken for Shift-F3. The row tells which frame is answered.
            self._frames += 1
            token = 1 + self._frames % (height - 1)
            text += f"\x1b[{token + 1}H\x1b[6n"
        if not text:
            return 0
        x, y = app.screen.outer_size.clamp_offset(app.cursor_position)
        text += f"\x1b[{y + 1};{x + 1}H" if x or y else "\x1b[H"
        if app._sync_available:
            text = f"\x1b[?2026h{text}\x1b[?2026l"
        size = len(text) if text.isascii() else len(text.encode())
        self._sending = True
        try:
            app._driver.write(text)
            app._driver.flush()
        finally:
            self._sending = False
        self.pacer.sent(now, token, size)
        return size

    # Where, and in which colours

    def _place(self, view: Widget) -> Place | None:
        """Where ``view`` is; None where it cannot be painted but by Textual."""
        app = self._app
        screen = app.screen
        if app._batch_count or screen is not self._on_terminal:
            return None
        visible = screen._compositor.visible_widgets
        if visible is not self._places_of:
            self._places.clear()
            self._places_of = visible
        if view not in self._places:
            self._places[view] = find_place(view, visible)
        return self._places[view]

    def _base(self, view: Widget) -> int | None:
        """The number of the style that ``view`` is shown on; None where Textual does more to its cells than colour."""
        parent = view.parent
        if parent is not self._parent:
            self._parent = parent
            self._parent_opacity = cast(Widget, parent).opacity
        styles = view.styles
        known = self._bare.get(view)
        if known is None or known[0] != styles._cache_key:
            bare = styles.text_opacity == 1 and not styles.tint.a and not styles.outline
            bare = bare and styles.hatch in (None, "none")
            known = self._bare[view] = styles._cache_key, bare
        if not known[1] or self._parent_opacity < 1 or styles.opacity < 1:
            return None
        base = view.visual_style.rich_style
        number = self._base_numbers.get(base)
        if number is None:
            self._base_numbers[base] = number = len(self._bases)
            self._bases.append(base)
        bare = not any((base.bold, base.dim, base.italic, base.underline, base.reverse, base.strike))
        return number if bare else None

    def _look(self) -> Look:
        found = getattr(self._app, "look", None)
        return found if isinstance(found, Look) else Look()

    def _colour_codes(self) -> tuple[Codes, Codes]:
        """SGR parameters of foregrounds and backgrounds; made anew where the terminal is to be spoken to otherwise."""
        app = self._app
        filters = app.get_line_filters()
        depth = self._look().depth
        key = (depth, app.console.color_system, *filters)
        if self._codes is None or key != self._codes_for:
            system = COLOR_SYSTEMS[app.console.color_system or "truecolor"]
            self._codes_for = key
            self._codes = (
                Codes(foreground=True, bases=self._bases, depth=depth, system=system, filters=filters),
                Codes(foreground=False, bases=self._bases, depth=depth, system=system, filters=filters),
            )
        return self._codes
