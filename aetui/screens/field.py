"""Screen 6: where the network moves what it is given, r(x) − x: arrows over the plane, or pictures."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from aetui import keys
from aetui.field.plane import FLAT_DATA
from aetui.follow.entries import Entry
from aetui.probes import probe_of
from aetui.screens.page import Page
from aetui.views.field_images import FieldImages
from aetui.views.field_plane import FieldPlane
from aetui.views.view import View
from export.errors import ToolError


class FieldScreen(Page):
    """The run decides which of the two views comes first; Tab shows the other."""

    where = "field"
    CSS_PATH = "field.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("field")]
    views: ClassVar[dict[str, type[View]]] = {"plane": FieldPlane, "images": FieldImages}

    def __init__(self) -> None:
        super().__init__()
        self._fitted_to: object = None

    def entry(self) -> Entry | None:
        """The selected run; before one was chosen rather a denoising one, and rather one of the plane."""
        if self.ui.selection.chosen:
            return self.ui.selected_entry()
        with_model = [entry for entry in self.ui.entries if entry.model is not None]
        return min(with_model, key=_suits, default=self.ui.selected_entry())

    def entries_changed(self) -> None:
        entry = self.entry()
        if entry is not None and entry.path != self._fitted_to and entry.model is not None:
            self._fitted_to = entry.path
            self.show_view("plane" if _is_flat(entry) else "images")
        super().entries_changed()


def _suits(entry: Entry) -> tuple[bool, bool]:
    return entry.variant != "denoising", entry.data not in FLAT_DATA


def _is_flat(entry: Entry) -> bool:
    try:
        return probe_of(entry).images.shape[1:] == (1, 1, 2)
    except (ToolError, OSError):
        return entry.data in FLAT_DATA
