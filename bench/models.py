"""The networks of the comparison as anyone would write them in PyTorch: no line of the trainer's."""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as f
from torch import Tensor, nn

LECTURE = (784, 128, 64, 12, 3)
"""Widths of the lecture's encoder; its decoder mirrors them."""


def chain(widths: tuple[int, ...]) -> list[nn.Module]:
    """Linear layers with ReLU between them, none behind the last."""
    layers: list[nn.Module] = []
    for a, b in pairwise(widths):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return layers[:-1]


def _less(x: Tensor, centre: Tensor | None) -> Tensor:
    return x if centre is None else x - centre


class Lecture(nn.Module):
    """784-128-64-12-3 and its mirror, ReLU between the layers, Tanh at the end, on images in [-1, 1]."""

    mean: float = 0.5
    deviation: float = 0.5

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), *chain(LECTURE))
        self.decoder = nn.Sequential(*chain(LECTURE[::-1]), nn.Tanh())

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.decoder(self.encoder(x))
        return out

    def loss(self, x: Tensor) -> Tensor:
        """Squared error in [0, 1] units: sum over pixels, mean over images. x: (batch, 1, 28, 28) in [-1, 1]."""
        x_hat: Tensor = self(x)
        return (x_hat - x.flatten(1)).square().sum() / (4 * len(x))


class Vae(nn.Module):
    """784-400-20 with two heads and its mirror, Bernoulli likelihood; the usual first VAE."""

    mean: float = 0.0
    deviation: float = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.centre: Tensor | None = None  # what the encoder's input is held against, (1, 28, 28)
        self.hidden = nn.Linear(784, 400)
        self.mean_head = nn.Linear(400, 20)
        self.log_variance_head = nn.Linear(400, 20)
        self.back = nn.Linear(20, 400)
        self.out = nn.Linear(400, 784)

    def noise(self, mean: Tensor) -> Tensor:
        """ε of the reparameterisation."""
        return torch.randn_like(mean)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits, mean and log-variance of (batch, 1, 28, 28) in [0, 1]."""
        hidden = f.relu(self.hidden(_less(x, self.centre).flatten(1)))
        mean, log_variance = self.mean_head(hidden), self.log_variance_head(hidden)
        z = mean + torch.exp(0.5 * log_variance) * self.noise(mean)
        return self.out(f.relu(self.back(z))), mean, log_variance

    def kl(self, mean: Tensor, log_variance: Tensor) -> Tensor:
        return -0.5 * torch.sum(1 + log_variance - mean.square() - log_variance.exp())

    def loss(self, x: Tensor) -> Tensor:
        """Minus the ELBO in nats, mean over images."""
        logits, mean, log_variance = self(x)
        reconstruction = f.binary_cross_entropy_with_logits(logits, x.flatten(1), reduction="sum")
        return (reconstruction + self.kl(mean, log_variance)) / len(x)


class UsualVae(Vae):
    """The same with the sigmoid in the network and the likelihood of probabilities, as the usual example has it."""

    def loss(self, x: Tensor) -> Tensor:
        logits, mean, log_variance = self(x)
        reconstruction = f.binary_cross_entropy(torch.sigmoid(logits), x.flatten(1), reduction="sum")
        return (reconstruction + self.kl(mean, log_variance)) / len(x)


class Conv(nn.Module):
    """Two convolutions of stride 2 to 32 and 64 channels, a code of 16, and the mirror of it; NCHW."""

    mean: float = 0.0
    deviation: float = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.centre: Tensor | None = None
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 32, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(32, 64, 3, stride=2, padding=1), nn.ReLU(),
            nn.Flatten(), nn.Linear(64 * 7 * 7, 16),
        )  # fmt: skip
        self.decoder = nn.Sequential(
            nn.Linear(16, 64 * 7 * 7), nn.ReLU(), nn.Unflatten(1, (64, 7, 7)),
            nn.ConvTranspose2d(64, 32, 3, stride=2, padding=1, output_padding=1), nn.ReLU(),
            nn.ConvTranspose2d(32, 1, 3, stride=2, padding=1, output_padding=1), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.decoder(self.encoder(_less(x, self.centre)))
        return out

    def loss(self, x: Tensor) -> Tensor:
        """Squared error: sum over pixels, mean over images. x: (batch, 1, 28, 28) in [0, 1]."""
        x_hat: Tensor = self(x)
        return (x_hat - x).square().sum() / len(x)
