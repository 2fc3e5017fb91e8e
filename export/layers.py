"""The layers of ours that a graph has to know: what networks here need and ``torch.nn`` does not have."""

from __future__ import annotations

from collections.abc import Mapping

import torch
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


class LowerTriangular(nn.Module):
    """(batch, d(d + 1)/2) → (batch, d, d): a Cholesky factor, zero above the diagonal, positive on it.

    The numbers fill the triangle row by row; those on the diagonal are logarithms. float32.
    """

    below: Tensor
    diagonal: Tensor
    identity: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        rows, columns = torch.tril_indices(size, size)
        number, place = torch.arange(len(rows)), rows * size + columns
        one_hot = torch.zeros(len(rows), size * size)
        one_hot[number, place] = 1
        on_diagonal = (rows == columns).float()[:, None]
        # Products with constant matrices are the same in torch and in a graph, and a runtime needs no scatter for them.
        self.register_buffer("below", one_hot * (1 - on_diagonal), persistent=False)
        self.register_buffer("diagonal", one_hot * on_diagonal, persistent=False)
        self.register_buffer("identity", torch.eye(size).flatten(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        factor = x @ self.below + (x @ self.diagonal).exp() * self.identity
        return factor.reshape(-1, self.size, self.size)

    def extra_repr(self) -> str:
        return f"size={self.size}"


class BatchTopK(nn.Module):
    """ReLU, then only the largest activations stay: in training a budget over the batch, in use one threshold.

    (batch, units) → (batch, units), float32, ≥ 0. budget: mean number of active units per image, > 0. In training the
    budget · batch largest activations of the batch stay, and ``threshold`` follows the smallest of them; in eval mode
    an activation stays that reaches it, so that images do not depend on each other and the graph has no TopK.
    Source: Bussmann, Leask & Nanda 2024, "BatchTopK sparse autoencoders".
    """

    threshold: Tensor
    momentum = 0.01
    """Weight of the newest batch in ``threshold``, a moving average."""

    def __init__(self, budget: float) -> None:
        super().__init__()
        self.budget = budget
        self.register_buffer("threshold", torch.tensor(-1.0))

    def forward(self, x: Tensor) -> Tensor:
        activations = x.relu()
        if not self.training:
            return activations * (activations >= self.threshold)
        kept = max(1, min(activations.numel(), round(self.budget * len(x))))
        smallest = activations.detach().flatten().topk(kept, sorted=False).values.min()
        moved = self.threshold + self.momentum * (smallest - self.threshold)
        self.threshold.copy_(torch.where(self.threshold < 0, smallest, moved))
        return activations * (activations >= smallest)

    def extra_repr(self) -> str:
        return f"budget={self.budget:g}"
