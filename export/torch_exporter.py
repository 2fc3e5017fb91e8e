"""torch's own exporter: seconds instead of milliseconds, but it knows (almost) every layer.

What it writes is cleaned: it notes source paths in every node, and names that depend on them.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import warnings
from collections.abc import Iterator, Sequence

import onnx
import torch
from torch import nn

from export.errors import ExitCode, ToolError
from export.graph import OPSET, finished_model, tensor_info
from export.graph_check import check_domains
from export.lower import UNIT_RANGE, facts
from export.parity import named_outputs
from export.runtime import first_line


def export_encoder(
    encoder: nn.Module,
    image_shape: tuple[int, int, int],
    input_range: tuple[float, float] = UNIT_RANGE,
    opset: int = OPSET,
) -> onnx.ModelProto:
    """As ``export.lower.lower_encoder``, for any module on the CPU in eval mode. Raises ToolError (exit 1)."""
    example = torch.zeros(2, *image_shape)
    with torch.no_grad():
        outputs = {name: tuple(head.shape[1:]) for name, head in named_outputs(encoder(example)).items()}
    described = facts(image_shape, outputs, input_range)
    return _export(encoder, "encoder", "image", example, outputs, described, opset)


def export_decoder(
    decoder: nn.Module,
    latent_dim: int,
    image_shape: tuple[int, int, int],
    input_range: tuple[float, float] = UNIT_RANGE,
    opset: int = OPSET,
) -> onnx.ModelProto:
    """As ``export.lower.lower_decoder``, for any module on the CPU in eval mode. Raises ToolError (exit 1)."""
    described = facts(image_shape, {"latent": (latent_dim,)}, input_range)
    outputs = {"reconstruction": tuple(image_shape)}
    return _export(decoder, "decoder", "latent", torch.zeros(2, latent_dim), outputs, described, opset)


def _export(
    module: nn.Module,
    part: str,
    input_name: str,
    example: torch.Tensor,
    outputs: dict[str, tuple[int, ...]],
    described: dict[str, str],
    opset: int,
) -> onnx.ModelProto:
    _need_onnxscript()
    try:
        with _quiet():
            program = torch.onnx.export(
                module,
                (example,),
                input_names=[input_name],
                output_names=list(outputs),
                dynamic_shapes=({0: torch.export.Dim("batch", min=1)},),
                opset_version=opset,
                dynamo=True,
                external_data=False,
                verbose=False,
            )
        if program is None:
            raise RuntimeError("torch.onnx.export returned nothing")
        model = sanitised(program.model_proto, part, input_name, tuple(example.shape[1:]), outputs, described, opset)
        check_domains(model)
    except Exception as error:  # the exporter raises whatever it meets
        raise ToolError(
            f"torch's exporter cannot write {part}.onnx",
            why=first_line(error),
            do="change the network, or teach export.lower its layers",
            exit_code=ExitCode.FAILED,
        ) from error
    return model


def sanitised(
    model: onnx.ModelProto,
    part: str,
    input_name: str,
    input_shape: Sequence[int],
    outputs: dict[str, tuple[int, ...]],
    described: dict[str, str],
    opset: int = OPSET,
) -> onnx.ModelProto:
    """``model`` without metadata, comments and inferred shapes, its names counted anew: no trace of where it was made.

    Raises ValueError where the opset is not the one that was asked for.
    """
    versions = {opset.domain: opset.version for opset in model.opset_import}
    if versions.get("") != opset:
        raise ValueError(f"it wrote opset {versions.get('')}, not {opset}")
    names = {input_name: input_name, **{name: name for name in outputs}, "": ""}
    for i, weight in enumerate(model.graph.initializer):
        names.setdefault(weight.name, f"weight_{i}")
    _rename(model.graph, names, itertools.count())
    graph = onnx.helper.make_graph(
        model.graph.node,
        part,
        [tensor_info(input_name, input_shape)],
        [tensor_info(name, shape) for name, shape in outputs.items()],
        model.graph.initializer,
    )
    return finished_model(graph, described, opset)


def _rename(graph: onnx.GraphProto, names: dict[str, str], numbers: Iterator[int]) -> None:
    """Give every weight, node and value of ``graph`` its name in ``names``, or the next number; inner graphs too."""
    for weight in graph.initializer:
        weight.name = names.setdefault(weight.name, f"weight_{next(numbers)}_inner")
        weight.ClearField("metadata_props")
        weight.ClearField("doc_string")
    for node in graph.node:
        node.name = f"{node.op_type}_{next(numbers)}"
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
        for i, name in enumerate(node.output):
            node.output[i] = names.setdefault(name, f"value_{next(numbers)}")
        for i, name in enumerate(node.input):
            node.input[i] = names.get(name, name)
        ordered = sorted(node.attribute, key=lambda attribute: attribute.name)
        del node.attribute[:]
        node.attribute.extend(ordered)
        for attribute in node.attribute:
            attribute.ClearField("doc_string")
            for inner in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                inner.ClearField("value_info")
                inner.ClearField("metadata_props")
                _rename(inner, names, numbers)
                for output in inner.output:
                    output.name = names.get(output.name, output.name)


def _need_onnxscript() -> None:
    try:
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise ToolError(
            "--exporter torch needs onnxscript, which is not installed",
            why="torch.onnx.export builds its graphs with it",
            do="python -m pip install onnxscript",
        ) from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """torch's exporter warns about torchvision and reports its progress; neither is of use here."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
