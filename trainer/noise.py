"""Randomness as a function of (seed, step, stream): any step can be replayed alone. Never global state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor

STREAMS = ("weights", "order", "corruption", "code", "evaluation", "level", "target")
"""Independent sources; a new one goes to the end, or every earlier run changes."""

_MASK = (1 << 64) - 1


def key(seed: int, step: int, stream: str) -> int:
    """A 63-bit seed for a generator: splitmix64 over the three, so that neighbours have nothing in common.

    Source: Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators".
    """
    state = 0
    for part in (seed, step, STREAMS.index(stream)):
        state = (state ^ (part & _MASK)) + 0x9E3779B97F4A7C15 & _MASK
        state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        state = (state ^ state >> 27) * 0x94D049BB133111EB & _MASK
        state ^= state >> 31
    return state >> 1


def generator(seed: int, step: int, stream: str, device: torch.device | str = "cpu") -> torch.Generator:
    """A torch generator that starts at ``key(seed, step, stream)``."""
    import torch

    return torch.Generator(device).manual_seed(key(seed, step, stream))


@dataclass(frozen=True)
class Noise:
    """The noise of one step: the same call gives the same numbers, whenever and how often it is made."""

    seed: int
    step: int

    def normal_like(self, x: Tensor, stream: str) -> Tensor:
        """N(0, 1) in the shape, dtype and on the device of ``x``."""
        import torch

        source = generator(self.seed, self.step, stream, x.device)
        return torch.randn(x.shape, generator=source, device=x.device, dtype=x.dtype)

    def uniform_like(self, x: Tensor, stream: str) -> Tensor:
        """Uniform in [0, 1) in the shape, dtype and on the device of ``x``."""
        import torch

        source = generator(self.seed, self.step, stream, x.device)
        return torch.rand(x.shape, generator=source, device=x.device, dtype=x.dtype)
