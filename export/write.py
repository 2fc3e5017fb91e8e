"""Writing a bundle: it appears whole and verified, or not at all."""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from torch import nn

from export import atomic
from export.bundle import read_manifest
from export.card import card_files, checksums
from export.errors import ToolError, from_os_error
from export.evenly import evenly
from export.form import Form
from export.graph import serialized
from export.graphs import Graphs, data_name, heads, lower_graphs, versions
from export.layouts.triton import triton_files
from export.layouts.web import web_files
from export.live import write_live
from export.lower import UNIT_RANGE
from export.manifest import Manifest, file_table
from export.parity import check_parity
from export.pixels import add_byte_graphs, check_byte_graphs
from export.precision.fp16 import to_fp16
from export.precision.int8 import CALIBRATION_IMAGES, to_int8
from export.precision.quality import check_quality, decoded, encoded
from export.scores import fit_scores, pixel_variance, squared_errors
from export.standing import Standing, standing
from export.verify import verify_bundle

__all__ = ["Form", "Subject", "export_bundle", "write_live"]

QUALITY_IMAGES = 2048
"""On up to so many test images the precisions are compared."""


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
    training_images: npt.NDArray[np.float32] | None = None
    """float32 [m, C, H, W] of the training split: what an image's scores are held against, and int8 calibrated on."""
    test_images: npt.NDArray[np.float32] | None = None
    """float32 [k, C, H, W] of the test split, on which precisions are compared; None: ``images`` serve."""
    input_range: tuple[float, float] = UNIT_RANGE
    """Between what the values of an image lie."""
    test_mse: float | None = None
    metrics: dict[str, Any] | None = None


def export_bundle(subject: Subject, folder: Path, *, force: bool = False, form: Form | None = None) -> Manifest:
    """Write ``subject`` as the bundle ``folder``, verified before it gets that name. Returns its manifest.

    Where the same bundle stands already it is verified and left; where only its metrics, its scores or its page are
    older, it is verified and replaced. The modules of ``subject`` are not changed.
    Raises ToolError: exit 2 where something else stands there (a different bundle: without force), exit 1 where a graph
    does not compute what torch computes, or a precision costs too much (then nothing was written), exit 3 where the
    same bundle stands there, damaged.
    """
    form = form or Form()
    form.check()
    _check_bytes(subject, form)
    folder = folder.resolve()
    encoder, decoder = _for_reference(subject.encoder), _for_reference(subject.decoder)
    exact = _graphs(subject, encoder, decoder, form)
    images = np.ascontiguousarray(subject.images, np.float32)
    # First of all: nothing can be calibrated or scored with networks that do not give numbers.
    parity = check_parity(exact.files, encoder, decoder, images)
    try:
        graphs = _formed(subject, exact, form)
        files = {**graphs.files, "probe.npz": subject.probe.read_bytes(), **_scores(subject, exact)}
    except OSError as error:
        raise from_os_error(error) from error
    manifest = _manifest(subject, graphs, form)
    files |= _layout_files(manifest, graphs, form)
    manifest = dataclasses.replace(manifest, files=file_table(files.items()))
    found = standing(folder, manifest, force=force)
    if found is not Standing.NOTHING:
        verify_bundle(folder)
    if found is Standing.SAME:
        return read_manifest(folder)
    manifest = dataclasses.replace(manifest, parity=parity, quality=_quality(subject, exact, graphs, form))
    if form.uint8:
        check_byte_graphs(graphs.files, form.uint8, images)
    files |= card_files(manifest, graphs.files, images)
    manifest = dataclasses.replace(manifest, files=file_table(files.items()))
    try:
        with atomic.new_folder(folder, replace=True) as new:
            _fill(new, files, manifest)
            verify_bundle(new)
    except OSError as error:
        raise from_os_error(error) from error
    return manifest


def _check_bytes(subject: Subject, form: Form) -> None:
    if form.uint8 and subject.input_range != UNIT_RANGE:
        raise ToolError("--uint8 has no effect here", why=f"{subject.name} takes points, not pixels", do="leave it out")


def _graphs(subject: Subject, encoder: nn.Module, decoder: nn.Module, form: Form) -> Graphs:
    shape, code, ends, opset = subject.image_shape, subject.latent_dim, subject.input_range, form.opset
    if form.exporter == "native":
        return lower_graphs(encoder, decoder, shape, code, ends, opset)
    from export import torch_exporter

    encoder_model = torch_exporter.export_encoder(encoder, shape, ends, opset)
    decoder_model = torch_exporter.export_decoder(decoder, code, shape, ends, opset)
    files = {"encoder.onnx": serialized(encoder_model), "decoder.onnx": serialized(decoder_model)}
    return Graphs(files, heads(encoder_model))


def _formed(subject: Subject, exact: Graphs, form: Form) -> Graphs:
    """``exact``, the float32 graphs, in the precision that was asked for, with the byte graphs that were."""
    files = dict(exact.files)
    if form.precision == "fp16":
        files = {name: serialized(to_fp16(onnx.load_model_from_string(data))) for name, data in files.items()}
    elif form.precision == "int8":
        training = subject.images if subject.training_images is None else subject.training_images
        images = training[evenly(len(training), CALIBRATION_IMAGES)]
        inputs = {"encoder.onnx": images, "decoder.onnx": encoded(exact.files, images)}
        files = {
            name: serialized(to_int8(onnx.load_model_from_string(data), inputs[name])) for name, data in files.items()
        }
    if form.uint8:
        files |= add_byte_graphs(files, form.uint8)
    return Graphs(files, exact.heads)


def _quality(subject: Subject, exact: Graphs, graphs: Graphs, form: Form) -> dict[str, Any] | None:
    if form.precision == "fp32":
        return None
    images = subject.images if subject.test_images is None else subject.test_images
    smaller = {name: graphs.files[name] for name in exact.files}
    return check_quality(
        form.precision, exact.files, smaller, images[evenly(len(images), QUALITY_IMAGES)], subject.input_range
    )


def _scores(subject: Subject, exact: Graphs) -> dict[str, bytes]:
    """``scores.npz``: how well training images are reconstructed, and where their codes lie."""
    images = subject.training_images
    if images is None or not len(images):
        return {}
    codes = encoded(exact.files, images)
    errors = squared_errors(images, decoded(exact.files, codes))
    points = subject.image_shape[:2] == (1, 1)
    variances = None if points else pixel_variance(images)
    return {"scores.npz": fit_scores(errors, codes, variances).to_npz()}


def _layout_files(manifest: Manifest, graphs: Graphs, form: Form) -> dict[str, bytes]:
    if form.layout == "triton":
        return triton_files(graphs.files)
    return web_files(manifest, form.onnxruntime_web) if form.layout == "web" else {}


def _manifest(subject: Subject, graphs: Graphs, form: Form) -> Manifest:
    return Manifest(
        name=subject.name,
        variant=subject.variant,
        arch=subject.arch,
        data=data_name(subject.data),
        image_shape=subject.image_shape,
        latent_dim=subject.latent_dim,
        input_range=subject.input_range,
        heads=graphs.heads,
        precision=form.precision,
        layout=form.layout,
        uint8=form.uint8,
        step=subject.step,
        verified=True,
        test_mse=atomic.finite(subject.test_mse),
        metrics=atomic.finite(subject.metrics),
        images=subject.image_sources,
        versions=versions(form.opset),
    )


def _for_reference(module: nn.Module) -> nn.Module:
    """A float32 copy on the CPU in eval mode: what the graphs are compared with."""
    return copy.deepcopy(module).cpu().float().eval().requires_grad_(False)


def _fill(folder: Path, files: dict[str, bytes], manifest: Manifest) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_bytes(path, content, durable=False)
    atomic.write_json(folder / "manifest.json", manifest.as_json(), durable=False)
    own = (folder / "manifest.json").read_bytes()
    table = {**manifest.files, **file_table([("manifest.json", own)])}
    atomic.write_text(folder / "SHA256SUMS", checksums(table), durable=False)
