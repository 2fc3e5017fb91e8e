"""Bundles small enough to know their answers by heart."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from aetui.engine.client import Engine
from export.layers import Heads
from export.live import write_live

WriteLive = Callable[..., Path]


@pytest.fixture
def bundle(tmp_path: Path) -> WriteLive:
    """``bundle("a", step=3, gain=2)``: a ``live/`` whose code is gain · pixels and whose decoder is code · 0.5."""

    def write(name: str, *, step: int = 1, gain: float = 2.0, heads: tuple[str, ...] = ("latent",)) -> Path:
        encoder = nn.Sequential(
            nn.Flatten(), Heads({head: _scaled(gain * (place + 1)) for place, head in enumerate(heads)})
        )
        decoder = nn.Sequential(_scaled(0.5), nn.Unflatten(1, (1, 2, 2)))
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        write_live(
            encoder=encoder,
            decoder=decoder,
            name=name,
            variant="variational" if len(heads) > 1 else "undercomplete",
            arch="mlp",
            data="digits",
            step=step,
            image_shape=(1, 2, 2),
            latent_dim=4,
            link=folder / "live",
        )
        return folder / "live"

    return write


def _scaled(factor: float) -> nn.Linear:
    layer = nn.Linear(4, 4)
    with torch.no_grad():
        layer.weight.copy_(factor * torch.eye(4))
        layer.bias.zero_()
    return layer


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    """An engine on the CPU with a log; a start may take long on a busy machine."""
    engine = Engine(provider="cpu", log=tmp_path / "engine.log", timeout_s=60)
    yield engine
    await engine.stop()
