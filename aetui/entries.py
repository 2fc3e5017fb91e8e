"""One run (or bundle) as the screens show it, and the reader that keeps it current."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from export.bundle import read_bundle
from export.errors import ToolError
from trainer.corruption import KINDS
from trainer.runs.folder import RunFolder
from trainer.runs.metrics import MetricsTail, Row
from trainer.runs.status import Status, read_status

ACTIVE = ("running", "paused")
_NO_TERMS = frozenset({"step", "epoch", "time", "split"})


@dataclass(frozen=True)
class Series:
    """One logged term: steps float64 [n], increasing; values float64 [n], NaN where it was not finite."""

    steps: npt.NDArray[np.float64]
    values: npt.NDArray[np.float64]

    @property
    def last(self) -> float | None:
        """The newest finite value."""
        found = self.values[np.isfinite(self.values)]
        return float(found[-1]) if len(found) else None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is known of a run or a bundle now; texts are as found (show them through ``outside``).

    state: one of ``trainer.runs.status.STATES``, ``unreadable``, or ``bundle``. series: by (split, term).
    model: the folder with graphs that the engine can open, or None while there is none; version changes with them.
    corruption: (kind, level) of a denoising run. classes: the names of the labels 0, 1, ….
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
    started: float = 0.0
    series: Mapping[tuple[str, str], Series] = field(default_factory=dict)
    bad_lines: int = 0
    model: Path | None = None
    version: tuple[int, ...] = ()
    probe: Path | None = None
    corruption: tuple[str, float] | None = None
    classes: tuple[str, ...] = ()

    def class_name(self, label: int) -> str:
        """The name of a class where the run knows it, else its number; empty for −1, an image without one."""
        if label < 0:
            return ""
        return self.classes[label] if label < len(self.classes) else str(label)

    def terms(self) -> list[str]:
        """The logged terms, ``loss`` first, the others as they first appeared."""
        names = dict.fromkeys(term for _, term in self.series)
        return sorted(names, key=lambda term: term != "loss")


class Columns:
    """The log as arrays that grow; what ``series`` hands out is never written again."""

    def __init__(self) -> None:
        self._arrays: dict[tuple[str, str], tuple[npt.NDArray[np.float64], int]] = {}

    def add(self, rows: list[Row]) -> None:
        """Append rows; what is no number is left out, and so is a step that does not come after the one before."""
        for row in rows:
            step = number(row.get("step"))
            split = row.get("split")
            if step is None or not isinstance(split, str):
                continue
            for term, value in row.items():
                if term not in _NO_TERMS and (value is None or number(value) is not None):
                    self._append((split, term), step, math.nan if value is None else float(value))

    def _append(self, key: tuple[str, str], step: float, value: float) -> None:
        array, count = self._arrays.get(key, (np.empty((2, 64)), 0))
        if count and step <= array[0, count - 1]:
            return
        if count == array.shape[1]:
            array = np.concatenate([array, np.empty_like(array)], axis=1)
        array[:, count] = step, value
        self._arrays[key] = (array, count + 1)

    def series(self) -> dict[tuple[str, str], Series]:
        return {key: Series(array[0, :count], array[1, :count]) for key, (array, count) in self._arrays.items()}


class RunReader:
    """Keeps the ``Entry`` of one run current; where nothing changed a poll is a handful of ``stat`` calls."""

    def __init__(self, path: Path) -> None:
        self._run = RunFolder(path)
        self._tail = MetricsTail(self._run.metrics)
        self._columns = Columns()
        self._series: dict[tuple[str, str], Series] = {}
        self._config: dict[str, Any] = {}
        self._config_stamp: tuple[int, ...] = ()
        self._status: Status | None = None

    def poll(self) -> Entry:
        """The run as it is now. Never raises: what cannot be read is left as it was, or shown as unreadable."""
        self._read_config()
        self._status = read_status(self._run) or self._status
        update = self._tail.read_all()
        if update.restarted:
            self._columns = Columns()
        if update.rows or update.restarted:
            self._columns.add(update.rows)
            self._series = self._columns.series()
        facts = _facts(self._config) | _progress(self._status, self._config)
        model = self._model(facts["state"])
        if facts.get("loss") is None and ("train", "loss") in self._series:
            facts["loss"] = self._series["train", "loss"].last
        return Entry(
            path=self._run.path,
            name=self._run.name,
            series=self._series,
            bad_lines=self._tail.bad_lines,
            model=model,
            version=_stamp(model / "manifest.json") if model else (),
            probe=self._run.probe,
            **facts,
        )

    def _read_config(self) -> None:
        stamp = _stamp(self._run.config)
        if stamp and stamp != self._config_stamp:
            with contextlib.suppress(ToolError):
                self._config = self._run.read_config()
                self._config_stamp = stamp

    def _model(self, state: str) -> Path | None:
        """The graphs to look at: the current weights, or the verified bundle that was made of them since.

        A bundle that is older than the weights is of a run that went on after it was exported.
        """
        live, bundle = _stamp(self._run.live / "manifest.json"), _stamp(self._run.bundle() / "manifest.json")
        if bundle and state not in ACTIVE and (not live or bundle[-1] >= live[-1]):
            return self._run.bundle()
        return self._run.live if live else None


class BundleReader:
    """The same for a bundle, which does not change while it is looked at (where it does, it is read again)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, ...] = ()
        self._entry = Entry(path=path, name=path.resolve().name, state="unreadable")

    def poll(self) -> Entry:
        stamp = _stamp(self._path / "manifest.json")
        if stamp != self._stamp:
            self._stamp = stamp
            self._entry = self._read(stamp)
        return self._entry

    def _read(self, stamp: tuple[int, ...]) -> Entry:
        name = self._path.resolve().name
        try:
            bundle = read_bundle(self._path)
        except (ToolError, OSError) as error:
            text = error.what if isinstance(error, ToolError) else str(error)
            return Entry(path=self._path, name=name, state="unreadable", error=text)
        manifest = bundle.manifest
        return Entry(
            path=self._path,
            name=manifest.name or name,
            state="bundle",
            variant=manifest.variant,
            data=manifest.data,
            arch=manifest.arch,
            step=manifest.step,
            model=self._path,
            version=stamp,
            probe=bundle.probe_path,
        )


def number(value: Any) -> float | None:
    """``value`` where it is a finite number (no bool, no text), else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def _facts(config: Mapping[str, Any]) -> dict[str, Any]:
    """What ``config.toml`` says; a hand-edited one may say anything."""
    variant = config.get("variant")
    options = config.get(variant) if isinstance(variant, str) else None
    corruption = None
    if isinstance(options, Mapping) and options.get("corruption") in KINDS:
        level = number(options.get("level"))
        corruption = (options["corruption"], level) if level is not None else None
    resolved = config.get("resolved")
    classes = resolved.get("classes") if isinstance(resolved, Mapping) else None
    names = tuple(str(name) for name in classes) if isinstance(classes, list) else ()
    texts = {key: str(config[key]) for key in ("variant", "data", "arch") if key in config}
    return {**texts, "corruption": corruption, "classes": names}


def _progress(status: Status | None, config: Mapping[str, Any]) -> dict[str, Any]:
    if status is None:
        return {"state": "unreadable"}
    try:
        state, eta_s = status.shown_state(time.time()), status.eta_s()
    except (TypeError, ValueError, ArithmeticError, OSError):
        return {"state": "unreadable", "error": "status.json does not hold what it should"}
    step, steps = number(status.step), number(status.steps_total)
    resolved = config.get("resolved")
    per_epoch = number(resolved.get("steps_per_epoch")) if isinstance(resolved, Mapping) else None
    return {
        "state": state,
        "epoch": number(status.epoch),
        "epochs": steps / per_epoch if steps and per_epoch else number(config.get("epochs")),
        "step": None if step is None else int(step),
        "steps": None if steps is None else int(steps),
        "loss": number(status.loss),
        "images_per_s": number(status.images_per_s) if state == "running" else None,
        "eta_s": number(eta_s) if state == "running" else None,
        "device": str(status.device),
        "error": None if status.error is None else str(status.error),
        "started": number(status.started) or 0.0,
    }


def _stamp(path: Path) -> tuple[int, ...]:
    """Differs from call to call where the file was replaced or written; empty where it is not there."""
    try:
        found = os.stat(path)
    except OSError:
        return ()
    return (found.st_ino, found.st_size, found.st_mtime_ns)
