"""The two layers of ours that a graph has to know: a fixed affine map, and the named heads of an encoder."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn


class Affine(nn.Module):
    """y = scale · x + shift, with fixed numbers: normalisation that travels with the network.

    ``Affine(2, -1)`` takes [0, 1] to [−1, 1]; ``Affine(0.5, 0.5)`` takes it back. Any shape, float32.
    """

    def __init__(self, scale: float, shift: float) -> None:
        super().__init__()
        self.scale = float(scale)
        self.shift = float(shift)

    def forward(self, x: Tensor) -> Tensor:
        return self.scale * x + self.shift

    def extra_repr(self) -> str:
        return f"scale={self.scale:g}, shift={self.shift:g}"


class Heads(nn.ModuleDict):
    """The last layer of an encoder: one module per named output, all fed the same hidden layer.

    The names, in order, become the outputs of ``encoder.onnx``; the first one is the code that a decoder takes.
    """

    def __init__(self, heads: Mapping[str, nn.Module]) -> None:
        super().__init__(dict(heads))

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {name: head(x) for name, head in self.items()}
