"""The training images, batch by batch, in an order that depends on the seed and the epoch alone."""

from __future__ import annotations

import torch
from torch import Tensor

from trainer.config import Resolved
from trainer.data.dataset import Split
from trainer.data.values import Images
from trainer.noise import generator


def pixels(images: Tensor) -> Tensor:
    """Images as the network takes them: float32; uint8 counts in 255ths."""
    return images.float().div_(255) if images.dtype == torch.uint8 else images


class Batches:
    """What each step sees. Images that fit in memory lie on the device as they came, and are gathered and scaled there;
    others are gathered from their file.

    paired: hold each image against its partner in ``train.targets``, instead of itself.
    """

    def __init__(self, train: Split, seed: int, resolved: Resolved, device: torch.device, *, paired: bool) -> None:
        self._count = len(train)
        self._seed = seed
        self._size = resolved.batch_size
        self._per_epoch = resolved.steps_per_epoch
        self._device = device
        self._order: tuple[int, tuple[Tensor, ...]] = (-1, ())
        arrays = [train.images, train.targets] if paired else [train.images]
        self._sources = [_Source(images, train, device, self._size) for images in arrays if images is not None]

    @property
    def resident(self) -> bool:
        """True where the images lie on the device."""
        return all(source.resident for source in self._sources)

    def rows(self, step: int) -> Tensor:
        """Which images the step sees: int64 [batch]; every epoch has its own order, and drops what fills no batch."""
        epoch, position = divmod(step, self._per_epoch)
        if self._order[0] != epoch:
            order = torch.randperm(self._count, generator=generator(self._seed, epoch, "order"))
            self._order = (epoch, order.to(self._device).split(self._size))
        return self._order[1][position]

    def gather(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """(images, what their reconstructions are held against), (batch, C, H, W) float32, until the next call."""
        gathered = [source(rows) for source in self._sources]
        return gathered[0], gathered[-1]

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        return self.gather(self.rows(step))


class _Source:
    """One array of images, with buffers for a batch of it."""

    def __init__(self, images: Images, split: Split, device: torch.device, size: int) -> None:
        self._split = split
        self._images = torch.from_numpy(images).to(device) if split.resident else None
        if self._images is not None:
            self._gathered = torch.empty((size, *images.shape[1:]), dtype=self._images.dtype, device=device)
            self._pixels = torch.empty((size, *images.shape[1:]), device=device)
        self._device = device

    @property
    def resident(self) -> bool:
        return self._images is not None

    def __call__(self, rows: Tensor) -> Tensor:
        if self._images is None:
            return pixels(torch.from_numpy(self._split.rows(rows.cpu().numpy())).to(self._device))
        torch.index_select(self._images, 0, rows, out=self._gathered)
        if self._gathered.dtype == torch.uint8:
            return torch.div(self._gathered, 255, out=self._pixels)
        return self._gathered
