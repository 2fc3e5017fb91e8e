"""Writing a bundle: it appears whole and verified, or not at all."""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from torch import nn

from export import atomic
from export.bundle import is_bundle, read_manifest
from export.card import card_files, checksums
from export.errors import ToolError, from_os_error, unknown
from export.graph import serialized
from export.graphs import Graphs, data_name, heads, lower_graphs, versions
from export.live import write_live
from export.lower import UNIT_RANGE
from export.manifest import Manifest, file_table
from export.parity import check_parity
from export.verify import verify_bundle

__all__ = ["Exporter", "Subject", "export_bundle", "write_live"]

Exporter = Literal["native", "torch"]

_FOUND_NOT_GIVEN = ("parity", "versions", "files")
"""Fields of a manifest in which two bundles of the same weights may differ."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is exported: two networks, what is known of them, and real images to hold the graphs against."""

    name: str
    """The run."""
    variant: str
    arch: str
    data: str
    step: int
    encoder: nn.Module
    decoder: nn.Module
    image_shape: tuple[int, int, int]
    latent_dim: int
    images: npt.NDArray[np.float32]
    """float32 [n, C, H, W] in ``input_range``: the graphs have to agree with torch on each; 256 are asked for."""
    image_sources: dict[str, int]
    """How many of ``images`` are of which split, in order: {"test": n, "training": m}."""
    probe: Path
    """``probe.npz`` of the run, copied into the bundle."""
    input_range: tuple[float, float] = UNIT_RANGE
    """Between what the values of an image lie."""
    test_mse: float | None = None
    metrics: dict[str, Any] | None = None


def export_bundle(subject: Subject, folder: Path, *, force: bool = False, exporter: Exporter = "native") -> Manifest:
    """Write ``subject`` as the bundle ``folder``, verified before it gets that name. Returns its manifest.

    Where the same bundle stands already it is verified and left. The modules of ``subject`` are not changed.
    Raises ToolError: exit 2 where something else stands there (a different bundle: without force), exit 1 where a graph
    does not compute what torch computes (then nothing was written), exit 3 where the same bundle stands there, damaged.
    """
    if exporter not in get_args(Exporter):
        raise unknown("exporter", str(exporter), get_args(Exporter))
    folder = folder.resolve()
    encoder, decoder = _for_reference(subject.encoder), _for_reference(subject.decoder)
    graphs = _graphs(subject, encoder, decoder, exporter)
    probe = _read_probe(subject.probe)
    manifest = _manifest(subject, graphs)
    if _stands(folder, manifest, probe, force=force):
        verify_bundle(folder)
        return read_manifest(folder)
    images = np.ascontiguousarray(subject.images, np.float32)
    manifest = dataclasses.replace(manifest, parity=check_parity(graphs.files, encoder, decoder, images))
    files = {**graphs.files, "probe.npz": probe, **card_files(manifest, graphs.files, images)}
    manifest = dataclasses.replace(manifest, files=file_table(files.items()))
    try:
        with atomic.new_folder(folder, replace=True) as new:
            _fill(new, files, manifest)
            verify_bundle(new)
    except OSError as error:
        raise from_os_error(error) from error
    return manifest


def _graphs(subject: Subject, encoder: nn.Module, decoder: nn.Module, exporter: Exporter) -> Graphs:
    if exporter == "native":
        return lower_graphs(encoder, decoder, subject.image_shape, subject.latent_dim, subject.input_range)
    from export import torch_exporter

    encoder_model = torch_exporter.export_encoder(encoder, subject.image_shape, subject.input_range)
    decoder_model = torch_exporter.export_decoder(decoder, subject.latent_dim, subject.image_shape, subject.input_range)
    files = {"encoder.onnx": serialized(encoder_model), "decoder.onnx": serialized(decoder_model)}
    return Graphs(files, heads(encoder_model))


def _manifest(subject: Subject, graphs: Graphs) -> Manifest:
    return Manifest(
        name=subject.name,
        variant=subject.variant,
        arch=subject.arch,
        data=data_name(subject.data),
        image_shape=subject.image_shape,
        latent_dim=subject.latent_dim,
        input_range=subject.input_range,
        heads=graphs.heads,
        step=subject.step,
        verified=True,
        test_mse=atomic.finite(subject.test_mse),
        metrics=atomic.finite(subject.metrics),
        images=subject.image_sources,
        versions=versions(),
        files=file_table(graphs.files.items()),
    )


def _for_reference(module: nn.Module) -> nn.Module:
    """A float32 copy on the CPU in eval mode: what the graphs are compared with."""
    return copy.deepcopy(module).cpu().float().eval().requires_grad_(False)


def _read_probe(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise from_os_error(error) from error


def _stands(folder: Path, manifest: Manifest, probe: bytes, *, force: bool) -> bool:
    """True where the bundle of ``manifest`` is at ``folder`` already. Raises ToolError where another must stay."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return False
    if not is_bundle(folder):
        raise ToolError(
            f"{folder} is in the way",
            why="it exists and is not a bundle, so it is not replaced, not even with --force",
            do="choose another --output, or move it away",
        )
    if force:
        return False
    difference = _difference(folder, manifest, probe)
    if difference:
        raise ToolError(
            f"another bundle stands at {folder}",
            why=difference,
            do="aetrain export … --force   replaces it; or choose another --output",
        )
    return True


def _difference(folder: Path, manifest: Manifest, probe: bytes) -> str | None:
    """How the bundle at ``folder`` differs from that of ``manifest``; None: not at all, whatever state it is in."""
    try:
        standing = read_manifest(folder)
    except (ToolError, FileNotFoundError) as error:
        return f"its manifest cannot be read: {getattr(error, 'what', error)}"
    there, here = standing.as_json(), manifest.as_json()
    for field in here.keys() - set(_FOUND_NOT_GIVEN):
        if there[field] != here[field]:
            return f"its {field} is {_short(there[field])}, not {_short(here[field])}"
    wanted = {**manifest.files, **file_table([("probe.npz", probe)])}
    changed = [name for name, entry in wanted.items() if standing.files.get(name) != entry]
    return f"its {changed[0]} is of other weights or other data" if changed else None


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _fill(folder: Path, files: dict[str, bytes], manifest: Manifest) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_bytes(path, content, durable=False)
    atomic.write_json(folder / "manifest.json", manifest.as_json(), durable=False)
    own = (folder / "manifest.json").read_bytes()
    table = {**manifest.files, **file_table([("manifest.json", own)])}
    atomic.write_text(folder / "SHA256SUMS", checksums(table), durable=False)
