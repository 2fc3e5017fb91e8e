"""Which dimension of the code follows which attribute of the image."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import numpy as np
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from aetui import keys
from aetui.frames import Frames
from aetui.latent.attributes import Attributed, attributed
from aetui.latent.encoded import Encoded, decode
from aetui.latent.load import read_source, stamp_of
from aetui.paint.heat_table import HeatTable, width_wanted
from aetui.paint.images import shape_of, size_of
from aetui.paint.sliders import value_text
from aetui.probes import Images
from aetui.terminal.outside_text import plain
from aetui.view_state import whole
from aetui.views.latent_view import LatentView
from aetui.widgets.heat_table import HeatTableView
from aetui.widgets.picture_row import PictureRow
from aetui.widgets.text_lines import TextLine, TextLines

STRIP = 9
_STRIP_SHARE = 0.3
_ENDS = 34
"""Columns from which on the two ends of the strip are shown large."""
_ROOMY = 12
"""Rows from which on there are two lines of text."""
_LARGEST = 1 << 16


class AttributesView(LatentView):
    """The table of mutual information; below it the traversal of the dimension under the cursor."""

    where = "latent/attributes"
    title = "Attributes"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("latent/attributes")]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.cursor = (0, 0)
        """(place in the list, attribute)."""
        self.by_attribute = False
        """Sort by what the dimensions share with the chosen attribute, and not by what they carry."""
        self.known: Attributed | None = None
        self._known_of: tuple[object, ...] = ()
        self._strip: Images | None = None
        self._strip_of = -1
        self._values = np.zeros(STRIP)

    def body(self) -> ComposeResult:
        yield TextLines(id="facts")
        with Horizontal(id="above"):
            yield HeatTableView(id="table")
            yield PictureRow(id="ends")
        yield PictureRow(id="strip")

    # What is asked

    def question(self) -> tuple[object, ...]:
        entry = self.page.entry()
        return (self.image, self.cursor, self.by_attribute, () if entry is None else stamp_of(entry))

    async def answer(self, encoded: Encoded) -> None:
        stamp = stamp_of(encoded.entry)
        if stamp != self._known_of:
            source = await asyncio.to_thread(read_source, encoded.entry)
            self.known = await asyncio.to_thread(attributed, source, encoded)
            self._known_of = stamp
            if source.error is not None:
                self.ui.tell(source.error)
        known = self.known
        if known is None:
            return
        self.cursor = self._within(known, *self.cursor)
        row = int(self.order(encoded, known)[self.cursor[0]])
        dimension = int(known.dimensions[row])
        self._values = np.linspace(known.low[row], known.high[row], STRIP)
        codes = np.repeat(encoded.code[self.image][None].astype(np.float32), STRIP, axis=0)
        codes[:, dimension] = self._values
        self._strip, self._strip_of = await decode(self.ui.ask, encoded, codes), dimension

    def order(self, encoded: Encoded, known: Attributed) -> np.ndarray:
        """The rows of the table from top to bottom: int64 [r]."""
        if self.by_attribute:
            return np.argsort(-known.information.shared[:, self.cursor[1]], kind="stable")
        place = np.empty(encoded.code.shape[1], np.int64)
        place[encoded.dimensions.order] = np.arange(len(place))
        return np.argsort(place[known.dimensions], kind="stable")

    def _within(self, known: Attributed, row: int, column: int) -> tuple[int, int]:
        return max(0, min(len(known.dimensions) - 1, row)), max(0, min(len(known.names) - 1, column))

    def nothing(self) -> str:
        if self.encoded is not None and self.known is None:
            return (
                f"nothing is known about the images of {self.encoded.entry.data}: no attributes and no classes; "
                "try --data faces, whose six attributes are known, or digits and fashion-mnist, which have classes"
            )
        return super().nothing()

    # Drawing

    def show(self, encoded: Encoded) -> None:
        known = self.known
        if known is None or self._strip is None:
            return
        order, unicode = self.order(encoded, known), self.ui.look.unicode
        found = known.information
        table = HeatTable(
            rows=[f"z{int(known.dimensions[row]) + 1}" for row in order],
            columns=[plain(name, unicode=unicode) for name in known.names],
            values=found.shared[order],
            below=[
                ("MIG", [f"{gap:.2f}" for gap in found.gap.tolist()]),
                ("best", [f"z{int(known.dimensions[found.best(j)]) + 1}" for j in range(len(known.names))]),
            ],
            floor=found.chance.tolist(),
            quiet=[bool(encoded.dimensions.dead[known.dimensions[row]]) for row in order],
        )
        self.query_one("#facts").styles.height = 2 if self.size.height >= _ROOMY else 1
        self.query_one("#facts", TextLines).show_lines(self._facts(encoded, known, int(order[self.cursor[0]])))
        self.query_one("#table", HeatTableView).show_table(table, self.cursor)
        self._show_strip(encoded, self._strip)
        self._show_ends(encoded, self._strip, width_wanted(table))

    def _show_strip(self, encoded: Encoded, images: Images) -> None:
        """Along the dimension under the cursor."""
        height, width = shape_of(encoded.pictures(encoded.x[:1])[0])
        columns, rows = max(1, self.size.width), max(1, self.size.height)
        each = max(1, (columns + 1) // STRIP - 1)
        high = size_of(height, width, each, max(1, round(rows * _STRIP_SHARE) - 1), self.ui.look)[1]
        wide, _ = size_of(height, width, each, high, self.ui.look)
        strip = self.query_one("#strip", PictureRow)
        strip.styles.height = high + 1
        gap = max(1, (columns - STRIP * wide) // (STRIP - 1))
        captions = [value_text(float(value), wide) for value in self._values]
        strip.show_images(encoded.pictures(images), captions, gap=gap)

    def _show_ends(self, encoded: Encoded, images: Images, table: int) -> None:
        """Its two ends large, where the table leaves room for them."""
        ends, room = self.query_one("#ends", PictureRow), self.size.width - table - 2
        ends.display = room >= _ENDS
        self.query_one("#table").styles.width = table if ends.display else "1fr"
        if ends.display:
            low, high = (value_text(float(value)) for value in self._values[[0, -1]])
            shape = shape_of(encoded.pictures(images[:1])[0])
            wide, _ = size_of(*shape, max(1, room // 2 - 1), max(1, ends.size.height - 1), self.ui.look)
            captions = [f"lowest {low}", f"highest {high}"] if wide >= len(f"highest {high}") else [low, high]
            ends.show_images(encoded.pictures(images[[0, -1]]), captions, gap=2)

    def _facts(self, encoded: Encoded, known: Attributed, row: int) -> list[TextLine]:
        found, column = known.information, self.cursor[1]
        name, dimension = known.names[column], int(known.dimensions[row]) + 1
        shared, chance = float(found.shared[row, column]), float(found.chance[column])
        images = f"{known.count} {'probe' if known.from_probe else 'test'} {encoded.thing}s at step {known.step}"
        mean = float(found.gap.mean())
        verdict = "no more than chance" if shared <= 2 * chance else f"chance {chance:.2f}"
        return [
            f"z{dimension} gives {shared:.0%} of {name} away ({verdict}); below {encoded.name_of(self.image)} along it",
            (f"I(z; v) / H(v) over {images}; MIG {mean:.2f} in the mean", "quiet"),
        ]

    # Keys

    def action_move(self, rows: int, columns: int) -> None:
        if self.known is not None:
            self.cursor = self._within(self.known, self.cursor[0] + rows, self.cursor[1] + columns)
            self.update()

    def action_best(self) -> None:
        """To the dimension that follows the chosen attribute."""
        if self.known is not None and self.encoded is not None:
            best = self.known.information.best(self.cursor[1])
            row = int(np.flatnonzero(self.order(self.encoded, self.known) == best)[0])
            self.cursor = (row, self.cursor[1])
            self.update()

    def action_order(self) -> None:
        self.by_attribute = not self.by_attribute
        self.update()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_move(1, 0)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_move(-1, 0)

    def on_heat_table_view_picked(self, message: HeatTableView.Picked) -> None:
        if self.known is not None:
            self.cursor = self._within(self.known, message.row, message.column)
            self.update()

    # What the app asks for

    def frames(self) -> Frames | None:
        if self.encoded is None or self._strip is None or self.known is None:
            return None
        there = self.encoded.to_save(self._strip)
        return Frames(images=np.concatenate([there, there[-2:0:-1]]), per_s=6.0, title=f"along z{self._strip_of + 1}")

    def copied(self) -> str | None:
        """The table, tabs between."""
        known = self.known
        if self.encoded is None or known is None:
            return None
        lines = ["\t".join(["dimension", *known.names])]
        for row in self.order(self.encoded, known).tolist():
            values = (f"{value:.4f}" for value in known.information.shared[row].tolist())
            lines.append("\t".join([f"z{int(known.dimensions[row]) + 1}", *values]))
        lines.append("\t".join(["MIG", *(f"{gap:.4f}" for gap in known.information.gap.tolist())]))
        return "\n".join(lines)

    def view_state(self) -> dict[str, Any]:
        row, column = self.cursor
        return {**super().view_state(), "row": row, "column": column, "by_attribute": self.by_attribute}

    def restore_state(self, state: dict[str, Any]) -> None:
        super().restore_state(state)
        self.cursor = (
            whole(state.get("row"), self.cursor[0], 0, _LARGEST),
            whole(state.get("column"), self.cursor[1], 0, _LARGEST),
        )
        self.by_attribute = state.get("by_attribute") is True
