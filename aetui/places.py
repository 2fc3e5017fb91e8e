"""Where the UI keeps files of its own: the folders of the XDG base directory specification."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def settings_file(environ: Mapping[str, str]) -> Path | None:
    """``config.toml``: what the user wants every time."""
    return _below(environ, "XDG_CONFIG_HOME", ".config", "config.toml")


def state_folder(environ: Mapping[str, str]) -> Path | None:
    """What is kept from one visit to the next: logs, the state of the screens."""
    return _below(environ, "XDG_STATE_HOME", ".local/state", "")


def cache_folder(environ: Mapping[str, str]) -> Path | None:
    """What can be made again."""
    return _below(environ, "XDG_CACHE_HOME", ".cache", "")


def log_file(environ: Mapping[str, str], name: str) -> Path | None:
    """The log ``name`` in the state folder, which is made; None where that cannot be written to."""
    folder = state_folder(environ)
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder / name if os.access(folder, os.W_OK) else None


def _below(environ: Mapping[str, str], variable: str, usual: str, name: str) -> Path | None:
    """None where there is no home. A relative path in the variable is to be passed over, says the specification."""
    named = environ.get(variable, "")
    try:
        return (Path(named) if os.path.isabs(named) else Path.home() / usual) / "aetui" / name
    except RuntimeError:
        return None
