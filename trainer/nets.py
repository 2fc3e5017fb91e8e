"""The networks: an encoder and a decoder made of plain layers, so that they lower to ONNX as they stand."""

from __future__ import annotations

import contextlib
import functools
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from math import prod

import numpy as np
import torch
from torch import Tensor, nn

from export.layers import Affine, Centre, Heads
from trainer.config import Resolved
from trainer.noise import key
from trainer.variants import Output, Variant

POINTS_MARGIN = 1.1
"""Points between the lowest and the highest training value come to ±1 / this: tanh never reaches ±1."""


class Autoencoder(nn.Module):
    """Encoder and decoder of one run.

    encoder: image (batch, C, H, W) float32 → heads by name. decoder: latent (batch, latent_dim) → reconstruction
    (batch, C, H, W); its ``body`` ends in pre-activations of that shape, its ``output`` makes pixels of them.
    logit_scale: the log-odds of a pixel are this times its pre-activation (tanh(a) mapped to [0, 1] is sigmoid(2a)).
    """

    def __init__(self, encoder: nn.Sequential, decoder: nn.Sequential, logit_scale: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.logit_scale = logit_scale

    @contextlib.contextmanager
    def evaluating(self) -> Iterator[None]:
        """A context in which every layer does what it does outside of training; then as before."""
        before = self.training
        self.eval()
        try:
            yield
        finally:
            self.train(before)

    def encode(self, x: Tensor) -> dict[str, Tensor]:
        """The encoder's heads of (batch, C, H, W), by name, in order."""
        heads: dict[str, Tensor] = self.encoder(x)
        return heads

    def decode(self, z: Tensor) -> Output:
        """The reconstruction of (batch, latent_dim)."""
        pre_activation: Tensor = self.body(z)
        return self.output(pre_activation)

    def output(
        self, pre_activation: Tensor | Callable[[], Tensor], score: Callable[[str, Tensor], Tensor] | None = None
    ) -> Output:
        """What becomes of the last layer's (batch, C, H, W); see ``Output``."""
        return Output(pre_activation=pre_activation, squash=self._squash, logit_scale=self.logit_scale, score=score)

    @functools.cached_property
    def is_sigmoid(self) -> bool:
        """True where a pixel is sigmoid(logit_scale · a) of the last layer's a, which (tanh(a) + 1) / 2 is, too."""
        kinds = {type(layer) for layer in self.decoder.get_submodule("output").modules()}
        return nn.Sigmoid in kinds or (nn.Tanh in kinds and self.logit_scale == 2)

    @functools.cached_property
    def _squash(self) -> Callable[[Tensor], Tensor]:
        """What the layers of ``decoder.output`` compute; a tanh as a sigmoid, which takes a third of the time."""
        if self.is_sigmoid and self.logit_scale != 1:
            return lambda pre_activation: torch.sigmoid(self.logit_scale * pre_activation)
        return self.decoder.get_submodule("output")

    @property
    def body(self) -> nn.Sequential:
        body = self.decoder.get_submodule("body")
        assert isinstance(body, nn.Sequential)
        return body

    @property
    def last(self) -> nn.Linear | nn.ConvTranspose2d:
        """The decoder's last layer with weights."""
        found = [layer for layer in self.body if isinstance(layer, nn.Linear | nn.ConvTranspose2d)]
        return found[-1]


def build(resolved: Resolved, variant: Variant, arch: str, seed: int) -> Autoencoder:
    """The network of a run, on the CPU, its weights a function of ``seed`` alone (PyTorch's initialisation)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(key(seed, 0, "weights"))
        normalise, squash, logit_scale = _ends(resolved, variant, arch)
        encoder, body = (_conv if arch == "conv" else _dense)(resolved, variant)
    return Autoencoder(
        nn.Sequential(*normalise, *encoder),
        nn.Sequential(OrderedDict(body=nn.Sequential(*body), output=nn.Sequential(*squash))),
        logit_scale,
    )


@torch.no_grad()
def start_at_mean(model: Autoencoder, mean: Tensor) -> None:
    """Centre both ends: the encoder where it has a ``Centre``, the decoder so that zeros give about the mean image.

    mean: (C, H, W) float32. A pixel's is kept a hundredth away from 0 and 1, where log-odds are infinite.
    """
    for layer in model.encoder:
        if isinstance(layer, Affine):
            mean = layer(mean)
        elif isinstance(layer, Centre):
            layer.mean.copy_(mean)
    kinds = [type(layer) for layer in model.decoder.get_submodule("output").modules()]
    if nn.Tanh in kinds:
        mean = torch.atanh(mean.clamp(-0.98, 0.98))
    elif nn.Sigmoid in kinds:
        mean = _logit(mean.clamp(0.01, 0.99))
    last = model.last
    assert last.bias is not None
    last.bias.copy_(mean.flatten() if isinstance(last, nn.Linear) else mean.mean(dim=(1, 2)))


def _logit(p: Tensor) -> Tensor:
    """By numpy: the first ``torch.logit`` of a process is off by 3e-5 once in some thirty processes."""
    share = p.double().numpy()
    return torch.from_numpy(np.log(share) - np.log1p(-share)).float()


@torch.no_grad()
def start_as_identity(model: Autoencoder) -> None:
    """Let a network of dense layers begin by copying its image, if it is wide enough; else leave it as it is.

    Wide enough: hidden layers of twice as many units as there are pixels, since x = ReLU(x) − ReLU(−x), and a code of
    as many. The code is then the image turned: ``start_at_mean`` comes first.
    """
    linear = [layer for layer in model.encoder.modules() if isinstance(layer, nn.Linear)]
    *up, out = [layer for layer in model.body if isinstance(layer, nn.Linear)]
    *down, head = linear
    pixels = out.out_features
    wide = down and all(len(layer.weight) >= 2 * pixels for layer in (*down, *up)) and len(head.weight) >= pixels
    if not wide or down[0].in_features != pixels:
        return
    turn = torch.linalg.qr(down[0].weight[:pixels]).Q
    both = torch.cat([torch.eye(pixels), -torch.eye(pixels)])
    _let_through(down[0], both @ turn)
    _let_through(up[0], both)
    for layer in (*down[1:], *up[1:]):
        _let_through(layer, torch.eye(2 * pixels))
    _let_through(head, both.t())
    out.weight.zero_()
    out.weight[:, : 2 * pixels] = turn.t() @ both.t()


def _let_through(layer: nn.Linear, weight: Tensor) -> None:
    """Make the first units of ``layer`` weigh the first of their inputs by ``weight``, and no others."""
    rows, columns = weight.shape
    layer.weight[:rows] = 0
    layer.weight[:rows, :columns] = weight
    assert layer.bias is not None
    layer.bias[:rows] = 0


Ends = tuple[list[nn.Module], list[nn.Module], float]


def _ends(resolved: Resolved, variant: Variant, arch: str) -> Ends:
    """(layers before the encoder, layers behind the decoder, log-odds per pre-activation)."""
    tanh = [nn.Tanh()] if arch == "lecture" else []
    # Pixels are never negative: their mean would pull all weights of a unit the same way, until the unit is silent.
    # The lecture's network is left as it is; one layer as wide as the image, which stands in for it, would lose units.
    less_mean: list[nn.Module] = [] if tanh and resolved.hidden else [Centre(resolved.image_shape)]
    if resolved.low:
        centre = [(high + low) / 2 for low, high in zip(resolved.low, resolved.high, strict=True)]
        reach = [POINTS_MARGIN * (high - low) / 2 or 1.0 for low, high in zip(resolved.low, resolved.high, strict=True)]
        inward = Affine([1 / r for r in reach], [-c / r for c, r in zip(centre, reach, strict=True)])
        return [inward, *less_mean], [*tanh, Affine(reach, centre)], 1.0
    if tanh:
        return [Affine(2.0, -1.0), *less_mean], [*tanh, Affine(0.5, 0.5)], 2.0
    return less_mean, [nn.Hardtanh(0.0, 1.0) if variant.squash == "clip" else nn.Sigmoid()], 1.0


Halves = tuple[list[nn.Module], list[nn.Module]]


def _dense(resolved: Resolved, variant: Variant) -> Halves:
    """(encoder, body of the decoder): fully connected, ReLU between the layers, the decoder the encoder's mirror."""
    pixels = prod(resolved.image_shape)
    widths = (pixels, *resolved.hidden)
    mirror = (resolved.latent_dim, *reversed(resolved.hidden), pixels)
    encoder = [nn.Flatten(), *_with_relu([nn.Linear(a, b) for a, b in pairwise(widths)])]
    encoder.append(_heads(widths[-1], resolved, variant))
    body = _with_relu([nn.Linear(a, b) for a, b in pairwise(mirror)])[:-1]
    return encoder, [*body, nn.Unflatten(1, resolved.image_shape)]


def _conv(resolved: Resolved, variant: Variant) -> Halves:
    """(encoder, body of the decoder): 3×3 convolutions of stride 2, each halving the image, and their mirror.

    A side of s pixels becomes ⌈s / 2⌉; on the way back the output padding says whether s was even.
    """
    channels = (resolved.image_shape[0], *resolved.hidden)
    sizes = [resolved.image_shape[1:]]
    for _ in resolved.hidden:
        sizes.append(((sizes[-1][0] + 1) // 2, (sizes[-1][1] + 1) // 2))
    innermost = (channels[-1], *sizes[-1])
    down = [nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise(channels)]
    heads = _heads(prod(innermost), resolved, variant)
    encoder = [*_with_relu(down), nn.Flatten(), heads]
    widen = [nn.Linear(resolved.latent_dim, prod(innermost)), nn.ReLU(), nn.Unflatten(1, innermost)]
    up = [
        nn.ConvTranspose2d(a, b, 3, 2, 1, output_padding=(1 - height % 2, 1 - width % 2))
        for (a, b), (height, width) in zip(pairwise(reversed(channels)), reversed(sizes[:-1]), strict=True)
    ]
    return encoder, [*widen, *_with_relu(up)[:-1]]


def _with_relu(layers: Sequence[nn.Module]) -> list[nn.Module]:
    return [module for layer in layers for module in (layer, nn.ReLU())]


def _heads(width: int, resolved: Resolved, variant: Variant) -> Heads:
    def head(name: str, size: int) -> nn.Module:
        after = variant.head_layer(name, resolved.latent_dim)
        linear = nn.Linear(width, size)
        return linear if after is None else nn.Sequential(linear, after)

    return Heads({name: head(name, size) for name, size in resolved.heads.items()})
