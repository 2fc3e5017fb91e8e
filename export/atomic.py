"""Writing that is whole or absent: the only module that opens files for writing.

Order in every writer: write a temporary file, fsync it, rename it into place, fsync the folder. Standard library only.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

_UMASK = os.umask(0)
os.umask(_UMASK)


def write_bytes(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Replace ``path`` by ``data``: a reader sees the old content or the new, never a part.

    durable: also survive a power cut (two fsyncs). Raises OSError; then ``path`` is untouched.
    """
    with new_file(path, durable=durable) as file:
        file.write(data)


@contextlib.contextmanager
def new_file(path: Path, *, durable: bool = True) -> Iterator[IO[bytes]]:
    """A file to write piece by piece, which replaces ``path`` when the block ends well.

    On any exception nothing is left and ``path`` is untouched. durable: as for ``write_bytes``. Raises OSError.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with open(handle, "wb") as file:
            yield file
            file.flush()
            os.fchmod(file.fileno(), 0o666 & ~_UMASK)
            if durable:
                os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    if durable:
        fsync_folder(path.parent)


def write_text(path: Path, text: str, *, durable: bool = True) -> None:
    """``write_bytes`` of UTF-8 text."""
    write_bytes(path, text.encode(), durable=durable)


def write_json(path: Path, value: Any, *, durable: bool = True) -> None:
    """``write_bytes`` of JSON; a non-finite number becomes null, since NaN is not JSON."""
    write_text(path, json.dumps(finite(value), indent=1, ensure_ascii=False, allow_nan=False) + "\n", durable=durable)


def finite(value: Any) -> Any:
    """``value`` with every NaN and infinity replaced by None, at any depth."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value


@contextlib.contextmanager
def new_folder(path: Path, *, replace: bool = False, durable: bool = True) -> Iterator[Path]:
    """Fill a temporary sibling folder, which takes the name ``path`` when the block ends well.

    On any exception nothing is left. replace: an existing ``path`` gives way (it is gone only after the new one is
    whole); else an existing ``path`` raises FileExistsError. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not replace:
        raise FileExistsError(17, "exists already", str(path))
    folder = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp"))
    try:
        yield folder
        folder.chmod(0o777 & ~_UMASK)
        if durable:
            fsync_tree(folder)
        if replace and path.exists():
            old = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".old"))
            os.rename(path, old)
            try:
                os.rename(folder, path)
            except BaseException:
                os.rename(old, path)
                raise
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.rename(folder, path)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if durable:
        fsync_folder(path.parent)


def switch_symlink(link: Path, target: str) -> None:
    """Point ``link`` at ``target`` (relative to its folder) in one step."""
    temporary = link.parent / f".{link.name}.{os.getpid()}.tmp"
    with contextlib.suppress(FileNotFoundError):
        temporary.unlink()
    os.symlink(target, temporary)
    os.replace(temporary, link)


def open_log(path: Path) -> int:
    """A file descriptor that appends to ``path``, for ``append_line``; the caller closes it."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)


def append_lines(descriptor: int, lines: list[str]) -> None:
    """Append whole lines, each with one ``write``, so that a crash can tear the last one only.

    Raises OSError; a short write (full disk) is finished or raises.
    """
    for line in lines:
        data = line.encode() + b"\n"
        while data:
            data = data[os.write(descriptor, data) :]


def cut_file(path: Path, size_bytes: int) -> None:
    """Shorten ``path`` to ``size_bytes``, durably; longer than the file is an error (ValueError)."""
    with open(path, "r+b") as file:
        if size_bytes > os.fstat(file.fileno()).st_size:
            raise ValueError(f"{path} is shorter than {size_bytes} bytes")
        file.truncate(size_bytes)
        os.fsync(file.fileno())


def fsync_tree(folder: Path) -> None:
    """fsync every file below ``folder``, then every folder, innermost first."""
    for root, _, names in os.walk(folder, topdown=False):
        for name in names:
            descriptor = os.open(os.path.join(root, name), os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        fsync_folder(Path(root))


def fsync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable; file systems that cannot are forgiven."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
