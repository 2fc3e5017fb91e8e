"""torch modules → ONNX nodes, in milliseconds: which is what makes live weights possible.

One small function per kind of layer, found by type. A new kind is taught from anywhere, without touching this file::

    @lower.register
    def _(module: MyLayer, graph: Graph, x: Value) -> Value:
        return graph.add("Relu", x)
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from torch import Tensor, nn

from export.errors import ToolError
from export.graph import OPSET, Graph, Value
from export.layers import Affine, BatchTopK, Centre, Heads, LowerTriangular

UNIT_RANGE = (0.0, 1.0)
"""What the values of an image lie between; those of points may be anywhere."""


def lower_encoder(
    encoder: nn.Module,
    image_shape: tuple[int, int, int],
    input_range: tuple[float, float] = UNIT_RANGE,
    opset: int = OPSET,
) -> onnx.ModelProto:
    """``image`` float32 [batch, C, H, W] → one output per head, in order (``latent`` where it has no ``Heads``).

    input_range: between what the images' values lie, noted in the file. opset: one of ``export.graph.OPSETS``.
    Reads the weights, changes nothing.
    Raises ToolError (exit 2) for a layer that is unknown or does not fit.
    """
    graph = Graph("image", image_shape)
    outputs = _outputs(encoder, graph, graph.input)
    described = facts(image_shape, {name: value.shape for name, value in outputs.items()}, input_range)
    return graph.model("encoder", outputs, described, opset)


def lower_decoder(
    decoder: nn.Module,
    latent_dim: int,
    image_shape: tuple[int, int, int],
    input_range: tuple[float, float] = UNIT_RANGE,
    opset: int = OPSET,
) -> onnx.ModelProto:
    """``latent`` float32 [batch, latent_dim] → ``reconstruction`` [batch, C, H, W]. Raises ToolError (exit 2)."""
    graph = Graph("latent", (latent_dim,))
    result = lower_layer(decoder, graph, graph.input)
    if result.shape != tuple(image_shape):
        raise misfit(decoder, result, f"a decoder has to give {list(image_shape)} per image")
    described = facts(image_shape, {"latent": (latent_dim,)}, input_range)
    return graph.model("decoder", {"reconstruction": result}, described, opset)


def facts(
    image_shape: tuple[int, int, int], codes: Mapping[str, tuple[int, ...]], input_range: tuple[float, float]
) -> dict[str, str]:
    """What a graph says about itself in ``metadata_props``: shapes and ranges, never a name, a path or a time."""
    described = {f"{name}_shape": _text(shape) for name, shape in codes.items()}
    return {
        "image_shape": _text(image_shape),
        "image_range": ",".join(f"{end:.9g}" for end in input_range),
        **described,
    }


def lower_layer(module: nn.Module, graph: Graph, x: Value) -> Value:
    """``lower`` for the very type of ``module``: a subclass that computes something else is unknown, not its parent."""
    known = next(kind for kind in type(module).__mro__ if kind in lower.registry)
    if known is not object and type(module).forward is not getattr(known, "forward", None):
        raise _unknown(module)
    return lower(module, graph, x)


@functools.singledispatch
def lower(module: nn.Module, graph: Graph, x: Value) -> Value:
    """Add the nodes of ``module``, fed with ``x``, and return its result. Raises ToolError (exit 2)."""
    raise _unknown(module)


@lower.register
def _(module: nn.Sequential, graph: Graph, x: Value) -> Value:
    for layer in module:
        x = lower_layer(layer, graph, x)
    return x


@lower.register
def _(module: nn.Linear, graph: Graph, x: Value) -> Value:
    if x.shape != (module.in_features,):
        raise misfit(module, x, f"it takes {module.in_features} numbers per image")
    weights = [graph.weight(numbers(module.weight))]
    if module.bias is not None:
        weights.append(graph.weight(numbers(module.bias), "bias"))
    return graph.add("Gemm", x, *weights, shape=(module.out_features,), transB=1)


@lower.register
def _(module: Affine, graph: Graph, x: Value) -> Value:
    for operator, kind, factor, neutral in (("Mul", "scale", module.scale, 1), ("Add", "shift", module.shift, 0)):
        if isinstance(factor, Tensor):
            x = graph.add(operator, x, graph.weight(numbers(factor), kind))
        elif factor != neutral:
            x = graph.add(operator, x, graph.weight(np.array(factor, np.float32), kind))
    return x


@lower.register
def _(module: Centre, graph: Graph, x: Value) -> Value:
    if x.shape != tuple(module.mean.shape):
        raise misfit(module, x, f"it takes off a mean of {list(module.mean.shape)}")
    return graph.add("Sub", x, graph.weight(numbers(module.mean), "mean"))


@lower.register(nn.Identity)
@lower.register(nn.Dropout)
def _(module: nn.Module, graph: Graph, x: Value) -> Value:
    return x


@lower.register
def _(module: nn.ReLU, graph: Graph, x: Value) -> Value:
    return graph.add("Relu", x)


@lower.register
def _(module: nn.Tanh, graph: Graph, x: Value) -> Value:
    return graph.add("Tanh", x)


@lower.register
def _(module: nn.Sigmoid, graph: Graph, x: Value) -> Value:
    return graph.add("Sigmoid", x)


@lower.register
def _(module: nn.Hardtanh, graph: Graph, x: Value) -> Value:
    ends = [graph.weight(np.array(end, np.float32), "end") for end in (module.min_val, module.max_val)]
    return graph.add("Clip", x, *ends)


@lower.register
def _(module: nn.LeakyReLU, graph: Graph, x: Value) -> Value:
    return graph.add("LeakyRelu", x, alpha=float(module.negative_slope))


@lower.register
def _(module: nn.SiLU, graph: Graph, x: Value) -> Value:
    return graph.add_pair("Mul", x, graph.add("Sigmoid", x))


@lower.register
def _(module: nn.Softplus, graph: Graph, x: Value) -> Value:
    if module.beta != 1:
        raise misfit(module, x, "ONNX has Softplus with beta 1 only")
    return graph.add("Softplus", x)


@lower.register
def _(module: nn.Flatten, graph: Graph, x: Value) -> Value:
    if (module.start_dim, module.end_dim) not in ((1, -1), (1, len(x.shape))):
        raise misfit(module, x, "only Flatten(1) keeps the batch and nothing else")
    return graph.add("Flatten", x, shape=(math.prod(x.shape),), axis=1)


@lower.register
def _(module: nn.Unflatten, graph: Graph, x: Value) -> Value:
    sizes = tuple(int(size) for size in module.unflattened_size if isinstance(size, int))
    if module.dim not in (1, -1) or len(x.shape) != 1 or math.prod(sizes) != x.shape[0]:
        raise misfit(module, x, "only Unflatten(1, sizes) of a vector of that many numbers is known")
    # 0 copies the size of the batch, so that an empty batch stays one.
    return graph.add("Reshape", x, graph.weight(np.array([0, *sizes], np.int64), "shape"), shape=sizes)


@lower.register
def _(module: nn.Conv2d, graph: Graph, x: Value) -> Value:
    _check_convolution(module, x)
    sizes = [
        (size + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1
        for size, pad, dilation, kernel, stride in zip(x.shape[1:], *_geometry(module), strict=True)
    ]
    return graph.add("Conv", x, *_kernel(module, graph), shape=(module.out_channels, *sizes), **_attributes(module))


@lower.register
def _(module: nn.ConvTranspose2d, graph: Graph, x: Value) -> Value:
    _check_convolution(module, x)
    extra = [int(number) for number in module.output_padding]
    sizes = [
        (size - 1) * stride - 2 * pad + dilation * (kernel - 1) + more + 1
        for size, pad, dilation, kernel, stride, more in zip(x.shape[1:], *_geometry(module), extra, strict=True)
    ]
    attributes = {**_attributes(module), "output_padding": extra}
    return graph.add("ConvTranspose", x, *_kernel(module, graph), shape=(module.out_channels, *sizes), **attributes)


@lower.register(nn.BatchNorm1d)
@lower.register(nn.BatchNorm2d)
def _(module: nn.BatchNorm1d | nn.BatchNorm2d, graph: Graph, x: Value) -> Value:
    if module.running_mean is None or module.running_var is None or x.shape[0] != module.num_features:
        raise misfit(module, x, "it needs running statistics, one per channel")
    ones = np.ones(module.num_features, np.float32)
    scale = ones if module.weight is None else numbers(module.weight)
    shift = 0 * ones if module.bias is None else numbers(module.bias)
    weights = (scale, shift, numbers(module.running_mean), numbers(module.running_var))
    names = [graph.weight(array, "norm") for array in weights]
    return graph.add("BatchNormalization", x, *names, epsilon=float(module.eps))


@lower.register
def _(module: LowerTriangular, graph: Graph, x: Value) -> Value:
    if x.shape != (len(module.below),):
        raise misfit(module, x, f"it takes {len(module.below)} numbers per image")
    flat = (module.size**2,)
    below = graph.add("MatMul", x, graph.weight(numbers(module.below)), shape=flat)
    logarithms = graph.add("MatMul", x, graph.weight(numbers(module.diagonal)), shape=flat)
    diagonal = graph.add("Mul", graph.add("Exp", logarithms), graph.weight(numbers(module.identity)))
    sizes = (module.size, module.size)
    shape = graph.weight(np.array([0, *sizes], np.int64), "shape")
    return graph.add("Reshape", graph.add_pair("Add", below, diagonal), shape, shape=sizes)


@lower.register
def _(module: BatchTopK, graph: Graph, x: Value) -> Value:
    activations = graph.add("Relu", x)
    scale, shift = module.ramp()
    sloping = graph.add("Mul", activations, graph.weight(numbers(scale), "scale"))
    raised = graph.add("Add", sloping, graph.weight(np.array(shift, np.float32), "shift"))
    ends = [graph.weight(np.array(end, np.float32), "end") for end in (0, 1)]
    return graph.add_pair("Mul", activations, graph.add("Clip", raised, *ends))


@lower.register
def _(module: Heads, graph: Graph, x: Value) -> Value:
    raise misfit(module, x, "heads end an encoder; nothing can follow or surround them")


def numbers(tensor: Tensor) -> npt.NDArray[np.float32]:
    """The values of a weight, float32 on the CPU."""
    array: npt.NDArray[np.float32] = tensor.detach().float().cpu().contiguous().numpy()
    return array


def misfit(module: nn.Module, x: Value, why: str) -> ToolError:
    """The error for a layer that gets, or is, what its graph cannot express."""
    return ToolError(
        f"the layer {module} cannot be exported where it gets {list(x.shape)} per image",
        why=why,
        do="change the network, or: aetrain export --exporter torch",
    )


def _unknown(module: nn.Module) -> ToolError:
    known = sorted(kind.__name__ for kind in lower.registry if kind is not object)
    return ToolError(
        f"the layer {type(module).__name__} has no ONNX form here",
        why=f"known are {', '.join(known)}",
        do="aetrain export --exporter torch, which knows (almost) every layer, more slowly",
    )


def _outputs(module: nn.Module, graph: Graph, x: Value) -> dict[str, Value]:
    """The named results of an encoder; ``Heads`` may stand at the end of sequences nested in each other."""
    if isinstance(module, Heads):
        return {name: lower_layer(head, graph, x) for name, head in module.items()}
    if type(module) is nn.Sequential and len(module):
        layers = list(module)
        for layer in layers[:-1]:
            x = lower_layer(layer, graph, x)
        return _outputs(layers[-1], graph, x)
    return {"latent": lower_layer(module, graph, x)}


def _check_convolution(module: nn.Conv2d | nn.ConvTranspose2d, x: Value) -> None:
    if len(x.shape) != 3 or x.shape[0] != module.in_channels:
        raise misfit(module, x, f"it takes {module.in_channels} channels of rows and columns")
    if isinstance(module.padding, str) or module.padding_mode != "zeros":
        raise misfit(module, x, "the padding has to be a number of zeros")


def _geometry(module: nn.Conv2d | nn.ConvTranspose2d) -> tuple[tuple[int, ...], ...]:
    pads = tuple(int(pad) for pad in module.padding)
    return pads, tuple(module.dilation), tuple(module.kernel_size), tuple(module.stride)


def _attributes(module: nn.Conv2d | nn.ConvTranspose2d) -> dict[str, Any]:
    pads, dilations, kernel, strides = (list(sizes) for sizes in _geometry(module))
    return {
        "kernel_shape": kernel,
        "strides": strides,
        "pads": pads * 2,
        "dilations": dilations,
        "group": module.groups,
    }


def _kernel(module: nn.Conv2d | nn.ConvTranspose2d, graph: Graph) -> list[str]:
    names = [graph.weight(numbers(module.weight))]
    return names if module.bias is None else [*names, graph.weight(numbers(module.bias), "bias")]


def _text(shape: tuple[int, ...]) -> str:
    return ",".join(str(size) for size in shape)
