"""Which images come first: the order that is shown, kept while it must not change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aetui.reconstructions.answers import Made, Positions, Shown
from aetui.reconstructions.picking import picked
from aetui.reconstructions.shelves import all_badness
from aetui.reconstructions.study import Study


class Ordering:
    """The order of the images, and what it was made for."""

    def __init__(self) -> None:
        self._sorted: tuple[Any, Positions] | None = None

    def places(
        self, shown: Shown, labels: Positions, study: Study, made: Sequence[Made | None], key: Any, *, moving: bool
    ) -> Positions:
        """Places of the images of the chosen class in the chosen order, as far as the errors are known.

        made: what the runs made of the images, None where one failed. key: of the images and runs. moving: the level
        of the noise is on its way: pictures must not jump, so the order before stays.
        """
        stored = picked(labels, study.shown_class, "stored", None)
        if study.order == "stored":
            return stored
        wanted = (key, study.order, study.shown_class, study.measure)
        before = self._sorted[1] if self._sorted is not None and self._sorted[0] == wanted else None
        if before is not None and moving:
            return before
        known = [one for one in made if one is not None]
        if known and all(one.known.all() for one in known):
            badness = all_badness(study.measure, shown, known)
            before = picked(labels, study.shown_class, study.order, badness)
            self._sorted = wanted, before
        return stored if before is None else before
