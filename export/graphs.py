"""Both networks of a run as ONNX bytes, and what made them."""

from __future__ import annotations

import contextlib
import functools
from dataclasses import dataclass
from importlib import metadata
from pathlib import PurePath
from typing import Any

import onnx
from torch import nn

from export.graph import IR_VERSION, OPSET, serialized
from export.lower import UNIT_RANGE, lower_decoder, lower_encoder


@dataclass(frozen=True)
class Graphs:
    """Both networks as ONNX. files: name → bytes. heads: name → shape per image, of the encoder, in order."""

    files: dict[str, bytes]
    heads: dict[str, tuple[int, ...]]


def lower_graphs(
    encoder: nn.Module,
    decoder: nn.Module,
    image_shape: tuple[int, int, int],
    latent_dim: int,
    input_range: tuple[float, float] = UNIT_RANGE,
    opset: int = OPSET,
) -> Graphs:
    """Both networks, lowered by ``export.lower``. Raises ToolError (exit 2) where a layer is unknown."""
    models = {
        "encoder.onnx": lower_encoder(encoder, image_shape, input_range, opset),
        "decoder.onnx": lower_decoder(decoder, latent_dim, image_shape, input_range, opset),
    }
    return Graphs({name: serialized(model) for name, model in models.items()}, heads(models["encoder.onnx"]))


def heads(encoder: onnx.ModelProto) -> dict[str, tuple[int, ...]]:
    """Output name → shape per image, in the order of the graph."""
    return {
        output.name: tuple(dim.dim_value for dim in output.type.tensor_type.shape.dim[1:])
        for output in encoder.graph.output
    }


@functools.cache
def versions(opset: int = OPSET) -> dict[str, Any]:
    """What made the graphs: package versions, opset, IR."""
    imports = [onnx.helper.make_opsetid("", opset)]
    found: dict[str, Any] = {"opset": opset, "ir": max(IR_VERSION, onnx.helper.find_min_ir_version_for(imports))}
    for key, names in _PACKAGES.items():
        for name in names:
            with contextlib.suppress(metadata.PackageNotFoundError):
                found.setdefault(key, metadata.version(name))
    return found


_PACKAGES = {
    "aetui": ("aetui",),
    "onnx": ("onnx",),
    "onnxruntime": ("onnxruntime-gpu", "onnxruntime"),
    "torch": ("torch",),
}


def data_name(data: str) -> str:
    """The data set as a bundle names it: of a path only the last part, since the rest is nobody's business."""
    return PurePath(data).name or data
