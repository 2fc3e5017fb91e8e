"""The networks: an encoder and a decoder made of plain layers, so that they lower to ONNX as they stand."""

from __future__ import annotations

from collections import OrderedDict
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from export.layers import Affine, Heads
from trainer.config import Resolved
from trainer.noise import key
from trainer.variants import Output, Variant


class Autoencoder(nn.Module):
    """Encoder and decoder of one run.

    encoder: image (batch, C, H, W) float32 in [0, 1] → heads by name. decoder: latent (batch, latent_dim) →
    reconstruction (batch, C, H, W) in [0, 1]; its ``body`` ends in pre-activations, its ``output`` squashes them.
    logit_scale: the log-odds of a pixel are this times its pre-activation (tanh(a) mapped to [0, 1] is sigmoid(2a)).
    """

    def __init__(self, encoder: nn.Sequential, decoder: nn.Sequential, logit_scale: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.logit_scale = logit_scale

    def encode(self, x: Tensor) -> dict[str, Tensor]:
        """The encoder's heads of (batch, C, H, W) in [0, 1], by name, in order."""
        heads: dict[str, Tensor] = self.encoder(x)
        return heads

    def decode(self, z: Tensor) -> Output:
        """The reconstruction of (batch, latent_dim), with its log-odds in the same shape."""
        pre_activation = self.decoder.get_submodule("body")(z)
        x_hat = self.decoder.get_submodule("output")(pre_activation)
        return Output(x_hat=x_hat, logits=(self.logit_scale * pre_activation).reshape(x_hat.shape))


def build(resolved: Resolved, variant: Variant, arch: str, seed: int) -> Autoencoder:
    """The network of a run, on the CPU, its weights a function of ``seed`` alone (PyTorch's initialisation)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(key(seed, 0, "weights"))
        return _build(resolved, variant, tanh=arch == "lecture")


@torch.no_grad()
def start_at_mean(model: Autoencoder, mean: npt.NDArray[np.floating]) -> None:
    """Set the decoder's last bias so that a code of zeros gives about the mean image.

    mean: (C, H, W) in [0, 1]; kept a hundredth away from both ends, where log-odds are infinite.
    """
    last = model.decoder.get_submodule("body")[-1]  # type: ignore[index]
    logits = torch.logit(torch.from_numpy(mean).flatten().float().clamp(0.01, 0.99))
    last.bias.copy_(logits / model.logit_scale)


def _build(resolved: Resolved, variant: Variant, *, tanh: bool) -> Autoencoder:
    channels, height, width = resolved.image_shape
    pixels = channels * height * width
    widths = (pixels, *resolved.hidden)
    encoder = nn.Sequential(
        *([Affine(2.0, -1.0)] if tanh else []),
        nn.Flatten(),
        *_dense(widths),
        Heads({name: _head(widths[-1], name, size, resolved, variant) for name, size in resolved.heads.items()}),
    )
    mirror = (resolved.latent_dim, *reversed(resolved.hidden))
    body = nn.Sequential(*_dense(mirror), nn.Linear(mirror[-1], pixels))
    squash: list[nn.Module] = [nn.Tanh(), Affine(0.5, 0.5)] if tanh else [nn.Sigmoid()]
    output = nn.Sequential(*squash, nn.Unflatten(1, (channels, height, width)))
    decoder = nn.Sequential(OrderedDict(body=body, output=output))
    return Autoencoder(encoder, decoder, logit_scale=2.0 if tanh else 1.0)


def _dense(widths: tuple[int, ...]) -> list[nn.Module]:
    return [layer for a, b in pairwise(widths) for layer in (nn.Linear(a, b), nn.ReLU())]


def _head(width: int, name: str, size: int, resolved: Resolved, variant: Variant) -> nn.Module:
    linear = nn.Linear(width, size)
    after = variant.head_layer(name, resolved.latent_dim)
    return linear if after is None else nn.Sequential(linear, after)
