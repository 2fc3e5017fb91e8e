"""What a cause is, and what is found of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from export.doctor.facts import Facts

State = Literal["ok", "note", "bad"]
About = Literal["driver", "onnxruntime", "torch"]

OLDEST_CAPABILITY = (7, 5)
"""CUDA 13 has no code for GPUs before Turing. Source: release notes of CUDA 13.0."""


@dataclass(frozen=True)
class Cause:
    """name: for programs, never changed. applies: it is this. reason: one sentence. fix: one command, if any helps.

    state: ``bad`` where something is to be mended, ``note`` where this is as good as the box can do, ``ok``.
    """

    name: str
    applies: Callable[[Facts], bool]
    state: State = "ok"
    reason: Callable[[Facts], str | None] = lambda _: None
    fix: Callable[[Facts], str | None] = lambda _: None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is found about one thing. cause: the name of an entry in its table."""

    about: About
    cause: str
    state: State
    reason: str | None
    fix: str | None


def shown_cuda(number: int) -> str:
    """CUDA's own number of a version, as people write it: 12040 is 12.4."""
    return f"{number // 1000}.{number % 1000 // 10}"


def too_old_for_cuda_13(facts: Facts) -> bool:
    """Every GPU in use is older than CUDA 13 has code for."""
    return (0, 0) < facts.capability < OLDEST_CAPABILITY
