"""Messages between the screens and the engine process: a JSON header, then raw arrays. Pure: bytes in, bytes out.

A frame is ``!4sIQ`` (magic, header bytes, body bytes), the header as UTF-8 JSON, and the arrays' bytes one after the
other; the header's ``arrays`` lists name, dtype and shape of each. ``pack`` makes one, ``sizes`` reads the prefix and
``unpack`` the rest. Both sides are ours, but a process that has gone wrong may send anything: all is checked.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Arrays = dict[str, npt.NDArray[Any]]

PREFIX = struct.Struct("!4sIQ")

MOST_HEADER_BYTES = 1 << 20
MOST_BODY_BYTES = 1 << 30

_MAGIC = b"aee1"
_DTYPES = ("float32", "int64", "uint8")


class ProtocolError(Exception):
    """What came is not a frame, or too large for one."""


def pack(header: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]] | None = None) -> list[bytes | memoryview]:
    """The pieces of a frame, to be written one after the other. header: JSON values; the key ``arrays`` is ours.

    Raises ProtocolError where it is too large or has an array of another dtype than float32, int64 and uint8.
    """
    listed, bodies = [], []
    for name, array in (arrays or {}).items():
        if array.dtype.name not in _DTYPES:
            raise ProtocolError(f"array {name!r} is {array.dtype}, not one of {', '.join(_DTYPES)}")
        listed.append({"name": name, "dtype": array.dtype.name, "shape": list(array.shape)})
        bodies.append(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    text = json.dumps({**header, "arrays": listed}).encode()
    total = sum(body.nbytes for body in bodies)
    _check_sizes(len(text), total)
    return [PREFIX.pack(_MAGIC, len(text), total) + text, *bodies]


def sizes(prefix: bytes) -> tuple[int, int]:
    """The bytes of header and body that follow ``prefix`` (``PREFIX.size`` bytes). Raises ProtocolError."""
    magic, header_bytes, body_bytes = PREFIX.unpack(prefix)
    if magic != _MAGIC:
        raise ProtocolError(f"a frame begins with {_MAGIC!r}, not {magic!r}")
    _check_sizes(header_bytes, body_bytes)
    return header_bytes, body_bytes


def unpack(text: bytes, body: bytes | bytearray) -> tuple[dict[str, Any], Arrays]:
    """Header and arrays (read-only where ``body`` is). Raises ProtocolError where they do not agree."""
    try:
        header = json.loads(text)
        listed = header.pop("arrays")
        wanted = [(str(one["name"]), str(one["dtype"]), tuple(map(int, one["shape"]))) for one in listed]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ProtocolError(f"the header cannot be read: {error!r}") from error
    arrays: Arrays = {}
    offset = 0
    for name, dtype, shape in wanted:
        if dtype not in _DTYPES or min(shape, default=0) < 0:
            raise ProtocolError(f"array {name!r} is {dtype} {list(shape)}")
        count = math.prod(shape)
        size = count * np.dtype(dtype).itemsize
        if offset + size > len(body):
            raise ProtocolError(f"array {name!r} goes past the end of the frame")
        arrays[name] = np.frombuffer(body, dtype, count, offset).reshape(shape)
        offset += size
    if offset != len(body):
        raise ProtocolError(f"{len(body) - offset} bytes belong to no array")
    return header, arrays


def _check_sizes(header_bytes: int, body_bytes: int) -> None:
    if header_bytes > MOST_HEADER_BYTES or body_bytes > MOST_BODY_BYTES:
        raise ProtocolError(f"a frame of {header_bytes} + {body_bytes} bytes is too large")
