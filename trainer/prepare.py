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
from export.errors import ToolError
from trainer.config import DEFAULT_LR, Resolved, RunConfig, resolve_steps, resolve_widths
from trainer.data.catalog import NAMES
from trainer.data.dataset import DataSet, Split
from trainer.devices import require_compiler, resolve_device, set_determinism, set_precision, threads_for
from trainer.runs.folder import RunFolder
from trainer.runs.probe import COUNT, Probe, write_probe
from trainer.runs.status import Status, boot_id, write_status

ROWS_WANTED = 1000
"""A log has about so many training rows, however long the run."""

EXTENT_SAMPLE = 100_000

_PROBE_SEED = 20


def resolve(config: RunConfig, data: DataSet) -> Resolved:
    """What ``config`` means for ``data`` here; a rate that is to be found is ``config``'s default so far.

    Raises ToolError (exit 2).
    """
    fit, variant = config.fit, config.variant
    if variant.wants_targets and data.train.targets is None:
        raise ToolError(
            f"data set {data.name} brings no partner for its images",
            why="noisy pairs are an .npz with two arrays of one shape, images and targets",
            do="save the second noisy image of each pair as targets, or leave the option out",
        )
    latent_dim, hidden = resolve_widths(fit, variant, data.image_shape)
    batch_size, per_epoch, total = resolve_steps(fit, len(data.train))
    device = resolve_device(fit.device)
    set_precision(fit.precision, device)
    set_determinism(fit.deterministic, device)
    if fit.compile == "on":
        require_compiler(device)
    low, high = _extent(data.train) if data.points else ((), ())
    return Resolved(
        image_shape=data.image_shape,
        low=low,
        high=high,
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
        attribute_names=data.attribute_names,
        source=data.source,
        data_path="" if fit.data in NAMES else str(Path(fit.data).absolute()),
        lr=DEFAULT_LR[fit.arch] if fit.lr is None or fit.lr == "auto" else fit.lr,
        device=str(device),
        threads=threads_for(step_flop(fit.arch, data.image_shape, hidden, latent_dim, batch_size), fit.threads, device),
        compiled=fit.compile == "on",
    )


def _extent(train: Split) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Lowest and highest value of every coordinate; of a sample, where the points stay in their file."""
    values = train.images if train.resident else train.rows(train.sample(EXTENT_SAMPLE))
    values = values.reshape(len(values), -1)
    return tuple(map(float, values.min(axis=0))), tuple(map(float, values.max(axis=0)))


def step_flop(arch: str, shape: tuple[int, int, int], hidden: tuple[int, ...], latent_dim: int, batch_size: int) -> int:
    """Operations of one training step: 6 per weight and image (forward, and twice backward), decoder like encoder.

    A weight of a convolution counts once for every pixel that it makes.
    """
    if arch != "conv":
        return 12 * batch_size * sum(a * b for a, b in itertools.pairwise((math.prod(shape), *hidden, latent_dim)))
    channels, (height, width) = (shape[0], *hidden), shape[1:]
    products = 0
    for a, b in itertools.pairwise(channels):
        height, width = (height + 1) // 2, (width + 1) // 2
        products += 9 * a * b * height * width
    return 12 * batch_size * (products + channels[-1] * height * width * latent_dim)


def create(run: RunFolder, config: RunConfig, resolved: Resolved, data: DataSet) -> None:
    """Make the run's folder with config, probe images and a first status, whole or not at all. Raises OSError."""
    table: dict[str, Any] = config.table()
    table["resolved"] = {
        name: list(value) if isinstance(value, tuple) else value for name, value in vars(resolved).items()
    }
    with atomic.new_folder(run.path) as folder:
        new = RunFolder(folder)
        atomic.write_text(new.config, tomli_w.dumps(table))
        write_probe(new.probe, probe_of(data.test, points=data.points))
        now = time.time()
        status = Status(
            pid=os.getpid(), host=socket.gethostname(), boot_id=boot_id(), state="running", step=0,
            steps_total=resolved.steps_total, epoch=0.0, images_per_s=None, device=resolved.device,
            started=now, heartbeat=now,
        )  # fmt: skip
        write_status(new, status)
        new.checkpoints.mkdir()
        new.control.mkdir()


def probe_of(test: Split, *, points: bool = False) -> Probe:
    """Up to 64 test images, the same for every run of a data set: the classes in turn, each in a fixed order.

    As bytes, unless they are ``points``.
    """
    order = np.random.default_rng(_PROBE_SEED).permutation(len(test))
    rank = np.empty(len(test), np.int64)
    for label in np.unique(test.labels):
        of_class = order[test.labels[order] == label]
        rank[of_class] = np.arange(len(of_class))
    chosen = np.lexsort((test.labels, rank))[:COUNT]
    pixels = test.pixels(chosen)
    return Probe(
        images=pixels if points else np.rint(pixels.clip(0, 1) * 255).astype(np.uint8),
        labels=test.labels[chosen],
        index=chosen.astype(np.int64),
        attributes=None if test.attributes is None else test.attributes[chosen],
    )
