"""What ``config.toml`` and ``status.json`` say, as far as it can be believed: both may be edited, or from elsewhere."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

from trainer.corruption import KINDS
from trainer.runs.status import Status

WIDEST_CODE = 1 << 16
LARGEST_IMAGE = 1 << 24
"""Numbers in an image; what claims to be larger is not ours, and nobody should make room for it."""


def number(value: Any) -> float | None:
    """``value`` where it is a finite number (no bool, no text), else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def config_facts(config: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of ``Entry`` that ``config.toml`` knows."""
    variant = config.get("variant")
    options = _table(config.get(variant)) if isinstance(variant, str) else {}
    resolved = _table(config.get("resolved"))
    classes = resolved.get("classes")
    texts = {key: str(config[key]) for key in ("variant", "data", "arch") if key in config}
    return {
        **texts,
        "options": {name: value for name, value in options.items() if isinstance(value, str | bool | int | float)},
        "shared": {name: value for name, value in config.items() if isinstance(value, str | bool | int | float | list)},
        "corruption": _corruption(options),
        "classes": tuple(str(name) for name in classes) if isinstance(classes, list) else (),
        "latent_dim": _count(resolved.get("latent_dim"), WIDEST_CODE),
        "image_shape": _image_shape(resolved.get("image_shape")),
        "batch_size": _count(resolved.get("batch_size", config.get("batch_size"))),
        "learning_rate": number(resolved.get("lr", config.get("lr"))),
    }


def progress(status: Status | None, config: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of ``Entry`` that ``status.json`` knows; how long the training is, the config knows too."""
    if status is None:
        return {"state": "unreadable", "error": "status.json is missing or damaged"}
    try:
        state, eta_s = status.shown_state(time.time()), status.eta_s()
    except (TypeError, ValueError, ArithmeticError, OSError):
        return {"state": "unreadable", "error": "status.json does not hold what it should"}
    step, steps = number(status.step), number(status.steps_total)
    per_epoch = number(_table(config.get("resolved")).get("steps_per_epoch"))
    return {
        "state": state,
        "epoch": number(status.epoch),
        "epochs": steps / per_epoch if steps and per_epoch else number(config.get("epochs")),
        "step": None if step is None else int(step),
        "steps": None if steps is None else int(steps),
        "loss": number(status.loss),
        "images_per_s": number(status.images_per_s) if state == "running" else None,
        "eta_s": number(eta_s) if state == "running" else None,
        "device": status.device,
        "error": status.error,
        "note": status.note,
        "started": number(status.started) or 0.0,
    }


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _count(value: Any, most: int = 1 << 53) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most else None


def _image_shape(value: Any) -> tuple[int, int, int] | None:
    if not isinstance(value, list) or len(value) != 3 or not all(_count(size) for size in value):
        return None
    channels, height, width = value
    return (channels, height, width) if channels * height * width <= LARGEST_IMAGE else None


def _corruption(options: Mapping[str, Any]) -> tuple[str, float] | None:
    kind, level = options.get("corruption"), number(options.get("level"))
    return (kind, level) if isinstance(kind, str) and kind in KINDS and level is not None else None
