"""One run (or bundle) as the screens show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aetui.follow.series import Series

ACTIVE = ("running", "paused")


@dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """What is known of a run or a bundle now; texts are as found (show them through ``outside``).

    state: one of ``trainer.runs.status.STATES``, ``unreadable``, or ``bundle``. series: by (split, term).
    model: the folder with graphs that the engine can open, or None while there is none; version changes with them.
    corruption: (kind, level) of a denoising run. classes: the names of the labels 0, 1, ….
    note: why the run is in its state, where that needs saying. options: the variant's own, by name: texts and numbers.
    shared: the options that all variants have, as in ``config.toml``. latent_dim: the code's width, 1 … 65,536.
    image_shape: channels, height, width.
    """

    path: Path
    name: str
    state: str
    variant: str = "?"
    data: str = "?"
    arch: str = "?"
    epoch: float | None = None
    epochs: float | None = None
    step: int | None = None
    steps: int | None = None
    loss: float | None = None
    images_per_s: float | None = None
    eta_s: float | None = None
    device: str = ""
    error: str | None = None
    note: str | None = None
    started: float = 0.0
    series: Mapping[tuple[str, str], Series] = field(default_factory=dict)
    bad_lines: int = 0
    model: Path | None = None
    version: tuple[int, ...] = ()
    probe: Path | None = None
    corruption: tuple[str, float] | None = None
    classes: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    shared: Mapping[str, Any] = field(default_factory=dict)
    latent_dim: int | None = None
    image_shape: tuple[int, int, int] | None = None
    batch_size: int | None = None
    learning_rate: float | None = None

    def class_name(self, label: int) -> str:
        """The name of a class where the run knows it, else its number; empty for −1, an image without one."""
        if label < 0:
            return ""
        return self.classes[label] if label < len(self.classes) else str(label)

    def terms(self) -> list[str]:
        """The logged terms, ``loss`` first, the others as they first appeared."""
        names = dict.fromkeys(term for _, term in self.series)
        return sorted(names, key=lambda term: term != "loss")
