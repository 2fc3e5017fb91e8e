"""Bundles of one layer each way, whose codes and reconstructions a line of numpy gives."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from export.layers import Heads
from export.manifest import file_table
from export.scores import fit_scores, pixel_variance
from export.write import Subject, export_bundle


@dataclass(frozen=True)
class Linear:
    """A bundle's folder, and what it computes: code = x·a + b, reconstruction = σ(code·c + d), or without σ."""

    folder: Path
    shape: tuple[int, int, int]
    a: np.ndarray
    b: np.ndarray
    c: np.ndarray
    d: np.ndarray

    def code(self, x: np.ndarray) -> np.ndarray:
        return x.reshape(len(x), -1).astype(np.float64) @ self.a + self.b

    def decode(self, code: np.ndarray) -> np.ndarray:
        out = code @ self.c + self.d
        if self.shape[:2] != (1, 1):
            out = 1 / (1 + np.exp(-out))
        return out.reshape(-1, *self.shape)

    def reconstruct(self, x: np.ndarray) -> np.ndarray:
        return self.decode(self.code(x))

    def errors(self, x: np.ndarray) -> np.ndarray:
        return ((self.reconstruct(x) - x) ** 2).reshape(len(x), -1).mean(axis=1)


def linear_bundle(
    folder: Path,
    shape: tuple[int, int, int] = (1, 8, 6),
    *,
    latent: int = 3,
    variant: str = "undercomplete",
    training: np.ndarray | None = None,
    **changes: Any,
) -> Linear:
    """Writes one. training: images float32 [n, C, H, W] that its scores are of; None: it has no scores."""
    torch.manual_seed(5)
    pixels = int(np.prod(shape))
    encode, decode = nn.Linear(pixels, latent), nn.Linear(latent, pixels)
    heads: dict[str, nn.Module] = {"latent": encode}
    if variant == "variational":
        heads = {"mean": encode, "log_variance": nn.Linear(pixels, latent)}
    points = shape[:2] == (1, 1)
    squash: list[nn.Module] = [] if points else [nn.Sigmoid()]
    random = np.random.default_rng(6)
    images = random.random((64, *shape), dtype=np.float32)
    probe = folder.parent / f"{folder.name}-probe.npz"
    probe.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        probe,
        images=images if points else (images * 255).astype(np.uint8),
        labels=np.zeros(64, np.int64),
        index=np.arange(64),
    )
    given: dict[str, Any] = {
        "name": folder.name,
        "variant": variant,
        "arch": "mlp",
        "data": "moons" if points else "digits",
        "step": 10,
        "encoder": nn.Sequential(nn.Flatten(), Heads(heads)),
        "decoder": nn.Sequential(decode, *squash, nn.Unflatten(1, shape)),
        "image_shape": shape,
        "latent_dim": latent,
        "input_range": (-1.5, 2.5) if points else (0.0, 1.0),
        "images": images,
        "image_sources": {"test": 64, "training": 0},
        "probe": probe,
    }
    export_bundle(Subject(**(given | changes)), folder)
    a, b, c, d = (
        parameter.detach().double().numpy().T for layer in (encode, decode) for parameter in (layer.weight, layer.bias)
    )
    linear = Linear(folder, shape, a, b, c, d)
    scores = None
    if training is not None:
        variances = None if points else pixel_variance(training)
        scores = fit_scores(linear.errors(training), linear.code(training).astype(np.float32), variances).to_npz()
    replace_scores(folder, scores)
    return linear


def replace_scores(folder: Path, content: bytes | None) -> None:
    """Give the bundle these bytes as scores.npz, listed as if they had been written with it; None: take it away."""
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"].pop("scores.npz", None)
    (folder / "scores.npz").unlink(missing_ok=True)
    if content is not None:
        (folder / "scores.npz").write_bytes(content)
        manifest["files"] |= file_table([("scores.npz", content)])
    (folder / "manifest.json").write_text(json.dumps(manifest))


def run_of(bundle: Path, path: Path) -> None:
    """A run's folder that was exported to ``bundle``; nothing else of a run is in it."""
    target = path / "export" / "fp32"
    target.parent.mkdir(parents=True)
    bundle.rename(target)
    (path / "config.toml").write_text("")
    (path / "status.json").write_text("{}")
