"""The variants, or the marked runs, on the same images."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from aetui import keys
from aetui.follow.entries import Entry
from aetui.reconstructions import subjects
from aetui.views.missing import NO_RUN
from aetui.views.pictures import PicturesView


class SideBySideView(PicturesView):
    """What several networks make of the same images; the best one of each is marked."""

    where = "reconstructions/beside"
    title = "side by side"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("reconstructions/beside")]

    def subjects(self) -> list[Entry]:
        return subjects.side_by_side(self.ui.entries, self.ui.marked_entries(), self.page.entry())

    def empty(self) -> str:
        if self.page.entry() is None:
            return NO_RUN
        return "no run of this data set has a model to look at yet; aetrain fit trains all four variants"
