"""Words of the command line as values: cyclopts' own conversion, but for a whole number that is none."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from typing import Any

from cyclopts import CoercionError, convert


def convert_exactly(hint: Any, words: Sequence[Any]) -> Any:
    """``words`` (strings, or cyclopts' tokens) as a value of the type ``hint``.

    cyclopts rounds 2.7 epochs to 3; here that is an error. Raises CycloptsError.
    """
    kinds = set(_kinds(hint))
    for word in words if int in kinds and not kinds & {float, str} else ():
        text = str(getattr(word, "value", word))
        try:
            rounded = "." in text and not float(text).is_integer()
        except ValueError:
            continue  # no number at all: for cyclopts to say
        if rounded:
            raise CoercionError(token=None if isinstance(word, str) else word, target_type=int)
    return convert(hint, words)


def _kinds(hint: Any) -> list[Any]:
    parts = typing.get_args(hint)
    return [kind for part in parts for kind in _kinds(part)] if parts else [hint]
