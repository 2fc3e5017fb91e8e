"""Checkpoints: a folder that is whole or absent, every file of it named with its hash. No pickle."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from export import atomic
from export.errors import ExitCode, ToolError
from trainer.runs.folder import SCHEMA, RunFolder

KEPT = 2
"""The newest so many stay, and the best."""

_FILES = ("model.safetensors", "optimizer.safetensors", "state.json")


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """Everything that training goes on from.

    step: optimiser steps done. model, optimizer: tensors by name. state: numbers that are no tensors (JSON); its
    ``best_step`` says which checkpoint is the best so far by validation loss, this one or an older one.
    """

    step: int
    model: dict[str, Tensor]
    optimizer: dict[str, Tensor]
    state: dict[str, Any]


def save(run: RunFolder, checkpoint: Checkpoint) -> Path:
    """Write ``checkpoints/step-<n>`` durably, then drop all but the newest ``KEPT`` and the best. Raises OSError."""
    folder = run.checkpoints / f"step-{checkpoint.step:08d}"
    contents = {
        "model.safetensors": _pack(checkpoint.model),
        "optimizer.safetensors": _pack(checkpoint.optimizer),
        "state.json": json.dumps({"step": checkpoint.step, **checkpoint.state}, indent=1).encode(),
    }
    with atomic.new_folder(folder, replace=True) as new:
        for name, data in contents.items():
            atomic.write_bytes(new / name, data, durable=False)
        files = {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in contents.items()
        }
        manifest = {"schema": SCHEMA, "step": checkpoint.step, "files": files}
        atomic.write_json(new / "manifest.json", manifest, durable=False)
    best = checkpoint.state.get("best_step")
    gone = [run.checkpoints / f"step-{old:08d}" for old in steps(run)[:-KEPT] if old != best]
    for path in (*gone, *run.checkpoints.glob(".step-*")):  # the latter: what a killed trainer left half written
        shutil.rmtree(path, ignore_errors=True)
    return folder


def steps(run: RunFolder) -> list[int]:
    """The steps of the run's checkpoints, whole or not, ascending."""
    with contextlib.suppress(OSError):
        found = (re.fullmatch(r"step-(\d{8,})", path.name) for path in run.checkpoints.iterdir())
        return sorted(int(match[1]) for match in found if match)
    return []


def load(run: RunFolder, step: int) -> Checkpoint:
    """The checkpoint of a step, every hash checked before a tensor is read. Raises ToolError (exit 3)."""
    folder = run.checkpoints / f"step-{step:08d}"
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        hashes = {name: manifest["files"][name]["sha256"] for name in _FILES}
        contents = {name: (folder / name).read_bytes() for name in _FILES}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(run, step, f"it cannot be read: {error}") from error
    for name, data in contents.items():
        found = hashlib.sha256(data).hexdigest()
        if found != hashes[name]:
            raise _damaged(run, step, f"{name} has sha256 {found[:8]}…, its manifest says {str(hashes[name])[:8]}…")
    try:
        model = safetensors.torch.load(contents["model.safetensors"])
        optimizer = safetensors.torch.load(contents["optimizer.safetensors"])
        state = json.loads(contents["state.json"])
    except (SafetensorError, ValueError) as error:
        raise _damaged(run, step, str(error)) from error
    return Checkpoint(step=step, model=model, optimizer=optimizer, state=state)


def load_newest(run: RunFolder) -> Checkpoint:
    """The newest checkpoint. Raises ToolError: exit 2 where the run has none yet, 3 where it is damaged."""
    found = steps(run)
    if not found:
        raise ToolError(
            f"run {run.path} has no checkpoint yet",
            why="its trainer was stopped before it had written one, or has just started",
            do=f"aetrain resume {run.path}   trains it; then try again",
        )
    return load(run, found[-1])


def load_best(run: RunFolder) -> Checkpoint:
    """The checkpoint with the lowest validation loss, as the newest one says; the newest itself in a run without any.

    A best state of which no checkpoint was written yet does not count. Raises ToolError as ``load_newest`` does.
    """
    newest = load_newest(run)
    step = newest.state.get("best_step")
    return newest if step in (None, newest.step) else load(run, step)


def cut_back(run: RunFolder, step: int) -> None:
    """Drop every checkpoint after ``step``: only resuming does this, and those were damaged."""
    for later in (other for other in steps(run) if other > step):
        shutil.rmtree(run.checkpoints / f"step-{later:08d}", ignore_errors=True)


def load_newest_whole(run: RunFolder) -> tuple[Checkpoint | None, list[ToolError]]:
    """The newest checkpoint that is whole, and what was wrong with the newer ones. None: the run has none at all.

    Raises ToolError (exit 3) where there are checkpoints and every one is damaged.
    """
    damaged: list[ToolError] = []
    for step in reversed(steps(run)):
        try:
            return load(run, step), damaged
        except ToolError as error:
            damaged.append(error)
    if damaged:
        raise ToolError(
            damaged[0].what, why=damaged[0].why, do="no older checkpoint is whole; train the run again",
            exit_code=ExitCode.DAMAGED,
        )  # fmt: skip
    return None, []


def _pack(tensors: dict[str, Tensor]) -> bytes:
    return safetensors.torch.save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()})


def _damaged(run: RunFolder, step: int, detail: str) -> ToolError:
    older = [other for other in steps(run) if other < step]
    way = f"goes on from step {older[-1]} if that is whole" if older else "nothing older is left: train the run again"
    return ToolError(
        f"checkpoint {run.checkpoints / f'step-{step:08d}'} is damaged: {detail}",
        why="the file changed after it was written",
        do=f"aetrain resume {run.path}   ({way})",
        exit_code=ExitCode.DAMAGED,
    )
