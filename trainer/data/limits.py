"""How much memory a file may ask for: checked against its header, before a byte of it is unpacked."""

from __future__ import annotations

import os
from pathlib import Path

from export.errors import ExitCode, ToolError

BOMB_RATIO = 250
"""Real images shrink by 2 to 120 times (sparse drawings); deflate's limit is 1,032, which only bombs come near."""

BOMB_BYTES = 64 << 20
"""Smaller than this, no ratio is dangerous."""

MAX_IMAGE_PIXELS = 1 << 26
"""Of one image file (67 megapixels): more than cameras make, less than decompression bombs ask for."""


def damaged(path: Path | str, why: str, *, do: str = "get the file again from where it came from") -> ToolError:
    """The error (exit 3) for a file that cannot be read."""
    return ToolError(f"{path} cannot be read", why=why, do=do, exit_code=ExitCode.DAMAGED)


def check_ratio(path: Path | str, needed_bytes: int, stored_bytes: int) -> None:
    """Raises ToolError (exit 3) where ``stored_bytes`` of a compressed file claim to hold absurdly more."""
    if needed_bytes > BOMB_BYTES and needed_bytes > BOMB_RATIO * stored_bytes:
        raise damaged(
            path,
            f"its {size(stored_bytes)} claim to unpack to {size(needed_bytes)}, as a decompression bomb does",
            do="if the images are real, store them uncompressed (numpy.save)",
        )


def memory_bytes() -> int:
    """What this machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def resident_limit_bytes() -> int:
    """How large a data set may be that is held in memory; images of a larger ``.npy`` stay in the file.

    A quarter of this machine's memory, or ``$AETUI_RESIDENT_BYTES``. Raises ToolError (exit 2) where that is no number.
    """
    asked = os.environ.get("AETUI_RESIDENT_BYTES", "")
    if not asked:
        return memory_bytes() // 4
    if not asked.isdecimal():
        raise ToolError(
            f"$AETUI_RESIDENT_BYTES is {asked!r}",
            why="it is a number of bytes: up to so many, images are held in memory",
            do="export AETUI_RESIDENT_BYTES=4000000000, or unset it",
        )
    return int(asked)


def check_memory(path: Path | str, needed_bytes: int) -> None:
    """Raises ToolError (exit 2) where the images cannot fit into half of this machine's memory.

    Half, because the splits are copies.
    """
    memory = memory_bytes()
    if needed_bytes > memory // 2:
        raise ToolError(
            f"{path} is too large: {size(needed_bytes)} of images",
            why=f"this machine has {size(memory)} of memory",
            do="use fewer or smaller images (--image-size for a folder); only an .npy may be larger than memory",
        )


def size(count: int) -> str:
    """``count`` bytes for people: '26.4 MB'."""
    value = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
