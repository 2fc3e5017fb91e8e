"""What stands at the place of a bundle already: nothing, the same one, or one that is not replaced unasked."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Any

from export.bundle import is_bundle, read_manifest
from export.errors import ToolError
from export.manifest import Manifest

_FOUND = ("parity", "quality", "versions", "files")
"""Fields of a manifest in which two bundles of the same weights may differ: they were measured, or follow."""

_DESCRIBES = ("metrics", "test_mse")
"""Fields that say something of the same model, and may be newer."""

_PROBE = "probe.npz"


class Standing(Enum):
    """NOTHING: the place is free, or may be taken. SAME: it is there. OUTDATED: the same model, described otherwise."""

    NOTHING = "nothing"
    SAME = "same"
    OUTDATED = "outdated"


def standing(folder: Path, manifest: Manifest, *, force: bool) -> Standing:
    """What is at ``folder``, where the bundle of ``manifest`` is to be.

    manifest: its ``files`` are those that the same model gives again on any machine. Whether what stands there is whole
    is not asked. Raises ToolError (exit 2) where it is no bundle, or, without force, one of another model or form.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return Standing.NOTHING
    if not is_bundle(folder):
        raise ToolError(
            f"{folder} is in the way",
            why="it exists and is not a bundle, so it is not replaced, not even with --force",
            do="choose another --output, or move it away",
        )
    if force:
        return Standing.NOTHING
    try:
        there = read_manifest(folder)
    except (ToolError, FileNotFoundError) as error:
        raise _other(folder, f"its manifest cannot be read: {getattr(error, 'what', error)}") from error
    difference = _difference(there, manifest)
    if difference:
        raise _other(folder, difference)
    newer = any(getattr(there, name) != getattr(manifest, name) for name in _DESCRIBES)
    return Standing.OUTDATED if newer or _changed(there, manifest) else Standing.SAME


def _difference(there: Manifest, manifest: Manifest) -> str | None:
    """How the model or the form of ``there`` differs from that of ``manifest``; None: not at all."""
    one, other = there.as_json(), manifest.as_json()
    for field in other:
        if field not in (*_FOUND, *_DESCRIBES) and one[field] != other[field]:
            return f"its {field} is {_short(one[field])}, not {_short(other[field])}"
    if there.versions.get("opset") != manifest.versions.get("opset"):
        return f"its opset is {_short(there.versions.get('opset'))}, not {manifest.versions.get('opset')}"
    changed = _changed(there, manifest)
    graph = next((name for name in changed if name.endswith(".onnx")), None)
    if graph is not None:
        return f"its {graph} is of other weights, or was written by another --exporter"
    return f"its {_PROBE} holds other images" if _PROBE in changed else None


def _changed(there: Manifest, manifest: Manifest) -> list[str]:
    return [name for name, entry in manifest.files.items() if there.files.get(name) != entry]


def _other(folder: Path, why: str) -> ToolError:
    return ToolError(
        f"another bundle stands at {folder}",
        why=why,
        do="aetrain export … --force   replaces it; or choose another --output",
    )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
