"""Samples over time: at log-spaced steps, what the network makes of the same held-out images."""

from __future__ import annotations

import bisect
import math
import time

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from trainer.batches import pixels
from trainer.config import Resolved
from trainer.data.dataset import DataSet
from trainer.nets import Autoencoder
from trainer.runs import samples
from trainer.runs.folder import RunFolder
from trainer.runs.probe import read_probe
from trainer.runs.samples import COMPONENTS, UNITS, WIDEST, Sample
from trainer.spacing import log_spaced

PER_DECADE = 4
FIRST = 10
"""Before this step the weights have hardly moved."""
IMAGES = 2000
MOST_FRAMES = 200
MOST_BYTES = 100_000_000
"""Of all frames of a run together."""
FEWEST_FRAMES = 8
"""So many fit into ``MOST_BYTES`` in any case: of large images a frame holds fewer reconstructions."""

SLOW_SHARE, SLOW_S, SLOW_STEPS = 0.02, 1.0, 100
"""Frames that have taken more than all of these together (of the time so far, seconds, steps) are left out."""
_OVERHEAD_STEPS = {"cpu": 1.0, "cuda": 20.0}
"""A frame's cost beside its codes, in training steps: the file takes a millisecond or two."""
_SEED = 21
_IMAGE_BYTES = 64_000_000
"""Of the test images that are looked at: fewer of large ones."""
_PART_VALUES = 16_000_000
"""Numbers that go through the encoder at once."""
_CODES_BYTES = 1_000_000
"""More than a frame has beside its reconstructions."""
_ROUNDS = 3


def schedule(steps_total: int, cost: float) -> list[int]:
    """The steps that are due a frame: before the first step, then log-spaced to the last."""
    return [0, *log_spaced(steps_total, per_decade=PER_DECADE, cost=cost, first=FIRST)]


def thin(steps: list[int], most: int) -> list[int]:
    """Which of the ascending ``steps`` stay if there may be no more than ``most`` (≥ 2) at any time.

    As each arrives, the one goes that leaves the smallest gap on a logarithmic axis, never the first or the newest. A
    step that goes never comes back, whatever follows.
    """
    kept: list[int] = []
    for step in steps:
        kept.append(step)
        if len(kept) > most:
            gaps = [(kept[i + 1] + 1) / (kept[i - 1] + 1) for i in range(1, len(kept) - 1)]
            del kept[1 + gaps.index(min(gaps))]
    return kept


class Sampler:
    """Writes a run's frames.

    Which images, which steps, and what is in a frame depend on the data, the options, the step and the weights alone,
    so that a resumed run leaves the same frames. Only where they take far longer than they should (a slow disk) do
    steps of the schedule go without.
    """

    def __init__(self, run: RunFolder, data: DataSet, resolved: Resolved, step: int) -> None:
        device = torch.device(resolved.device)
        self._folder = run.samples
        test = data.test
        values = math.prod(data.image_shape)
        count = min(len(test), IMAGES, max(64, _IMAGE_BYTES // (values * test.images.itemsize)))
        # RandomState, because numpy promises that its stream never changes.
        rows = np.sort(np.random.RandomState(_SEED).permutation(len(test))[:count]).astype(np.int64)
        self._images = torch.from_numpy(test.rows(rows)).to(device)
        probe = torch.from_numpy(read_probe(run.probe).pixels())
        self._as_bytes = not data.points
        size = values * (1 if self._as_bytes else 4)
        self._probe = probe[: max(1, (MOST_BYTES // FEWEST_FRAMES - _CODES_BYTES) // size)].to(device)
        self._part = max(1, min(500, _PART_VALUES // values))
        self._rows, self._labels = rows, test.labels[rows]
        self._attributes = None if test.attributes is None else test.attributes[rows]
        self._reference: npt.NDArray[np.float32] | None = None
        # The codes cost a quarter of a training step per image: half of a forward pass, which is less than half a step.
        cost = count / (4 * resolved.batch_size) + _OVERHEAD_STEPS[device.type]
        self._schedule = schedule(resolved.steps_total, cost)
        self._first = step
        self._position = bisect.bisect_left(self._schedule, step + 1 if step else 0)
        self._began = time.monotonic()
        self._spent_s = 0.0

    def due(self, step: int) -> bool:
        """Whether ``take`` has anything to do at a step; asked after every one."""
        return self._position < len(self._schedule) and step >= self._schedule[self._position]

    def take(self, model: Autoencoder, step: int, *, last: bool = False) -> None:
        """Write the frame of a step, if there is time; at the last one there is. last: training ends here."""
        last = last or step == self._schedule[-1]
        self._position = bisect.bisect_right(self._schedule, step)
        start = time.monotonic()
        if self._is_slow(start - self._began, step) and not last:
            return
        self._folder.mkdir(exist_ok=True)
        size = samples.write_sample(samples.path_of(self._folder, step), self._look(model))
        self._thin(step, min(MOST_FRAMES, MOST_BYTES // size))
        self._spent_s += time.monotonic() - start

    def _is_slow(self, elapsed_s: float, step: int) -> bool:
        step_s = elapsed_s / max(1, step - self._first)
        return self._spent_s > SLOW_SHARE * elapsed_s + SLOW_S + SLOW_STEPS * step_s

    def _thin(self, step: int, most: int) -> None:
        """Keep what a run that had written every frame would have kept."""
        passed = sorted({*self._schedule[: self._position], step})
        there = samples.steps(self._folder)
        if len(there) > most or len(passed) > most:
            kept = set(thin(passed, most))
            for other in (other for other in there if other not in kept):
                samples.path_of(self._folder, other).unlink(missing_ok=True)

    @torch.no_grad()
    def _look(self, model: Autoencoder) -> Sample:
        with model.evaluating():
            parts = [next(iter(model.encode(pixels(part)).values())) for part in self._images.split(self._part)]
            codes = (next(iter(model.encode(part).values())) for part in self._probe.split(self._part))
            x_hat = torch.cat([model.decode(z).x_hat for z in codes])
        latent, units = self._columns(torch.cat(parts).flatten(start_dim=1))
        if self._as_bytes:
            x_hat = x_hat.clamp(0, 1).mul(255).round().to(torch.uint8)
        return Sample(
            latent=np.clip(latent, -65504, 65504).astype(np.float16),
            units=units,
            reconstruction=x_hat.contiguous().cpu().numpy(),
            labels=self._labels,
            index=self._rows,
            attributes=self._attributes,
        )

    def _columns(self, codes: Tensor) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64] | None]:
        """What is stored of the codes (n, width), and the units among it."""
        codes = codes.float().nan_to_num()
        if codes.shape[1] <= WIDEST:
            return codes.cpu().numpy(), None
        if self._reference is None:
            images = pixels(self._images).flatten(start_dim=1)
            start = torch.randn(images.shape[1], 2 * COMPONENTS, generator=torch.Generator().manual_seed(_SEED))
            self._reference = _scores(images - images.mean(dim=0), start.to(images.device))
        units = codes.abs().mean(dim=0).sort(descending=True, stable=True).indices[:UNITS].sort().values
        projected = _aligned(codes, self._reference)
        return np.concatenate([projected, codes[:, units].cpu().numpy()], axis=1), units.cpu().numpy()


def _scores(centred: Tensor, basis: Tensor) -> npt.NDArray[np.float32]:
    """The first principal components of ``centred`` (n, width): (n, 8), the widest spread first.

    By subspace iteration from ``basis`` (width, 16), which is enough for a picture and needs no matrix (width, width).
    Source: Halko, Martinsson & Tropp 2011, algorithm 4.4.
    """
    for _ in range(_ROUNDS):
        basis = torch.linalg.qr(centred.T @ (centred @ basis)).Q
    left, values, _ = np.linalg.svd((centred @ basis).cpu().numpy(), full_matrices=False)
    scores = np.zeros((len(centred), COMPONENTS), np.float32)
    count = min(COMPONENTS, len(values))
    scores[:, :count] = left[:, :count] * values[:count]
    return scores


def _aligned(codes: Tensor, reference: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The codes' principal components (n, 8), turned to lie as close to ``reference`` (n, 8) as a rotation can.

    Source: Schönemann 1966, "A generalized solution of the orthogonal Procrustes problem".
    """
    centred = codes - codes.mean(dim=0)
    towards = centred.T @ torch.from_numpy(reference).to(codes.device)
    fixed = torch.randn(codes.shape[1], COMPONENTS, generator=torch.Generator().manual_seed(_SEED)).to(codes.device)
    scores = _scores(centred, torch.cat([towards / towards.norm().clamp(min=1e-30), fixed], dim=1))
    left, _, right = np.linalg.svd(scores.T @ reference)
    turned: npt.NDArray[np.float32] = scores @ (left @ right)
    return turned
