"""What a filter can ask of a run: its fields by name, and the other names by which they and their values go."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from aetui.follow.entries import Entry
from trainer.config import FitConfig
from trainer.variants import VARIANTS

Value = str | float | bool | None

SPLITS = ("validation", "train")
"""In front of a term (``train.loss``); without it the validation is asked first."""

_TEXTS: dict[str, Callable[[Entry], Value]] = {
    "name": lambda entry: entry.name,
    "variant": lambda entry: entry.variant,
    "data": lambda entry: entry.data,
    "arch": lambda entry: entry.arch,
    "state": lambda entry: entry.state,
    "device": lambda entry: entry.device,
    "error": lambda entry: entry.error or "",
}
_NUMBERS: dict[str, Callable[[Entry], Value]] = {
    "loss": lambda entry: entry.loss,
    "epoch": lambda entry: entry.epoch,
    "step": lambda entry: entry.step,
    "images/s": lambda entry: entry.images_per_s,
    "eta": lambda entry: entry.eta_s,
    "latent-dim": lambda entry: entry.latent_dim,
    "lr": lambda entry: entry.learning_rate,
    "batch-size": lambda entry: entry.batch_size,
}
FIELDS: Mapping[str, Callable[[Entry], Value]] = MappingProxyType({**_TEXTS, **_NUMBERS})
"""Every run has these; numbers may be None."""
NUMBERS = frozenset(_NUMBERS)

_OTHER_NAMES = {
    "run": "name",
    "v": "variant",
    "dataset": "data",
    "network": "arch",
    "is": "state",
    "status": "state",
    "epochs": "epoch",
    "steps": "step",
    "speed": "images/s",
    "latent": "latent-dim",
    "dim": "latent-dim",
    "learning-rate": "lr",
    "batch": "batch-size",
}

_VARIANTS = {
    "ae": ("undercomplete",),
    "uae": ("undercomplete",),
    "sae": ("sparse",),
    "dae": ("denoising",),
    "vae": ("variational",),
}
_STATES = {
    "active": ("running", "paused"),
    "done": ("finished",),
    "over": ("finished", "stopped", "failed", "stale"),
    "broken": ("failed", "stale", "unreadable"),
}
ALIASES: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType({"variant": _VARIANTS, "state": _STATES})
"""Field → word → the values that the word stands for."""


def field_name(word: str) -> str:
    """``word`` as fields are named here: ``Latent_Dim`` and ``dim`` are ``latent-dim``."""
    plain = word.lower().replace("_", "-")
    return _OTHER_NAMES.get(plain, plain)


@lru_cache(1)
def option_names() -> frozenset[str]:
    """Every option of ``aetrain fit``, those of a variant also with it in front (``variational.beta``)."""
    names = {field.name for field in dataclasses.fields(FitConfig)}
    for variant, cls in VARIANTS.items():
        for field in dataclasses.fields(cls):
            names |= {field.name, f"{variant}.{field.name}"}
    return frozenset(name.replace("_", "-") for name in names)


def value_of(entry: Entry, field: str) -> Value:
    """What ``field`` is for a run: a field of ``FIELDS``, else an option of its own, else its last value of a term.

    None where the run has no such thing.
    """
    if field in FIELDS:
        return FIELDS[field](entry)
    found = _option(entry, field)
    return last_term(entry, field) if found is None else found


def _option(entry: Entry, field: str) -> Value:
    variant, _, own = field.rpartition(".")
    if variant and variant != entry.variant:
        return None
    name = own.replace("-", "_")
    value: Any = entry.options.get(name, entry.shared.get(name))
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int | float):
        return float(value)
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def last_term(entry: Entry, field: str) -> float | None:
    """The last finite value of a logged term, on validation where it is measured there."""
    split, _, term = field.partition(".")
    splits, term = ((split,), term) if split in SPLITS and term else (SPLITS, field)
    for one in splits:
        for written in (term, term.replace("-", "_")):
            found = entry.series.get((one, written))
            if found is not None and found.last is not None and math.isfinite(found.last):
                return found.last
    return None
