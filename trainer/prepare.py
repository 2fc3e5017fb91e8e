"""Before the first step: what the options mean for these data on this machine, and a folder that says so."""

from __future__ import annotations

import itertools
import math
import os
import socket
import time
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from export import atomic
from trainer.config import FitConfig, Resolved, RunConfig, resolve_steps, resolve_widths
from trainer.data.catalog import NAMES
from trainer.data.dataset import DataSet, Split
from trainer.data.load import load
from trainer.devices import resolve_device, set_precision, threads_for
from trainer.runs.folder import RunFolder
from trainer.runs.probe import COUNT, Probe, write_probe
from trainer.runs.status import Status, boot_id, write_status

ROWS_WANTED = 4000
"""A log has about so many training rows, however long the run."""

_PROBE_SEED = 20


def load_data(fit: FitConfig) -> DataSet:
    """The data set that the options name. Raises ToolError (exit 2, 3)."""
    return load(
        fit.data,
        data_dir=fit.data_dir,
        image_size=fit.image_size,
        channels=fit.channels,
        validation=fit.validation,
    )


def resolve(config: RunConfig, data: DataSet) -> Resolved:
    """What ``config`` means for ``data`` here. Raises ToolError (exit 2)."""
    fit, variant = config.fit, config.variant
    latent_dim, hidden = resolve_widths(fit, variant, data.image_shape)
    batch_size, per_epoch, total = resolve_steps(fit, len(data.train))
    device = resolve_device(fit.device)
    set_precision(fit.precision, device)
    return Resolved(
        image_shape=data.image_shape,
        latent_dim=latent_dim,
        hidden=hidden,
        heads=variant.heads(latent_dim),
        batch_size=batch_size,
        steps_per_epoch=per_epoch,
        steps_total=total,
        log_every=max(1, total // ROWS_WANTED),
        train_images=len(data.train),
        validation_images=len(data.validation),
        test_images=len(data.test),
        classes=data.classes,
        source=data.source,
        data_path="" if fit.data in NAMES else str(Path(fit.data).absolute()),
        device=str(device),
        threads=threads_for(step_flop((math.prod(data.image_shape), *hidden, latent_dim), batch_size)),
        compiled=fit.compile == "on",
    )


def step_flop(widths: tuple[int, ...], batch_size: int) -> int:
    """Operations of one training step: 6 per weight and image (forward, and twice backward), decoder like encoder."""
    return 12 * batch_size * sum(a * b for a, b in itertools.pairwise(widths))


def create(run: RunFolder, config: RunConfig, resolved: Resolved, data: DataSet) -> None:
    """Make the run's folder with config, probe images and a first status, whole or not at all. Raises OSError."""
    table: dict[str, Any] = config.table()
    table["resolved"] = {
        name: list(value) if isinstance(value, tuple) else value for name, value in vars(resolved).items()
    }
    with atomic.new_folder(run.path) as folder:
        new = RunFolder(folder)
        atomic.write_text(new.config, tomli_w.dumps(table))
        write_probe(new.probe, probe_of(data.test))
        now = time.time()
        status = Status(
            pid=os.getpid(), host=socket.gethostname(), boot_id=boot_id(), state="running", step=0,
            steps_total=resolved.steps_total, epoch=0.0, images_per_s=None, device=resolved.device,
            started=now, heartbeat=now,
        )  # fmt: skip
        write_status(new, status)
        new.checkpoints.mkdir()
        new.control.mkdir()


def probe_of(test: Split) -> Probe:
    """Up to 64 test images, the same for every run of a data set: the classes in turn, each in a fixed order."""
    order = np.random.default_rng(_PROBE_SEED).permutation(len(test))
    rank = np.empty(len(test), np.int64)
    for label in np.unique(test.labels):
        of_class = order[test.labels[order] == label]
        rank[of_class] = np.arange(len(of_class))
    chosen = np.lexsort((test.labels, rank))[:COUNT]
    images = np.rint(test.pixels(chosen).clip(0, 1) * 255).astype(np.uint8)
    return Probe(images=images, labels=test.labels[chosen], index=chosen.astype(np.int64))
