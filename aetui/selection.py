"""Which run the screens are about, which are marked, which is the baseline, and the colour of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aetui.follow.entries import Entry

COLOURS = 8
"""The series colours that there are (``paint.colours.series_colour``)."""


class Selection:
    """path: the run that all screens are about. chosen: the user said so. marked: to be overlaid, in the order of the
    marks. baseline: what the others are compared with, or None. order: the runs in the order in which screen 1 shows
    them, where that filters or sorts them; else []."""

    def __init__(self) -> None:
        self.path: Path | None = None
        self.chosen = False
        self.marked: list[Path] = []
        self.baseline: Path | None = None
        self.order: list[Path] = []
        self._colours: dict[str, int] = {}

    def follow(self, entries: Sequence[Entry]) -> None:
        """``entries`` are all there are now: forget what is gone, give the new ones a colour."""
        paths = {entry.path for entry in entries}
        self.marked = [path for path in self.marked if path in paths]
        if self.baseline not in paths:
            self.baseline = None
        if self.path not in paths:
            self.path, self.chosen = (entries[0].path if entries else None), False
        for entry in reversed(entries):
            self.colour_of(entry)

    def colour_of(self, entry: Entry) -> int:
        """The series colour of a run, 0 … 7: the same as long as it is known by this name, the rarest for a new one."""
        if entry.name not in self._colours:
            taken = Counter(self._colours.values())
            self._colours[entry.name] = min(range(COLOURS), key=lambda colour: taken[colour])
        return self._colours[entry.name]

    def toggle_mark(self, path: Path) -> None:
        """Mark a run, or take its mark away."""
        if path in self.marked:
            self.marked.remove(path)
        else:
            self.marked.append(path)

    def toggle_baseline(self, path: Path) -> None:
        """Pin a run as the baseline, or unpin it."""
        self.baseline = None if path == self.baseline else path

    def state(self) -> dict[str, Any]:
        """What is to be remembered, as JSON values."""
        return {
            "selected": str(self.path) if self.path is not None and self.chosen else None,
            "marked": [str(path) for path in self.marked],
            "baseline": str(self.baseline) if self.baseline is not None else None,
            "colours": self._colours,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what ``state`` said; values that it cannot have said are passed over."""
        selected, marked, baseline = state.get("selected"), state.get("marked"), state.get("baseline")
        if isinstance(selected, str):
            self.path, self.chosen = Path(selected), True
        if isinstance(marked, list):
            self.marked = list(dict.fromkeys(Path(path) for path in marked if isinstance(path, str)))
        if isinstance(baseline, str):
            self.baseline = Path(baseline)
        colours = state.get("colours")
        if isinstance(colours, dict):
            good = {name: colour for name, colour in colours.items() if isinstance(colour, int)}
            self._colours = {name: colour for name, colour in good.items() if 0 <= colour < COLOURS}
