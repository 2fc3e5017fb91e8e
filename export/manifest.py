"""``manifest.json``: what a bundle says about itself, and the strict reading of it."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

SCHEMA = 1
"""Version of the bundle's format; a reader refuses a newer one."""

PIXEL_LAYOUTS = ("NCHW", "NHWC")

FORMAT = "aetui-bundle"
"""Says whose manifest it is: other programs call their files manifest.json too."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a bundle says about itself. Shapes are per image; ``files`` lists every file but this and SHA256SUMS."""

    schema: int = SCHEMA
    name: str
    """The run it was made from."""
    variant: str
    arch: str
    data: str
    image_shape: tuple[int, int, int]
    """Channels, height, width."""
    latent_dim: int
    heads: dict[str, tuple[int, ...]]
    """Output name → shape per image, in the order of the graph; the first is the code."""
    input_range: tuple[float, float] = (0.0, 1.0)
    precision: str = "fp32"
    """What the weights are kept as: ``fp32``, ``fp16`` or ``int8``; inputs and outputs are float32 in each."""
    layout: str = "plain"
    """What lies beside the graphs: ``plain``, ``triton`` (a model repository) or ``web`` (a page)."""
    uint8: str | None = None
    """``NCHW`` or ``NHWC``: how the graphs ``*_u8.onnx``, which take and give bytes, want pixels; None: without."""
    step: int
    """Optimiser steps behind the weights."""
    verified: bool
    """Compared with torch before it appeared; false for ``live/``."""
    test_mse: float | None = None
    """Per pixel, on the test split, [0, 1] units."""
    metrics: dict[str, Any] | None = None
    """``eval.json`` of the run, where there was one."""
    parity: dict[str, Any] | None = None
    """Largest |onnxruntime − torch| per output, over all batch sizes."""
    quality: dict[str, Any] | None = None
    """What the precision costs: mean squared errors with it and without, in how many images of which split."""
    images: dict[str, int] | None = None
    """How many images of which split the parity was found on."""
    versions: dict[str, Any] = dataclasses.field(default_factory=dict)
    files: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    """Path inside the bundle → {"sha256", "bytes"}."""

    def as_json(self) -> dict[str, Any]:
        """What ``manifest.json`` holds."""
        return {"format": FORMAT, **dataclasses.asdict(self)}


def parse_manifest(value: Any) -> Manifest:
    """``value``, the JSON of a manifest, if every field is there and of its kind.

    Unknown fields are left out (a later writer of the same schema may add some). Raises ValueError, with the reason.
    """
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise ValueError("it is not the manifest of a bundle of this program")
    schema = value.get("schema")
    if not isinstance(schema, int) or not _is_count(schema, 1):
        raise ValueError("it has no schema version")
    if schema > SCHEMA:
        raise ValueError(f"it has schema {schema}, this program reads up to {SCHEMA}: upgrade it")
    value = {**_LATER, **value}
    for name, (fits, wanted) in _FIELDS.items():
        if name not in value:
            raise ValueError(f"{name} is missing")
        if not fits(value[name]):
            raise ValueError(f"{name} is not {wanted}")
    known = {name: value[name] for name in _FIELDS}
    known["image_shape"] = tuple(value["image_shape"])
    known["input_range"] = tuple(value["input_range"])
    known["heads"] = {name: tuple(shape) for name, shape in value["heads"].items()}
    manifest = Manifest(schema=schema, **known)
    if next(iter(manifest.heads.values())) != (manifest.latent_dim,):
        raise ValueError(f"the first head is not {manifest.latent_dim} wide")
    return manifest


def file_table(files: Iterable[tuple[str, bytes]]) -> dict[str, dict[str, Any]]:
    """The ``files`` of a manifest for (name, content) pairs, sorted by name."""
    return {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)} for name, content in sorted(files)
    }


def is_safe_name(name: Any) -> bool:
    """True for a relative path with slashes that stays below its folder on any system."""
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_.\-/]{1,200}", name):
        return False
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and str(path) == name and name != "."


def _is_count(value: Any, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < 2**63


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_shape(value: Any) -> bool:
    return isinstance(value, list) and 1 <= len(value) <= 4 and all(_is_count(size, 1) for size in value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 1000


def _is_file_table(value: Any) -> bool:
    return isinstance(value, dict) and all(
        is_safe_name(name)
        and isinstance(entry, dict)
        and _is_count(entry.get("bytes"))
        and isinstance(entry.get("sha256"), str)
        and re.fullmatch(r"[0-9a-f]{64}", entry["sha256"]) is not None
        for name, entry in value.items()
    )


def _is_heads(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(_is_shape(shape) for shape in value.values())


def _is_table_or_null(value: Any) -> bool:
    return value is None or isinstance(value, dict)


def _is_image_counts(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and all(_is_count(count) for count in value.values()))


_FIELDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "name": (_is_text, "a text"),
    "variant": (_is_text, "a text"),
    "arch": (_is_text, "a text"),
    "data": (_is_text, "a text"),
    "image_shape": (lambda value: _is_shape(value) and len(value) == 3, "three sizes"),
    "latent_dim": (lambda value: _is_count(value, 1), "a width"),
    "heads": (_is_heads, "a table of names and shapes"),
    "input_range": (
        lambda value: isinstance(value, list) and len(value) == 2 and all(map(_is_number, value)),
        "a range",
    ),
    "precision": (_is_text, "a text"),
    "layout": (_is_text, "a text"),
    "uint8": (lambda value: value in (None, *PIXEL_LAYOUTS), f"null or one of {', '.join(PIXEL_LAYOUTS)}"),
    "step": (_is_count, "a count"),
    "verified": (lambda value: isinstance(value, bool), "true or false"),
    "test_mse": (lambda value: value is None or _is_number(value), "a number or null"),
    "metrics": (_is_table_or_null, "a table or null"),
    "parity": (_is_table_or_null, "a table or null"),
    "quality": (_is_table_or_null, "a table or null"),
    "images": (_is_image_counts, "a table of counts or null"),
    "versions": (lambda value: isinstance(value, dict), "a table"),
    "files": (_is_file_table, "a table of plain relative names with sha256 and bytes"),
}

_LATER: Mapping[str, Any] = {"layout": "plain", "uint8": None, "quality": None}
"""Fields that the first bundles do not have, and what that means."""
