"""What the screens remember of a folder of runs from one visit to the next: the file, and how its values are read.

Anybody may have written the file: ``whole``, ``real`` and ``one_of`` take what a screen can have put there and nothing
else.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

LARGEST_BYTES = 1 << 20

State = dict[str, Any]


def state_path(folder: Path, subject: Path) -> Path:
    """The file for one folder of runs (or a run, a bundle). folder: ``places.state_folder``."""
    path = str(subject.resolve()).encode("utf-8", "surrogateescape")
    return folder / f"{zlib.crc32(path):08x}{zlib.adler32(path):08x}.json"


def read_state(path: Path) -> State:
    """What was remembered; nothing where the file is missing, damaged or too large."""
    if not path.exists():
        return {}
    import json

    with contextlib.suppress(OSError, ValueError, RecursionError):
        if path.stat().st_size <= LARGEST_BYTES:
            found = json.loads(path.read_text(encoding="utf-8"))
            return found if isinstance(found, dict) else {}
    return {}


def write_state(path: Path, state: State) -> None:
    """Remember ``state``. Raises OSError."""
    from export import atomic

    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_json(path, state, durable=False)


def whole(value: object, otherwise: int, low: int, high: int) -> int:
    """``value`` where it is a whole number from ``low`` to ``high``, else ``otherwise``."""
    return value if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high else otherwise


def real(value: object, otherwise: float, low: float, high: float) -> float:
    """``value`` where it is a number from ``low`` to ``high``, else ``otherwise``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return otherwise
    return float(value) if low <= value <= high else otherwise


def one_of(value: object, otherwise: str, choices: Collection[str]) -> str:
    """``value`` where it is one of ``choices``, else ``otherwise``."""
    return value if isinstance(value, str) and value in choices else otherwise
