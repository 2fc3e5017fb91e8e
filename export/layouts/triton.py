"""A Triton model repository: both graphs, each with its version and its config.pbtxt."""

from __future__ import annotations

import onnx

_TYPES: dict[int, str] = {onnx.TensorProto.FLOAT: "TYPE_FP32", onnx.TensorProto.UINT8: "TYPE_UINT8"}

BATCH = 1024
"""max_batch_size: what a client may send at once."""


def triton_files(graphs: dict[str, bytes]) -> dict[str, bytes]:
    """``model_repository/<model>/config.pbtxt`` and ``…/1/model.onnx`` for every graph of ``graphs`` (name → bytes).

    The configs name no model, so that a folder can be renamed where one server has several bundles.
    Source: the ModelConfig message of NVIDIA's Triton inference server.
    """
    files: dict[str, bytes] = {}
    for name, graph in graphs.items():
        folder = f"model_repository/{name.removesuffix('.onnx')}"
        files[f"{folder}/config.pbtxt"] = config(onnx.load_model_from_string(graph)).encode()
        files[f"{folder}/1/model.onnx"] = graph
    return files


def config(model: onnx.ModelProto) -> str:
    """The config.pbtxt of one graph; sizes are per image, since Triton adds the batch."""
    ports = "".join(
        f"{kind} [\n{','.join(_port(port) for port in values)}\n]\n"
        for kind, values in (("input", model.graph.input), ("output", model.graph.output))
    )
    return (
        f'platform: "onnxruntime_onnx"\nmax_batch_size: {BATCH}\n{ports}'
        "dynamic_batching { }\nversion_policy: { latest: { num_versions: 1 } }\n"
    )


def _port(port: onnx.ValueInfoProto) -> str:
    tensor = port.type.tensor_type
    sizes = ", ".join(str(dim.dim_value) for dim in tensor.shape.dim[1:])
    return f'\n  {{ name: "{port.name}" data_type: {_TYPES[tensor.elem_type]} dims: [ {sizes} ] }}'
