"""Half precision inside, float32 outside: half the bytes, and the errors of 11 bits."""

from __future__ import annotations

import onnx

from export.graph import rebuilt

LARGEST = 65504.0
SMALLEST = 2.0**-24
"""What a half can hold; the converter would clip at far less."""


def to_fp16(model: onnx.ModelProto) -> onnx.ModelProto:
    """``model`` with weights and values of float16; its inputs and outputs stay float32. The model is not changed."""
    from onnxruntime.transformers.float16 import convert_float_to_float16

    copy = onnx.ModelProto.FromString(model.SerializeToString())
    converted = convert_float_to_float16(
        copy, keep_io_types=True, max_finite_val=LARGEST, min_positive_val=SMALLEST, disable_shape_infer=True
    )
    _part_biases(converted.graph)
    return rebuilt(converted, model)


def _part_biases(graph: onnx.GraphProto) -> None:
    """Gemm with a bias → Gemm, then Add: tract 0.23 takes the former for float32, whatever it is fed."""
    nodes = []
    for node in graph.node:
        nodes.append(node)
        if node.op_type == "Gemm" and len(node.input) == 3:
            product = f"{node.name}_product"
            nodes.append(
                onnx.helper.make_node("Add", [product, node.input[2]], list(node.output), name=f"{node.name}_bias")
            )
            del node.input[2]
            node.output[0] = product
    del graph.node[:]
    graph.node.extend(nodes)
