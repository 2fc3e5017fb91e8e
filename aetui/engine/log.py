"""Where the engine process puts what onnxruntime prints: a file of the user's, never the terminal."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def log_path(environ: Mapping[str, str]) -> Path | None:
    """``engine.log`` in the user's folder for such things (XDG state); None where that cannot be written to."""
    state = environ.get("XDG_STATE_HOME", "")
    try:
        # A relative path in the variable is to be passed over, says the XDG base directory specification.
        folder = (Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state") / "aetui"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return folder / "engine.log" if os.access(folder, os.W_OK) else None
