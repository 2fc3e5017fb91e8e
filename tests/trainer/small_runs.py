"""A tiny data set and quick runs on it, for tests of everything that needs a trained run."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from trainer.config import FitConfig, Resolved, RunConfig
from trainer.data.dataset import DataSet, Split
from trainer.loop import Outcome, train
from trainer.prepare import create, resolve
from trainer.runs.folder import RunFolder
from trainer.signals import Interruption
from trainer.variants import VARIANTS


def blobs(count: int = 200, size: int = 6) -> DataSet:
    """Gray images of one soft spot each, at a place that two numbers say: uint8 [n, 1, size, size], two classes."""
    generator = np.random.default_rng(0)
    centres = generator.uniform(1, size - 2, (count, 2, 1, 1))
    rows, columns = np.mgrid[:size, :size]
    images = np.exp(-((rows - centres[:, 0]) ** 2 + (columns - centres[:, 1]) ** 2) / 3)
    pixels = np.rint(images * 255).astype(np.uint8)[:, None]
    labels = (centres[:, 0, 0, 0] > size / 2).astype(np.int64)
    cuts = {
        "train": (0, count * 7 // 10),
        "validation": (count * 7 // 10, count * 8 // 10),
        "test": (count * 8 // 10, count),
    }
    splits = {
        name: Split(images=pixels[a:b], labels=labels[a:b], index=np.arange(a, b, dtype=np.int64))
        for name, (a, b) in cuts.items()
    }
    return DataSet(name="blobs", classes=("upper", "lower"), source="made by the test", **splits)


def config(variant: str = "undercomplete", options: dict[str, Any] | None = None, **fit: Any) -> RunConfig:
    """A quick run: 20 steps of 32 images, code 2, one hidden layer of 16."""
    asked: dict[str, Any] = {"steps": 20, "batch_size": 32, "latent_dim": 2, "hidden": (16,), "device": "cpu"} | fit
    if asked.get("arch") == "lecture":
        asked.pop("hidden")
    if asked.get("arch") == "conv" and "hidden" not in fit:
        asked["hidden"] = (4, 8)
    if not VARIANTS[variant].takes_latent_dim:
        asked.pop("latent_dim")
    return RunConfig(fit=FitConfig(**asked), variant=VARIANTS[variant](**(options or {})))


def begin(path: Path, what: RunConfig, data: DataSet) -> tuple[RunFolder, Resolved]:
    """A new run folder for ``what``."""
    run = RunFolder(path)
    resolved = dataclasses.replace(resolve(what, data))
    create(run, what, resolved, data)
    return run, resolved


def quick_run(path: Path, what: RunConfig, data: DataSet | None = None, **options: Any) -> tuple[RunFolder, Outcome]:
    """Train ``what`` from its first step to its last."""
    data = data or blobs()
    run, resolved = begin(path, what, data)
    defaults: dict[str, Any] = {"report": lambda status: None, "interruption": Interruption()}
    return run, train(run, what, resolved, data, **(defaults | options))
