"""input | corrupted | reconstruction | residual, of one run."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from aetui import keys
from aetui.follow.entries import Entry
from aetui.views.missing import NO_RUN, no_model
from aetui.views.pictures import PicturesView


class OneRunView(PicturesView):
    """What one network makes of the images."""

    where = "reconstructions/run"
    title = "one run"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("reconstructions/run")]
    shows_residuals = True

    def subjects(self) -> list[Entry]:
        entry = self.page.entry()
        return [entry] if entry is not None and entry.model is not None else []

    def names(self, subjects: list[Entry]) -> list[str]:
        return ["reconstruction"] * len(subjects)

    def empty(self) -> str:
        entry = self.page.entry()
        if entry is None:
            return NO_RUN
        return no_model(entry)
