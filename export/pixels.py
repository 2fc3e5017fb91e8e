"""Graphs that take and give bytes, as images come from a file or a camera: the normalisation is inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from export.errors import ExitCode, ToolError
from export.graph import facts_of, finished_model, opset_of, serialized
from export.parity import tolerance
from export.runtime import open_session, run_session

Bytes = npt.NDArray[np.uint8]


def add_byte_graphs(files: dict[str, bytes], pixel_layout: str) -> dict[str, bytes]:
    """``encoder_u8.onnx`` and ``decoder_u8.onnx`` for the float graphs in ``files``.

    pixel_layout: ``NCHW`` or ``NHWC``. The first takes ``image`` uint8 [batch, …], the second gives ``reconstruction``
    uint8 [batch, …], rounded to the nearest of 256 levels.
    """
    encoder, decoder = (onnx.load_model_from_string(files[f"{part}.onnx"]) for part in ("encoder", "decoder"))
    return {
        "encoder_u8.onnx": serialized(_takes_bytes(encoder, pixel_layout)),
        "decoder_u8.onnx": serialized(_gives_bytes(decoder, pixel_layout)),
    }


def check_byte_graphs(files: dict[str, bytes], pixel_layout: str, images: npt.NDArray[np.float32]) -> None:
    """Hold the byte graphs of ``files`` against the float ones, on images float32 [n, C, H, W] in [0, 1].

    Raises ToolError (exit 1) where a head differs by more than rounding, or a pixel by more than one level.
    """
    given = as_bytes(images, pixel_layout)
    run = {name: _runner(graph) for name, graph in files.items()}
    heads = run["encoder.onnx"]({"image": as_bytes(images, "NCHW").astype(np.float32) / 255})
    found = run["encoder_u8.onnx"]({"image": given})
    for wanted, head in zip(heads, found, strict=True):
        if not float(np.abs(head - wanted).max()) <= tolerance(wanted):
            raise _mismatch("encoder_u8.onnx")
    (exact,) = run["decoder.onnx"]({"latent": heads[0]})
    (levels,) = run["decoder_u8.onnx"]({"latent": heads[0]})
    levels = levels if pixel_layout == "NCHW" else levels.transpose(0, 3, 1, 2)
    if levels.dtype != np.uint8 or not float(np.abs(levels - exact.clip(0, 1) * 255.0).max()) <= 0.5 + 1e-2:
        raise _mismatch("decoder_u8.onnx")


def as_bytes(images: npt.NDArray[np.float32], pixel_layout: str) -> Bytes:
    """Images float32 [n, C, H, W] in [0, 1] as a byte graph takes them: uint8, [n, H, W, C] where that is ``NHWC``."""
    levels = np.rint(images * 255).astype(np.uint8)
    return np.ascontiguousarray(levels.transpose(0, 2, 3, 1)) if pixel_layout == "NHWC" else levels


def _takes_bytes(model: onnx.ModelProto, pixel_layout: str) -> onnx.ModelProto:
    graph, shape = model.graph, _port_shape(model.graph.input[0])
    nodes = [helper.make_node("Cast", ["image"], ["levels"], name="from_bytes", to=TensorProto.FLOAT)]
    if pixel_layout == "NHWC":
        nodes.append(helper.make_node("Transpose", ["levels"], ["channels_first"], name="to_nchw", perm=[0, 3, 1, 2]))
    # Divided, as in training: a product with the nearest float of 1/255 is off in the last bit.
    nodes.append(helper.make_node("Div", [nodes[-1].output[0], "most"], ["pixels"], name="normalise"))
    for node in graph.node:
        node.input[:] = ["pixels" if name == "image" else name for name in node.input]
    port = helper.make_tensor_value_info("image", TensorProto.UINT8, ["batch", *_axes(shape, pixel_layout)])
    weights = [*graph.initializer, _scalar("most", 255.0)]
    return _finished(model, [*nodes, *graph.node], [port], list(graph.output), weights)


def _gives_bytes(model: onnx.ModelProto, pixel_layout: str) -> onnx.ModelProto:
    graph, shape = model.graph, _port_shape(model.graph.output[0])
    for node in graph.node:
        node.input[:] = ["pixels" if name == "reconstruction" else name for name in node.input]
        node.output[:] = ["pixels" if name == "reconstruction" else name for name in node.output]
    nodes = [
        helper.make_node("Clip", ["pixels", "black", "white"], ["clipped"], name="clip"),
        helper.make_node("Mul", ["clipped", "most"], ["scaled"], name="denormalise"),
        # A cast cuts the fraction off.
        helper.make_node("Add", ["scaled", "half"], ["levels"], name="round"),
    ]
    if pixel_layout == "NHWC":
        nodes.append(helper.make_node("Transpose", ["levels"], ["channels_last"], name="to_nhwc", perm=[0, 2, 3, 1]))
    last = nodes[-1].output[0]
    nodes.append(helper.make_node("Cast", [last], ["reconstruction"], name="to_bytes", to=TensorProto.UINT8))
    port = helper.make_tensor_value_info("reconstruction", TensorProto.UINT8, ["batch", *_axes(shape, pixel_layout)])
    constants = [_scalar("black", 0.0), _scalar("white", 1.0), _scalar("most", 255.0), _scalar("half", 0.5)]
    return _finished(model, [*graph.node, *nodes], list(graph.input), [port], [*graph.initializer, *constants])


def _finished(
    model: onnx.ModelProto, nodes: Sequence[Any], inputs: Sequence[Any], outputs: Sequence[Any], weights: Sequence[Any]
) -> onnx.ModelProto:
    graph = helper.make_graph(list(nodes), f"{model.graph.name}_u8", list(inputs), list(outputs), list(weights))
    return finished_model(graph, {**facts_of(model), "image_range": "0,255"}, opset_of(model))


def _port_shape(port: onnx.ValueInfoProto) -> tuple[int, ...]:
    return tuple(dim.dim_value for dim in port.type.tensor_type.shape.dim[1:])


def _axes(shape: tuple[int, ...], pixel_layout: str) -> list[int]:
    return [*shape[1:], shape[0]] if pixel_layout == "NHWC" else list(shape)


def _scalar(name: str, value: float) -> onnx.TensorProto:
    tensor: onnx.TensorProto = numpy_helper.from_array(np.array(value, np.float32), name)
    return tensor


def _runner(graph: bytes) -> Callable[[dict[str, Any]], list[Any]]:
    session = open_session(graph, ["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return lambda feed: run_session(session, names, feed)


def _mismatch(name: str) -> ToolError:
    return ToolError(
        f"{name} does not compute what the float graph computes; nothing was written",
        why="bytes in and out may differ from floats by rounding only",
        do="export without --uint8",
        exit_code=ExitCode.FAILED,
    )
