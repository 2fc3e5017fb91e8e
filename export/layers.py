"""The layers of ours that a graph has to know: what networks here need and ``torch.nn`` does not have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn


class Affine(nn.Module):
    """y = scale · x + shift, with fixed numbers: normalisation that travels with the network.

    ``Affine(2, -1)`` takes [0, 1] to [−1, 1]; ``Affine(0.5, 0.5)`` takes it back. float32; any shape, or with a list
    of numbers, one per place of the last dimension.
    """

    scale: float | Tensor
    shift: float | Tensor

    def __init__(self, scale: float | Sequence[float], shift: float | Sequence[float]) -> None:
        super().__init__()
        for name, numbers in (("scale", scale), ("shift", shift)):
            if isinstance(numbers, Sequence):
                self.register_buffer(name, torch.tensor(numbers, dtype=torch.float32), persistent=False)
            else:
                setattr(self, name, float(numbers))

    def forward(self, x: Tensor) -> Tensor:
        return self.scale * x + self.shift

    def extra_repr(self) -> str:
        return f"scale={self.scale}, shift={self.shift}"


class Centre(nn.Module):
    """x − mean: what is left does not pull all weights of a layer the same way. mean: in the shape of one x, float32.

    A buffer that whoever starts the network sets, and that stays as it is in training.
    """

    mean: Tensor

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(shape))

    def forward(self, x: Tensor) -> Tensor:
        return x - self.mean


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
    budget · batch largest activations of the batch stay, and ``threshold`` t follows the smallest of them. In eval mode
    an activation a stays that is above t, so that images do not depend on each other and the graph has no TopK: it is
    multiplied by ``gate`` = clip(slope · (a / t − 1) + ½, 0, 1). A step instead of that steep ramp would make all of an
    activation hang on its last bit, and two runtimes differ in last bits.
    Source: Bussmann, Leask & Nanda 2024, "BatchTopK sparse autoencoders".
    """

    threshold: Tensor
    momentum = 0.01
    """Weight of the newest batch in ``threshold``, a moving average."""
    slope = 10.0
    """The ramp reaches from t · (1 − 1 / (2 · slope)) to t · (1 + 1 / (2 · slope))."""

    def __init__(self, budget: float) -> None:
        super().__init__()
        self.budget = budget
        self.register_buffer("threshold", torch.tensor(-1.0))

    def forward(self, x: Tensor) -> Tensor:
        activations = x.relu()
        if not self.training:
            scale, shift = self.ramp()
            return activations * (activations * scale + shift).clamp(0, 1)
        kept = max(1, min(activations.numel(), round(self.budget * len(x))))
        smallest = activations.detach().flatten().topk(kept, sorted=False).values.min()
        moved = self.threshold + self.momentum * (smallest - self.threshold)
        moved = torch.where(self.threshold < 0, smallest, moved)
        # A batch that is not a number must not stay in the weights: whoever takes the step looks after the rest.
        self.threshold.copy_(torch.where(smallest.isfinite(), moved, self.threshold))
        return activations * (activations >= smallest)

    def ramp(self) -> tuple[Tensor, float]:
        """(scale, shift): what the gate clips is scale · a + shift. With a threshold of 0, or none yet, it is open."""
        return self.slope / self.threshold.clamp(min=1e-12), 0.5 - self.slope

    def extra_repr(self) -> str:
        return f"budget={self.budget:g}"
