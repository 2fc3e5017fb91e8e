"""``Sliders``: a list of sliders of which one is chosen; where they do not fit it shows those around the chosen one.

``sliders.show_sliders(list of aetui.paint.sliders.Slider, chosen)``. The keys belong to whoever shows them. A click or
a drag on a track sends ``Sliders.Moved(sliders, index, value)``, a click on a name or the wheel
``Sliders.Chosen(sliders, index)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual import events
from textual.message import Message

from aetui.jump import Target
from aetui.paint.cells import Cells
from aetui.paint.sliders import Slider, page_of, paint_sliders, track_of, value_at
from aetui.widgets.cells_view import CellsView


class Sliders(CellsView):
    """One slider a row."""

    class Chosen(Message):
        """Another one is wanted; index: which."""

        def __init__(self, sliders: Sliders, index: int) -> None:
            super().__init__()
            self.sliders = sliders
            self.index = index

        @property
        def control(self) -> Sliders:
            return self.sliders

    class Moved(Message):
        """The slider ``index`` is to have ``value``."""

        def __init__(self, sliders: Sliders, index: int, value: float) -> None:
            super().__init__()
            self.sliders = sliders
            self.index = index
            self.value = value

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, Sliders.Moved)

        @property
        def control(self) -> Sliders:
            return self.sliders

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._sliders: Sequence[Slider] = ()
        self._chosen = 0
        self._dragged: int | None = None

    def show_sliders(self, sliders: Sequence[Slider], chosen: int) -> None:
        """Show these from now on."""
        self._sliders, self._chosen = sliders, chosen
        self.repaint()

    def paint(self, columns: int, rows: int) -> Cells:
        return paint_sliders(self._sliders, self._chosen, columns, rows, self.look)

    def _first(self) -> int:
        return page_of(len(self._sliders), self._chosen, self.size.height)

    def _move(self, index: int, column: int) -> None:
        track = track_of(self._sliders, self.size.width)
        self.post_message(self.Moved(self, index, value_at(self._sliders[index], column, track)))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        index = self._first() + offset.y
        if not 0 <= index < len(self._sliders):
            return
        if offset.x >= track_of(self._sliders, self.size.width)[0]:
            self._dragged = index
            self.capture_mouse()
            self._move(index, offset.x)
        else:
            self._choose(index)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragged is not None and self._dragged < len(self._sliders):
            self._move(self._dragged, event.x)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        self._dragged = None
        self.release_mouse()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._scroll_by(-1, event)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._scroll_by(1, event)

    def _scroll_by(self, by: int, event: events.MouseEvent) -> None:
        event.stop()
        if self._sliders:
            self._choose(max(0, min(len(self._sliders) - 1, self._chosen + by)))

    def jump_targets(self) -> list[Target]:
        """The sliders that are seen."""
        x, y = self.region.offset
        first = self._first()
        seen = range(first, min(len(self._sliders), first + self.size.height))
        return [Target(x, y + index - first, partial(self._choose, index)) for index in seen]

    def _choose(self, index: int) -> None:
        self.post_message(self.Chosen(self, index))
