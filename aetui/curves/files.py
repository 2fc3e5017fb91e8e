"""Curves as files: CSV and SVG, whole or absent, and never in the place of another file."""

from __future__ import annotations

import re
from pathlib import Path

from aetui.saving import free_path, write

_LONGEST = 80


def save_csv(text: str, folder: Path, what: str) -> Path:
    """Write ``text`` as a new ``aetui-<what>-<time>.csv``. Returns its path. Raises OSError."""
    return _save(text, folder, what, "csv")


def save_chart(svg: str, folder: Path, what: str) -> Path:
    """The same for a drawing, as SVG."""
    return _save(svg, folder, what, "svg")


def _save(text: str, folder: Path, what: str, suffix: str) -> Path:
    path = free_path(folder.expanduser(), file_name(what), suffix)
    write(path, text.encode())
    return path


def file_name(what: str) -> str:
    """``what`` with nothing in it that means something to a file system or a shell: letters, digits, ``.``, ``_``."""
    return re.sub(r"[^\w.]+", "-", what).strip("-.")[:_LONGEST] or "curves"
