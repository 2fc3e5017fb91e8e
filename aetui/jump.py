"""Places that the jump letters lead to."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

LETTERS = "asdfghjklqwertyuiopzxcvbnm"
"""In the order in which they are handed out: the fingers rest on the first ones."""


class Target(NamedTuple):
    """x, y: the cell of the screen where its letters are put. go: does what a click there would do."""

    x: int
    y: int
    go: Callable[[], object]


def labelled(targets: Sequence[Target]) -> dict[str, Target]:
    """A label for each, all of one length: a letter, or two where there are more than 26."""
    ordered = sorted(targets, key=lambda target: (target.y, target.x))
    length = 1 if len(ordered) <= len(LETTERS) else 2
    labels = map("".join, itertools.product(LETTERS, repeat=length))
    return dict(zip(labels, ordered, strict=False))
