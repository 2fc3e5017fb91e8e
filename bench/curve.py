"""Does the fast step train the same network? Losses of a run's first steps beside those of a plain autograd loop."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from bench.ours import config_of

STEPS = 100


def ours(work: str, data: Any, steps: int = STEPS) -> list[float]:
    """The losses in the log of a run."""
    from trainer.loop import train
    from trainer.prepare import create, resolve
    from trainer.runs.folder import RunFolder
    from trainer.signals import Interruption

    config = config_of(work, 128, steps=steps)
    resolved = resolve(config, data)
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder(Path(folder) / "run")
        create(run, config, resolved, data)
        train(run, config, resolved, data, report=lambda status: None, interruption=Interruption())
        rows = [json.loads(line) for line in run.metrics.read_text(encoding="utf-8").splitlines()]
    return [row["loss"] for row in rows if row["split"] == "train"]


def plain(work: str, data: Any, steps: int = STEPS) -> list[float]:
    """The same start weights, batches and noise, with ``torch.optim.Adam`` and autograd on the other side's network."""
    import torch

    from bench import models
    from trainer.nets import build
    from trainer.noise import Noise, generator
    from trainer.prepare import resolve

    config = config_of(work, 128, steps=steps)
    resolved = resolve(config, data)
    start = build(resolved, config.variant, config.fit.arch, config.fit.seed)
    config.variant.start(start, torch.from_numpy(data.train.mean_image()))
    network: dict[str, type[models.Lecture | models.Vae | models.Conv]]
    network = {"lecture": models.Lecture, "vae": models.Vae, "conv": models.Conv}
    model = network[work]()
    with torch.no_grad():
        for weight, first in zip(model.parameters(), start.parameters(), strict=True):
            assert weight.shape == first.shape
            weight.copy_(first)
    if not isinstance(model, models.Lecture):
        model.centre = torch.from_numpy(data.train.mean_image())
    images = torch.from_numpy(data.train.images)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    losses = []
    for step in range(steps):
        epoch, position = divmod(step, resolved.steps_per_epoch)
        order = torch.randperm(len(images), generator=generator(config.fit.seed, epoch, "order"))
        rows = order[position * resolved.batch_size : (position + 1) * resolved.batch_size]
        x = (images[rows].float() / 255 - model.mean) / model.deviation
        if isinstance(model, models.Vae):
            noise = Noise(config.fit.seed, step)
            model.noise = lambda mean, noise=noise: noise.normal_like(mean, "code")  # type: ignore[method-assign, misc]
        optimizer.zero_grad()
        loss = model.loss(x)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def difference(work: str, data: Any = None, steps: int = STEPS) -> float:
    """The largest relative difference between the two curves. data: a DataSet; default Fashion-MNIST."""
    if data is None:
        from trainer.config import FitConfig
        from trainer.data.load import load_data

        data = load_data(FitConfig(data="fashion-mnist", validation=0))
    pairs = list(zip(ours(work, data, steps), plain(work, data, steps), strict=True))
    assert len(pairs) == steps
    return max(abs(a - b) / abs(b) for a, b in pairs)


if __name__ == "__main__":
    import sys

    print(json.dumps({work: difference(work) for work in sys.argv[1:] or ["lecture", "vae", "conv"]}))
