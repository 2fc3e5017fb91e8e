"""What ``bench.export`` writes bundles of: a network of 784-512-256-32, untrained, and runs that were trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

from bench.machine import aetrain, run
from export.layers import Heads
from export.write import Subject

IMAGE_SHAPE = (1, 28, 28)
LATENT_DIM = 32


def networks(heads: tuple[str, ...] = ("mean", "log_variance")) -> tuple[nn.Module, nn.Module]:
    """(encoder 784-512-256-32 with ``heads``, its mirror), always the same weights, in eval mode."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        front = [nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU()]
        encoder = nn.Sequential(*front, Heads({name: nn.Linear(256, LATENT_DIM) for name in heads}))
        back = [nn.Linear(LATENT_DIM, 256), nn.ReLU(), nn.Linear(256, 512), nn.ReLU(), nn.Linear(512, 784)]
        return encoder.eval(), nn.Sequential(*back, nn.Sigmoid(), nn.Unflatten(1, IMAGE_SHAPE)).eval()


def subject(variant: str, folder: Path) -> Subject:
    """``networks`` with as many images as ``aetrain export`` brings; ``folder`` gets the probe images."""
    images = np.random.default_rng(0).random((4096, *IMAGE_SHAPE), dtype=np.float32)
    probe = folder / "probe.npz"
    np.savez(probe, images=(images[:64] * 255).astype(np.uint8), labels=np.full(64, -1), index=np.arange(64))
    encoder, decoder = networks(("mean", "log_variance") if variant == "variational" else ("latent",))
    return Subject(
        name=variant,
        variant=variant,
        arch="mlp",
        data="random",
        step=0,
        encoder=encoder,
        decoder=decoder,
        image_shape=IMAGE_SHAPE,
        latent_dim=LATENT_DIM,
        images=images[:256],
        image_sources={"test": 256},
        training_images=images,
        test_images=images[:2048],
        probe=probe,
    )


def train(folder: Path, variant: str, *flags: str) -> None:
    """``folder/runs/run``, trained by ``aetrain fit``; 200 steps where ``flags`` do not say."""
    steps = () if "--steps" in flags else ("--steps", "200")
    run(aetrain("fit", variant, "--name", "run", "--runs-dir", folder / "runs", *steps, *flags))
