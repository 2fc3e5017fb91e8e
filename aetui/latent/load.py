"""The codes of a run's test images: from its newest frame of ``samples/``, else of the probe images."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from aetui.follow.entries import Entry
from aetui.latent.nearest import Codes
from aetui.latent.one_thread import keep_to_one_thread
from aetui.latent.space import Space, of_codes, of_projections
from aetui.probes import probe_of
from export.errors import ToolError
from trainer.runs.folder import RunFolder
from trainer.runs.probe import Probe
from trainer.runs.samples import Sample, path_of, read_sample, steps


@dataclass(frozen=True, eq=False, kw_only=True)
class Source:
    """What the disk holds. sample: the newest frame that can be read, None: there is none; step: its step.

    error: why a frame could not be read. attribute_names: as far as the run knows them.
    """

    probe: Probe
    sample: Sample | None
    step: int
    attribute_names: tuple[str, ...]
    error: ToolError | None = None


def stamp_of(entry: Entry) -> tuple[object, ...]:
    """Differs from before where ``read_source`` may find something else: two calls of ``stat``."""
    stamps: list[object] = [entry.path]
    for path in (RunFolder(entry.path).samples, entry.probe or Path()):
        try:
            found = os.stat(path)
            stamps.append((found.st_ino, found.st_mtime_ns))
        except OSError:
            stamps.append(None)
    return tuple(stamps)


def read_source(entry: Entry) -> Source:
    """For a thread: reads files. Raises ToolError where there are no probe images."""
    keep_to_one_thread()
    probe = probe_of(entry)
    folder = RunFolder(entry.path).samples
    sample, step, error = None, 0, None
    for step in reversed(steps(folder)):
        try:
            sample = read_sample(path_of(folder, step))
            break
        except ToolError as found:  # it may have gone since: the trainer thins them out
            error = found if path_of(folder, step).exists() else error
    return Source(probe=probe, sample=sample, step=step, attribute_names=attribute_names_of(entry), error=error)


def build(source: Source, probe_codes: Codes, step: int) -> Space:
    """For a thread: half a second where the codes are many and wide. probe_codes: float32 [p, d] at ``step``.

    A frame of another width (the run was trained anew under its name) is left out.
    """
    probe_codes = _finite(probe_codes)
    sample, probe, d = source.sample, source.probe, probe_codes.shape[1]
    if sample is not None and len(sample.latent):
        latent = np.nan_to_num(sample.latent.astype(np.float32), posinf=0, neginf=0)
        facts = (sample.labels, sample.attributes, sample.index)
        if sample.units is None and latent.shape[1] == d:
            return of_codes(latent, *facts, probe_codes, source.step)
        units = sample.units
        if units is not None and latent.shape[1] > len(units) and units.min() >= 0 and units.max() < d:
            return of_projections(latent, units, *facts, probe_codes, probe.index, source.step)
    return of_codes(probe_codes, probe.labels, probe.attributes, probe.index, probe_codes, step)


def renewed(space: Space, probe_codes: Codes) -> Space | None:
    """``space`` for newer weights that see the same frame: only the probe images' codes are others.

    None where more depends on them, and it has to be built again.
    """
    codes = _finite(probe_codes)
    if space.to_measured is not None or space.measured is space.probe_measured or codes.shape[1] != space.width:
        return None
    return replace(space, probe_measured=codes)


def _finite(probe_codes: Codes) -> Codes:
    flat = probe_codes.reshape(len(probe_codes), -1).astype(np.float32)
    return np.nan_to_num(flat, posinf=0, neginf=0)


def attribute_names_of(entry: Entry) -> tuple[str, ...]:
    """What the attributes of its images are called, as its config says; () where it does not."""
    with contextlib.suppress(ToolError):
        resolved = RunFolder(entry.path).read_config().get("resolved")
        names = resolved.get("attribute_names") if isinstance(resolved, dict) else None
        if isinstance(names, list):
            return tuple(str(name) for name in names)
    return ()
