"""Getting a named set: from one of the places it may lie in, else from its mirrors into the cache."""

from __future__ import annotations

import hashlib
import io
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from export import atomic
from export.errors import ExitCode, ToolError, from_os_error, visible
from trainer.data.catalog import FILES, IdxSet
from trainer.data.idx import unpack
from trainer.data.places import Place, cache_folder, describe, find, places

DIMENSIONS = (3, 1, 3, 1)
"""Of each of ``FILES``: images [n, H, W], labels [n]."""

MAX_FILE_BYTES = 64 << 20
"""No file of a set is larger (the largest has 26 MB), so a mirror that sends more is not one."""

_TIMEOUT_S = (5, 60)
"""To connect, and between two packets."""


class _WrongContentError(Exception):
    """A mirror answered, but with something else."""


class _Download(io.BytesIO):
    """Takes what the mirror sends, up to ``MAX_FILE_BYTES``."""

    def write(self, data: bytes) -> int:  # type: ignore[override]
        if self.tell() + len(data) > MAX_FILE_BYTES:
            raise _WrongContentError(f"it sends more than {MAX_FILE_BYTES >> 20} MB")
        return super().write(data)


def find_or_fetch(wanted: IdxSet, data_dir: Path | None) -> tuple[Path, ...]:
    """The four files of ``wanted``, fetched into the cache where no place has them.

    Raises ToolError: exit 2 where they are nowhere and no mirror answers, 3 where a mirror sends something else.
    """
    where = places(data_dir)
    return find(wanted, where) or _fetch(wanted, where)


def verify(wanted: IdxSet, files: tuple[Path, ...]) -> None:
    """Raises ToolError (exit 3) unless the four ``files`` hold exactly what was published."""
    for path, dimensions, expected in zip(files, DIMENSIONS, wanted.sha256, strict=True):
        try:
            found = hashlib.sha256(unpack(path.read_bytes(), dimensions, path)).hexdigest()
        except OSError as error:
            raise from_os_error(error) from error
        if found != expected:
            raise ToolError(
                f"{path} is not the published {wanted.name}",
                why=f"unpacked it has sha256 {found[:12]}…, the published file has {expected[:12]}…",
                do=f"move it away and run: aetrain data {wanted.name}",
                exit_code=ExitCode.DAMAGED,
            )


def _fetch(wanted: IdxSet, where: list[Place]) -> tuple[Path, ...]:
    folder = cache_folder() / wanted.name
    failures: list[str] = []
    wrong = False
    for mirror in _mirrors(wanted, os.environ):
        try:
            return _fetch_from(mirror, wanted, folder)
        except _WrongContentError as error:
            wrong = True
            failures.append(f"{mirror}: {error}")
        except OSError as error:  # every error of requests is one
            if error.filename is not None:
                raise from_os_error(error) from error
            failures.append(f"{mirror}: {_reason(error)}")
    looked = ", ".join(describe(place, wanted) for place in where)
    package = f"apt-get install {wanted.package}, or " if wanted.package else ""
    raise ToolError(
        f"data set {wanted.name!r} could not be fetched" + (": wrong content" if wrong else ""),
        why=f"not found in {looked}; {'; '.join(failures)}",
        do=f"{package}put {', '.join(FILES)} (or .gz) into one of these folders (or a sub-folder {wanted.name}), "
        "or set $AETUI_MIRROR to a server that has them",
        exit_code=ExitCode.DAMAGED if wrong else ExitCode.USAGE,
    )


def _mirrors(wanted: IdxSet, environ: Mapping[str, str]) -> Iterator[str]:
    """The base addresses to ask; ``$AETUI_MIRROR`` replaces the publisher's."""
    own = environ.get("AETUI_MIRROR", "").rstrip("/")
    if own:
        yield f"{own}/{wanted.name}"
        yield own
    else:
        yield from wanted.mirrors


def _fetch_from(mirror: str, wanted: IdxSet, folder: Path) -> tuple[Path, ...]:
    """All files from one mirror. A file appears in ``folder`` once its checksum is right, never before."""
    files = []
    for name, dimensions, expected in zip(FILES, DIMENSIONS, wanted.sha256, strict=True):
        path = folder / f"{name}.gz"
        if not path.is_file():
            url = f"{mirror}/{name}.gz"
            print(f"fetching {visible(url)}", file=sys.stderr)
            data = _download(url)
            try:
                content = unpack(data, dimensions, url)
            except ToolError as error:
                raise _WrongContentError(f"{name}.gz: {error.why}") from error
            if (found := hashlib.sha256(content).hexdigest()) != expected:
                raise _WrongContentError(f"{name}.gz unpacked has sha256 {found[:12]}…, not {expected[:12]}…")
            folder.mkdir(parents=True, exist_ok=True)
            atomic.write_bytes(path, data)
        files.append(path)
    return tuple(files)


def _download(url: str) -> bytes:
    """What ``url`` sends. Raises OSError (requests' errors are), _WrongContentError."""
    import pooch

    download = _Download()
    try:
        pooch.HTTPDownloader(timeout=_TIMEOUT_S)(url, download, None)
    except ValueError as error:  # not an address at all, whatever class requests gives it
        raise OSError(str(error)) from error
    return download.getvalue()


def _reason(error: OSError) -> str:
    """The innermost cause, which says it in the fewest words ("Connection refused")."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"HTTP {response.status_code} {response.reason}".strip()
    seen: BaseException = error
    while (inner := seen.__cause__ or seen.__context__) is not None:
        seen = inner
    text = seen.strerror if isinstance(seen, OSError) and seen.strerror else str(seen)
    return text or type(seen).__name__
