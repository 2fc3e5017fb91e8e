"""``TornReports``: a report of the cursor that came in two pieces with a pause between them is put together again.

Textual's parser waits a tenth of a second for the rest of a control sequence; then it takes what came for typed keys,
and the rest too when it comes: digits that change the screen, or text in a line that is typed into.
"""

from __future__ import annotations

import math
import re
import threading
from typing import NamedTuple

from textual.events import Key

_PART = re.compile(r"\[\d{0,4}(;\d{0,4})?")
_WHOLE = re.compile(r"\[(\d{1,4});(\d{1,4})R")


class Found(NamedTuple):
    """keys: those that belong to no report, in their order. report: row and column, where a report is whole now."""

    keys: list[Key]
    report: tuple[int, int] | None = None


class TornReports:
    """Holds keys back as long as they spell the beginning of a report; of any thread.

    An escape character that came alone has been the key already: that is not undone.
    """

    def __init__(self) -> None:
        self._held: list[Key] = []
        self._lock = threading.Lock()

    @property
    def holds(self) -> bool:
        """Whether a key is held back."""
        return bool(self._held)

    def add(self, key: Key) -> Found:
        """A key came, and a report may be on its way."""
        with self._lock:
            self._held.append(key)
            spelt = "".join(one.character or " " for one in self._held)
            whole = _WHOLE.fullmatch(spelt)
            if whole is not None:
                self._held = []
                return Found([], (int(whole[1]), int(whole[2])))
            if _PART.fullmatch(spelt):
                return Found([])
            keys, self._held = self._held, []
            if key.character == "[" and len(keys) > 1:  # it may be the first of a report
                self._held = [keys.pop()]
            return Found(keys)

    def rest(self, before: float = math.inf) -> list[Key]:
        """What was held back is the beginning of no report, if its first key came before that time (monotonic)."""
        with self._lock:
            if self._held and self._held[0].time > before:
                return []
            keys, self._held = self._held, []
        return keys
