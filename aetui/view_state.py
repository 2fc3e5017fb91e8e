"""What the screens remember of a folder of runs from one visit to the next."""

from __future__ import annotations

import contextlib
import zlib
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
