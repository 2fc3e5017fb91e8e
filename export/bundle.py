"""Reading a bundle: nothing in it is believed before its size and its sha256 are what the manifest says.

No torch, no onnxruntime. The same reader serves ``live/``, which holds the graphs and the manifest alone.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from export.errors import ExitCode, ToolError
from export.graph_check import check_graph
from export.manifest import SCHEMA, Manifest, parse_manifest

__all__ = ["SCHEMA", "Bundle", "Manifest", "is_bundle", "read_bundle", "read_file", "read_listed", "read_manifest"]

MANIFEST_BYTES = 4 << 20
"""A manifest is a few kB; a larger one is not ours."""

GRAPH_BYTES = (1 << 31) - 1
"""What a protobuf file can hold at most."""


@dataclass(frozen=True)
class Bundle:
    """A bundle whose graphs are what the manifest says. folder: where it was read, symbolic links resolved."""

    folder: Path
    manifest: Manifest
    encoder: bytes = dataclasses.field(repr=False)
    decoder: bytes = dataclasses.field(repr=False)

    @property
    def probe_path(self) -> Path:
        """``probe.npz`` of the bundle; ``live/`` has none, its run has."""
        return self.folder / "probe.npz"


def is_bundle(path: Path) -> bool:
    """True where ``path`` looks like a bundle (or ``live/``): a manifest and an encoder are there. Reads nothing."""
    return (path / "manifest.json").is_file() and (path / "encoder.onnx").is_file()


def read_bundle(folder: Path) -> Bundle:
    """The graphs and the manifest of ``folder``, checked.

    Raises ToolError: exit 2 where ``folder`` is no bundle at all; exit 3 where it is damaged, hostile or newer than us.
    """
    try:
        return _read(folder)
    except FileNotFoundError:
        # ``live`` was switched, and its old folder removed, while it was read: the new one is whole.
        try:
            return _read(folder)
        except FileNotFoundError as error:
            raise damaged(folder, f"{Path(str(error.filename)).name} is missing") from error


def read_manifest(folder: Path) -> Manifest:
    """``manifest.json`` of ``folder`` (links resolved), checked for form. Raises ToolError, FileNotFoundError."""
    try:
        text = read_file(folder, "manifest.json")
    except FileNotFoundError:
        if any((folder / name).exists() for name in ("encoder.onnx", "decoder.onnx")):
            raise
        raise _no_bundle(folder) from None
    try:
        return parse_manifest(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise damaged(folder, f"manifest.json: {str(error) or type(error).__name__}") from error


def read_listed(folder: Path, manifest: Manifest, name: str) -> bytes:
    """The file ``name`` of ``folder``, if its size and sha256 are what ``manifest`` says.

    Raises ToolError (exit 3), FileNotFoundError.
    """
    entry = manifest.files.get(name)
    if entry is None:
        raise damaged(folder, f"{name} is not listed in manifest.json")
    data = read_file(folder, name, limit=GRAPH_BYTES, size=entry["bytes"])
    found = hashlib.sha256(data).hexdigest()
    if found != entry["sha256"]:
        raise damaged(folder, f"{name} has sha256 {found[:8]}…, its manifest says {entry['sha256'][:8]}…")
    return data


def damaged(folder: Path, fact: str, why: str = "the file changed after it was written, or is not ours") -> ToolError:
    """The error (exit 3) for a bundle that must not be used."""
    return ToolError(
        f"bundle {folder} is damaged: {fact}",
        why=why,
        do="copy it again from where it came from, or export the run again: aetrain export RUN --force",
        exit_code=ExitCode.DAMAGED,
    )


def _read(folder: Path) -> Bundle:
    # All files have to come from one folder, though ``live`` may be switched to the next meanwhile.
    try:
        real = folder.resolve(strict=True) if folder.is_symlink() else folder
    except (OSError, RuntimeError) as error:
        raise _no_bundle(folder) from error
    if not real.is_dir():
        raise _no_bundle(folder)
    manifest = read_manifest(real)
    graphs = {}
    for part in ("encoder", "decoder"):
        graphs[part] = read_listed(real, manifest, f"{part}.onnx")
        try:
            check_graph(graphs[part], part, manifest)
        except ValueError as error:
            raise damaged(folder, f"{part}.onnx: {error}", "the graph is not one that this program writes") from error
    return Bundle(real, manifest, **graphs)


def read_file(folder: Path, name: str, *, limit: int = MANIFEST_BYTES, size: int | None = None) -> bytes:
    """Read a regular file that lies inside ``folder``, links and all; never waits on a pipe or a device.

    limit: more bytes than this are refused; size: so is any other number than this. Raises ToolError (exit 3),
    FileNotFoundError.
    """
    path = folder / name
    if not _is_inside(folder, name):
        raise damaged(folder, f"{name!r} leads out of the bundle", "a file of a bundle lies in the bundle")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise damaged(folder, f"{name} cannot be read", error.strerror or str(error)) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise damaged(folder, f"{name} is not a regular file")
        if status.st_size > limit:
            raise damaged(folder, f"{name} has {status.st_size} bytes; more than {limit} are not read")
        if size is not None and status.st_size != size:
            raise damaged(folder, f"{name} has {status.st_size} bytes, its manifest says {size}")
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(limit + 1)
    except OSError as error:
        raise damaged(folder, f"{name} cannot be read", error.strerror or str(error)) from error
    finally:
        os.close(descriptor)


def _is_inside(folder: Path, name: str) -> bool:
    try:
        return (folder / name).resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return False


def _no_bundle(folder: Path) -> ToolError:
    if not folder.exists():
        why = "there is no such folder"
    elif not folder.is_dir():
        why = "a bundle is a folder, and this is a file"
    else:
        why = "it holds neither manifest.json nor encoder.onnx"
    inside = [folder / "live", *sorted((folder / "export").glob("*"))] if folder.is_dir() else []
    found = [str(path) for path in inside if is_bundle(path)]
    return ToolError(
        f"{folder} is not a bundle",
        why=why,
        do=f"this one is: {found[-1]}" if found else "aetrain export RUN   makes one",
        exit_code=ExitCode.USAGE,
    )
