"""Which node of a graph is the first that a runtime computes otherwise than another one does?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from export.agreement import compare
from export.runtimes import RUNTIMES, Array, Runtime

if TYPE_CHECKING:
    import onnx


@dataclass(frozen=True, kw_only=True)
class FirstDifference:
    """Where two runtimes part."""

    node: str
    operator: str
    index: int
    """Its place in the graph, from 1."""
    of: int
    difference: float
    """The largest, in its result."""
    inputs: float
    """The largest difference in what it was given."""
    oracle: str
    """The runtime that the other one was compared with."""
    fused: bool = False
    """The result is right as soon as this node's value is asked for, since the runtime then leaves the node as it is:
    it goes wrong where it makes one operation of this node and its neighbours."""

    def sentence(self, runtime: str) -> str:
        """What is to be told of it, in one clause."""
        place = f"{self.node} ({self.operator}, node {self.index} of {self.of})"
        if self.fused:
            return (
                f"it is gone once the value of {place} is asked for: {runtime} goes wrong where it fuses that node "
                f"with its neighbours ({self.oracle} does not)"
            )
        given = f"agree to {self.inputs:.1g}" if self.inputs else "are the same"
        return f"{place} is the first that differs from {self.oracle}: by {self.difference:.3g}; its inputs {given}"


def oracles(runtime: Runtime) -> Iterator[Runtime]:
    """Who may say whether ``runtime`` is right, the best first: onnxruntime for the others, and they for it."""
    for other in RUNTIMES.values():
        if other.name != runtime.name and other.is_installed():
            yield other


def first_difference(
    graph: bytes, given: Mapping[str, Array], runtime: Runtime, oracle: Runtime, precision: str = "fp32"
) -> FirstDifference | None:
    """The first node of ``graph`` whose value ``runtime`` computes otherwise than ``oracle`` from the inputs ``given``.

    All values are made outputs, so that both runtimes tell them; where that makes the difference vanish, one at a time
    is, until the one is found that does. None where no difference is found. Raises whatever the runtimes raise.
    """
    import onnx

    model = onnx.load_model_from_string(graph)
    values = [name for node in model.graph.node for name in node.output if name]
    exposed = _with_outputs(model, values)
    found = dict(zip(values, runtime.open(exposed, values)(given), strict=True))
    wanted = dict(zip(values, oracle.open(exposed, values)(given), strict=True))
    apart = {name: compare(found[name], wanted[name], precision) for name in values}
    for place, node in enumerate(model.graph.node):
        largest = max((apart[name].largest for name in node.output if name and apart[name].excessive), default=None)
        if largest is not None:
            inputs = max((apart[name].largest for name in node.input if name in apart), default=0.0)
            return _described(model, place, largest, inputs, oracle)
    return _fused(model, given, wanted, runtime, oracle, precision)


def _fused(
    model: onnx.ModelProto,
    given: Mapping[str, Array],
    wanted: Mapping[str, Array],
    runtime: Runtime,
    oracle: Runtime,
    precision: str,
) -> FirstDifference | None:
    """The first node that has to be seen for the outputs to be right; None where they are right without."""
    ends = [output.name for output in model.graph.output]

    def apart(seen: Sequence[str]) -> float:
        """The largest excessive difference of the graph's own outputs when the values ``seen`` are outputs as well."""
        answers = runtime.open(_with_outputs(model, [*ends, *seen]), ends)(given)
        differences = [compare(answer, wanted[end], precision) for answer, end in zip(answers, ends, strict=True)]
        return max((difference.largest for difference in differences if difference.excessive), default=0.0)

    difference = apart([])
    if not difference:
        return None
    for place, node in enumerate(model.graph.node):
        seen = [name for name in node.output if name and name not in ends]
        if seen and not apart(seen):
            return _described(model, place, difference, 0.0, oracle, fused=True)
    return None


def _described(
    model: onnx.ModelProto, place: int, difference: float, inputs: float, oracle: Runtime, *, fused: bool = False
) -> FirstDifference:
    nodes = model.graph.node
    return FirstDifference(
        node=nodes[place].name or nodes[place].output[0],
        operator=nodes[place].op_type,
        index=place + 1,
        of=len(nodes),
        difference=difference,
        inputs=inputs,
        oracle=f"{oracle.name} {oracle.version()}",
        fused=fused,
    )


def _with_outputs(model: onnx.ModelProto, names: Sequence[str]) -> bytes:
    """The same graph with ``names`` as its outputs, with types as far as they can be inferred (OpenCV needs them)."""
    import onnx

    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    inferred = onnx.shape_inference.infer_shapes(model).graph
    ports = {port.name: port for port in (*inferred.value_info, *inferred.output)}
    changed.graph.ClearField("output")
    changed.graph.output.extend(ports.get(name, onnx.ValueInfoProto(name=name)) for name in names)
    return bytes(changed.SerializeToString())
