"""The same network with codes of different widths: 2 against 5 dimensions against the ground truth."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import BindingType

from aetui import keys
from aetui.follow.entries import Entry
from aetui.paint.series import Series
from aetui.reconstructions import subjects
from aetui.reconstructions.shelves import ImagePage, Result
from aetui.views.pictures import PicturesView
from aetui.widgets.chart import Chart

_CHART_COLUMNS = 36
_CHART_FROM_COLUMNS = 110
_ENOUGH = 2


class CodeWidthsView(PicturesView):
    """A row per width of the code below the ground truth, and the error over the width.

    Source: CSE 465 lecture 13, reconstructions with 2 and with 5 dimensions beside the ground truth.
    """

    where = "reconstructions/widths"
    title = "code widths"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("reconstructions/widths")]
    first = "ground truth"
    wraps = (1,)

    def beside(self) -> ComposeResult:
        yield Chart(id="widths")

    def subjects(self) -> list[Entry]:
        found = subjects.of_all_widths(self.ui.entries, self.ui.marked_entries(), self.page.entry())
        return found if len(found) >= _ENOUGH else []

    def names(self, subjects: list[Entry]) -> list[str]:
        return [f"{entry.latent_dim} dimension{'s' * (entry.latent_dim != 1)}" for entry in subjects]

    def empty(self) -> str:
        entry = self.page.entry()
        if entry is None:
            return "no run yet: aetrain sweep --latent-dim 2 3 5 12 20"
        like = f"{entry.variant} run of {entry.data} with another code width"
        return f"no other {like}: aetrain sweep {entry.variant} --data {entry.data} --latent-dim 2 3 5 12 20"

    def panel_columns(self) -> int:
        if self.study.large:
            return super().panel_columns()
        return _CHART_COLUMNS if self.size.width >= _CHART_FROM_COLUMNS else 0

    def _say_instead(self, text: str) -> None:
        super()._say_instead(text)
        self.query_one(Chart).display = False

    def show_panel(self, page: ImagePage, results: list[Result]) -> None:
        """The curve; the facts where one image is large."""
        super().show_panel(page, results)
        chart = self.query_one(Chart)
        chart.display = not self.study.large and self.panel_columns() > 0
        found = [
            (entry.latent_dim, page.mean(result.made))
            for entry, result in zip(self.shown_subjects, results, strict=True)
            if result.made is not None and entry.latent_dim is not None
        ]
        xs = np.array([width for width, _ in found], np.float64)
        ys = np.array([mean for _, mean in found], np.float64)
        chart.title, chart.x_label = f"mean {page.measure}", "dimensions"
        chart.set_series([Series(xs, ys, "")])
