"""Which libraries an ELF file asks for. Standard library only."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

_DYNAMIC, _NEEDED = 6, 1
"""SHT_DYNAMIC and DT_NEEDED."""


def needed_libraries(path: Path) -> list[str]:
    """The names that a 64-bit little-endian ELF file needs (DT_NEEDED), in its order; none where it is no such file.

    Loading the file itself to find out would leave it half initialised for whoever loads it next.
    Source: System V ABI, chapter 5 (dynamic section).
    """
    try:
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _needed(data)
    except (OSError, ValueError, OverflowError, struct.error, IndexError):
        return []


def _needed(data: mmap.mmap) -> list[str]:
    if data[:6] != b"\x7fELF\x02\x01":
        return []
    (sections_at,) = struct.unpack_from("<Q", data, 0x28)
    size, count = struct.unpack_from("<HH", data, 0x3A)
    headers = [struct.unpack_from("<IIQQQQIIQQ", data, sections_at + size * i) for i in range(count)]
    names: list[str] = []
    for _, kind, _, _, offset, length, link, *_ in headers:
        if kind != _DYNAMIC:
            continue
        for tag, value in struct.iter_unpack("<qQ", data[offset : offset + length]):
            if tag == _NEEDED:
                start = headers[link][4] + value
                names.append(data[start : data.find(b"\0", start)].decode())
    return names
