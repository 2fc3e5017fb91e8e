"""Half precision inside, float32 outside: half the bytes, and the errors of 11 bits."""

from __future__ import annotations

import onnx

from export.graph import PRODUCTS, rebuilt

LARGEST = 65504.0
SMALLEST = 2.0**-24
"""What a half can hold; the converter would clip at far less."""


def to_fp16(model: onnx.ModelProto) -> onnx.ModelProto:
    """``model`` with weights and values of float16; its inputs and outputs stay float32. The model is not changed.

    What comes before the first product or after the last one stays float32, too: it costs next to nothing, and each of
    these steps would round once more what goes in or comes out.
    """
    from onnxruntime.transformers.float16 import convert_float_to_float16

    copy = onnx.ModelProto.FromString(model.SerializeToString())
    _part_biases(copy.graph)
    converted = convert_float_to_float16(
        onnx.shape_inference.infer_shapes(copy),  # between float32 and float16 it casts what it knows the type of
        keep_io_types=True,
        max_finite_val=LARGEST,
        min_positive_val=SMALLEST,
        disable_shape_infer=True,
        node_block_list=_at_the_ends(copy.graph),
    )
    _drop_round_trips(converted.graph)
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


def _at_the_ends(graph: onnx.GraphProto) -> list[str]:
    """The names of the nodes that have no product before them, or none behind them; none where there is no product."""
    before: set[str] = set()
    for node in graph.node:
        if node.op_type in PRODUCTS or before.intersection(node.input):
            before.update(node.output)
    behind: set[str] = set()
    for node in reversed(graph.node):
        if node.op_type in PRODUCTS or behind.intersection(node.output):
            behind.update(node.input)
    return [
        node.name
        for node in graph.node
        if before
        and node.op_type not in PRODUCTS
        and not (before.intersection(node.input) and behind.intersection(node.output))
    ]


def _drop_round_trips(graph: onnx.GraphProto) -> None:
    """What is cast to float16 and back is taken as it was."""
    makers = {name: node for node in graph.node for name in node.output}
    results = {value.name for value in graph.output}
    as_it_was: dict[str, str] = {}
    needless: set[str] = set()
    for node in graph.node:
        half = makers.get(node.input[0]) if _casts_to(node, onnx.TensorProto.FLOAT) else None
        if half is None or not _casts_to(half, onnx.TensorProto.FLOAT16):
            continue
        if node.output[0] not in results:
            as_it_was[node.output[0]] = half.input[0]
        elif half.input[0] in makers:
            as_it_was[half.input[0]] = node.output[0]  # the name that a port has stays
        else:
            continue
        needless.add(node.output[0])

    def as_named(name: str) -> str:
        while name in as_it_was:
            name = as_it_was[name]
        return name

    nodes = [node for node in graph.node if needless.isdisjoint(node.output)]
    for node in nodes:
        for names in (node.input, node.output):
            names[:] = [as_named(name) for name in names]
    used = results.union(*(node.input for node in nodes))
    del graph.node[:]
    graph.node.extend(node for node in nodes if used.intersection(node.output))


def _casts_to(node: onnx.NodeProto, kind: int) -> bool:
    return node.op_type == "Cast" and onnx.helper.get_node_attr_value(node, "to") == kind
