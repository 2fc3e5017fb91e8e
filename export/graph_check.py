"""What a graph from a file may contain: one file, the standard domain, the inputs and outputs its manifest says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import onnx

    from export.manifest import Manifest

STANDARD = ("", "ai.onnx")


def check_graph(data: bytes, part: str, manifest: Manifest) -> None:
    """Refuse ``data``, the ``encoder`` or ``decoder`` of ``manifest``, unless it is self-contained and agrees with it.

    Looks at what the file claims; running it is another matter. Raises ValueError, with the reason.
    """
    import onnx

    try:
        model = onnx.load_model_from_string(data)
    except Exception as error:  # protobuf's own exceptions differ between its backends
        raise ValueError("it is not an ONNX file") from error
    if not model.graph.node:
        raise ValueError("it is not an ONNX file with a graph")
    check_domains(model)
    check_weights(model)
    image, code, result = manifest.image_shape, (manifest.latent_dim,), manifest.image_shape
    if part == "encoder":
        _check_ports("input", model.graph.input, {"image": image})
        _check_ports("output", model.graph.output, manifest.heads)
    else:
        _check_ports("input", model.graph.input, {"latent": code})
        _check_ports("output", model.graph.output, {"reconstruction": result})


def check_domains(model: onnx.ModelProto) -> None:
    """Raise ValueError where the model needs operators that are not ONNX's own, or brings its own functions."""
    if model.functions or model.training_info:
        raise ValueError("it brings functions or a training of its own")
    imported = [opset.domain for opset in model.opset_import]
    for domain in [*imported, *(node.domain for node in _nodes(model.graph))]:
        if domain not in STANDARD:
            raise ValueError(f"it needs operators of the foreign domain {domain[:80]!r}")


def check_weights(model: onnx.ModelProto) -> None:
    """Raise ValueError where a weight lies outside the file."""
    import onnx

    for tensor in _tensors(model.graph):
        if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
            raise ValueError(f"its weight {tensor.name[:80]!r} lies in another file (external data)")


def _check_ports(kind: str, ports: Iterable[onnx.ValueInfoProto], wanted: dict[str, tuple[int, ...]]) -> None:
    import onnx

    found: dict[str, tuple[int, ...]] = {}
    for port in ports:
        tensor = port.type.tensor_type
        if tensor.elem_type != onnx.TensorProto.FLOAT or not tensor.shape.dim:
            raise ValueError(f"its {kind} {port.name[:80]!r} is not float32 [batch, …]")
        if tensor.shape.dim[0].HasField("dim_value"):
            raise ValueError(f"its {kind} {port.name[:80]!r} has a fixed batch")
        found[port.name[:80]] = tuple(dim.dim_value for dim in tensor.shape.dim[1:])
    if list(found.items()) != list(wanted.items()):
        raise ValueError(f"its {kind}s are {_shown(found)}, the manifest says {_shown(wanted)}")


def _shown(ports: dict[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{name} {list(shape)}" for name, shape in ports.items()) or "none"


def _nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    for node in graph.node:
        yield node
        for inner in _subgraphs(node):
            yield from _nodes(inner)


def _subgraphs(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    for attribute in node.attribute:
        yield from (attribute.g, *attribute.graphs)


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
                yield from (sparse.values, sparse.indices)
        for inner in _subgraphs(node):
            yield from _tensors(inner)
