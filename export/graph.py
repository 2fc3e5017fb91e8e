"""A graph under construction: nodes and weights in the order in which they were added, so that its bytes repeat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper

OPSET = 18
OPSETS = range(13, 26)
"""What may be asked for: each runs in onnxruntime 1.31, and the operators written here mean the same in all of them."""
IR_VERSION = 10
PRODUCER = "aetui"
PRODUCTS = ("Gemm", "MatMul", "Conv", "ConvTranspose")
"""The operators that multiply by weights: where a graph's bytes and its time are."""


@dataclass(frozen=True)
class Value:
    """A float32 tensor of the graph. shape: without the batch, which is always in front."""

    name: str
    shape: tuple[int, ...]


class Graph:
    """Collects the nodes of one network with one input, then becomes a model.

    Names count upwards per kind (``Gemm_0``, ``weight_3``): nothing of the Python objects gets into the file.
    """

    def __init__(self, input_name: str, input_shape: Sequence[int]) -> None:
        self.input = Value(input_name, tuple(input_shape))
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []
        self._used: set[str] = set()
        self._counts: dict[str, int] = {}

    def add(
        self, operator: str, x: Value, *weights: str, shape: Sequence[int] | None = None, **attributes: Any
    ) -> Value:
        """Add a node that takes ``x`` and ``weights``; its result has ``shape`` (default: the shape of x)."""
        name = self._count(operator)
        self._nodes.append(helper.make_node(operator, [x.name, *weights], [f"{name}_y"], name=name, **attributes))
        self._used.add(x.name)
        return Value(f"{name}_y", x.shape if shape is None else tuple(shape))

    def add_pair(self, operator: str, x: Value, y: Value) -> Value:
        """Add ``operator`` of two values of one shape, element by element: Mul, Add, …"""
        result = self.add(operator, x, y.name)
        self._used.add(y.name)
        return result

    def weight(self, array: npt.NDArray[Any], kind: str = "weight") -> str:
        """Store ``array`` (float32 or int64) in the file and return its name."""
        name = self._count(kind)
        array = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)
        tensor = TensorProto(name=name, dims=array.shape, data_type=helper.np_dtype_to_tensor_dtype(array.dtype))
        tensor.raw_data = array.tobytes()
        self._weights.append(tensor)
        return name

    def model(self, name: str, outputs: dict[str, Value], facts: dict[str, str], opset: int = OPSET) -> onnx.ModelProto:
        """The finished model: dynamic ``batch``, ``facts`` as its metadata."""
        given = [value.name for value in outputs.values()]
        self._used.update(value for value in given if given.count(value) > 1)
        for wanted, value in outputs.items():
            self._name_output(value, wanted)
        graph = helper.make_graph(
            self._nodes,
            name,
            [tensor_info(self.input.name, self.input.shape)],
            [tensor_info(wanted, value.shape) for wanted, value in outputs.items()],
            self._weights,
        )
        return finished_model(graph, facts, opset)

    def _count(self, kind: str) -> str:
        number = self._counts[kind] = self._counts.get(kind, -1) + 1
        return f"{kind}_{number}"

    def _name_output(self, value: Value, wanted: str) -> None:
        """Rename the result of the node that makes ``value``; where others read it too, copy it instead."""
        for node in reversed(self._nodes):
            if value.name in node.output and value.name not in self._used:
                node.output[0] = wanted
                self._used.add(value.name)
                return
        copy = self.add("Identity", value)
        self._nodes[-1].output[0] = wanted
        self._used.add(copy.name)


def tensor_info(name: str, shape: Sequence[int]) -> onnx.ValueInfoProto:
    """float32 [batch, *shape], the batch dynamic."""
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *shape])


def finished_model(graph: onnx.GraphProto, facts: dict[str, str], opset: int = OPSET) -> onnx.ModelProto:
    """``graph`` as a model of the standard domain; nothing in it depends on when, where or by whom it was made."""
    imports = [helper.make_opsetid("", opset)]
    ir_version = max(IR_VERSION, helper.find_min_ir_version_for(imports))
    model = helper.make_model(graph, opset_imports=imports, ir_version=ir_version, producer_name=PRODUCER)
    helper.set_model_props(model, dict(sorted(facts.items())))
    return model


def in_order(nodes: Iterable[onnx.NodeProto], known: Iterable[str]) -> list[onnx.NodeProto]:
    """``nodes`` so that each stands behind what it reads, else in their order. known: inputs and weights of the graph.

    Raises ValueError where a node reads what nothing gives.
    """
    ready, waiting, found = {"", *known}, list(nodes), []
    while waiting:
        later = []
        for node in waiting:
            if ready.issuperset(node.input):
                found.append(node)
                ready.update(node.output)
            else:
                later.append(node)
        if len(later) == len(waiting):
            raise ValueError(f"nothing gives what {later[0].name} reads")
        waiting = later
    return found


def rebuilt(converted: onnx.ModelProto, model: onnx.ModelProto) -> onnx.ModelProto:
    """The nodes and weights of ``converted`` with the ports, the name and the metadata of ``model``, in its opset.

    Nothing else that a tool left in ``converted`` stays.
    """
    graph = converted.graph
    known = [port.name for port in graph.input] + [weight.name for weight in graph.initializer]
    tidy = helper.make_graph(
        in_order(graph.node, known), model.graph.name, model.graph.input, model.graph.output, graph.initializer
    )
    return finished_model(tidy, facts_of(model), opset_of(model))


def facts_of(model: onnx.ModelProto) -> dict[str, str]:
    """The metadata of a model, as ``finished_model`` takes it."""
    return {prop.key: prop.value for prop in model.metadata_props}


def opset_of(model: onnx.ModelProto) -> int:
    """The version of the standard domain that ``model`` is written in."""
    return next(int(opset.version) for opset in model.opset_import if opset.domain == "")


def serialized(model: onnx.ModelProto) -> bytes:
    """The file: the same model gives the same bytes in any process."""
    return bytes(model.SerializeToString(deterministic=True))
