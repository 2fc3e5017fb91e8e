"""``ManifoldGrid``: pictures edge to edge, one of them chosen by keys or a click.

``grid.show_images(images, layout, dimmed)`` takes float32 [down · across, C, H, W] and the
``aetui.paint.manifold.Grid`` that they were decoded for. ``ManifoldGrid.Picked`` tells of a click.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
from textual import events
from textual.message import Message

from aetui.jump import Target
from aetui.paint.cells import Cells, blank
from aetui.paint.look import Look
from aetui.paint.manifold import Grid, paint_manifold, put_choice
from aetui.paint.resize import Pixels
from aetui.widgets.cells_view import CellsView


class ManifoldGrid(CellsView):
    """Many small pictures; they are painted once, the mark of the chosen one is drawn over a copy."""

    class Picked(Message):
        """The picture in this column and row was clicked."""

        def __init__(self, grid: ManifoldGrid, column: int, row: int) -> None:
            super().__init__()
            self.grid = grid
            self.column = column
            self.row = row

        @property
        def control(self) -> ManifoldGrid:
            return self.grid

    class Zoomed(Message):
        """The wheel was turned. way: 1 closer, −1 away."""

        def __init__(self, way: int) -> None:
            super().__init__()
            self.way = way

    class Resized(Message):
        """Another number of pictures may fit."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._images: Pixels | None = None
        self._grid: Grid | None = None
        self._dimmed: npt.NDArray[np.bool_] | None = None
        self._chosen: tuple[int, int] | None = None
        self._base: Cells | None = None
        self._base_for: tuple[int, int, Look] | None = None

    def show_images(
        self, images: Pixels | None, grid: Grid | None, dimmed: npt.NDArray[np.bool_] | None = None
    ) -> None:
        """Show these from now on; None: nothing."""
        self._images, self._grid, self._dimmed = images, grid, dimmed
        self._base = None
        self.repaint()

    def choose(self, chosen: tuple[int, int] | None) -> None:
        """Mark the picture in this column and row."""
        if chosen != self._chosen:
            self._chosen = chosen
            self.repaint()

    def paint(self, columns: int, rows: int) -> Cells:
        images, grid, key = self._images, self._grid, (columns, rows, self.look)
        if images is None or grid is None:
            return blank(rows, columns)
        if self._base is None or self._base_for != key:
            self._base = paint_manifold(images, grid, columns, rows, self.look, dimmed=self._dimmed)
            self._base_for = key
        cells = self._base.copy()
        if self._chosen is not None:
            put_choice(cells, grid, *self._chosen, self.look)
        return cells

    def jump_targets(self) -> list[Target]:
        """Every picture."""
        grid = self._grid
        if grid is None or self._images is None:
            return []
        x, y = self.region.offset
        return [
            Target(
                x + grid.left + column * grid.wide,
                y + grid.top + row * grid.high,
                partial(self._pick, column, row),
            )
            for row in range(grid.down)
            for column in range(grid.across)
        ]

    def _pick(self, column: int, row: int) -> None:
        self.post_message(self.Picked(self, column, row))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        place = self._grid.at(offset.x, offset.y) if self._grid is not None and offset is not None else None
        if place is not None:
            self._pick(*place)

    def on_resize(self) -> None:
        self.post_message(self.Resized())

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.post_message(self.Zoomed(1))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.post_message(self.Zoomed(-1))
