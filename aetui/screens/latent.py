"""Screen 4: the space of codes. Each way of looking at it is a view."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from aetui import keys
from aetui.screens.page import Page
from aetui.views.attributes import AttributesView
from aetui.views.deck import DeckView
from aetui.views.manifold import ManifoldView
from aetui.views.map import MapView
from aetui.views.posterior import PosteriorView
from aetui.views.prior import PriorView
from aetui.views.traversal import TraversalView
from aetui.views.view import View

if TYPE_CHECKING:
    from aetui.follow.entries import Entry


class LatentScreen(Page):
    """The views of the latent space."""

    where = "latent"
    CSS_PATH = "latent.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("latent")]
    views: ClassVar[dict[str, type[View]]] = {
        "deck": DeckView,
        "traversal": TraversalView,
        "map": MapView,
        "manifold": ManifoldView,
        "prior": PriorView,
        "posterior": PosteriorView,
        "attributes": AttributesView,
    }

    def entry(self) -> Entry | None:
        """The selected run; before one was chosen rather a variational one, whose space is smooth."""
        with_model = [entry for entry in self.ui.entries if entry.model is not None]
        if not self.ui.selection.chosen:
            for found in with_model:
                if found.variant == "variational":
                    return found
            if with_model:
                return with_model[0]
        return self.ui.selected_entry()
