"""Shared libraries that are nothing but what they say they need."""

from __future__ import annotations

import struct


def elf_file(needed: list[str]) -> bytes:
    """A 64-bit ELF file with nothing but a dynamic section, written from the System V ABI."""
    names = b"\0" + b"".join(name.encode() + b"\0" for name in needed)
    offsets = [names.index(b"\0" + name.encode() + b"\0") + 1 for name in needed]
    dynamic = b"".join(struct.pack("<qQ", 1, offset) for offset in offsets) + struct.pack("<qQ", 0, 0)
    names_at, dynamic_at = 64, 64 + len(names)
    sections_at = dynamic_at + len(dynamic)
    section = struct.Struct("<IIQQQQIIQQ")
    sections = section.pack(0, 3, 0, 0, names_at, len(names), 0, 0, 1, 0)
    sections += section.pack(0, 6, 0, 0, dynamic_at, len(dynamic), 0, 0, 8, 16)
    header = b"\x7fELF\x02\x01\x01" + b"\0" * 9
    header += struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 0, sections_at, 0, 64, 0, 0, section.size, 2, 0)
    return header + names + dynamic + sections
