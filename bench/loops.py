"""Training loops as they are usually written, from the most usual to the fastest that plain autograd allows.

A loop is made once, then called with a number of steps, which it trains. images: uint8 [n, 1, 28, 28].
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from bench import vision

Bytes = npt.NDArray[np.uint8]
Loop = Callable[[int], None]

LEARNING_RATE = 1e-3


class Model(Protocol):
    """What the loops need of a network: how its input is normalised, and its loss."""

    mean: float
    deviation: float

    def loss(self, x: Tensor) -> Tensor: ...

    def parameters(self) -> Iterator[nn.Parameter]: ...


class Pictures(Dataset[tuple[Tensor, int]]):
    """One image at a time, through PIL and torchvision's transforms: what its data set classes do."""

    def __init__(self, images: Bytes, mean: float, deviation: float) -> None:
        vision.load()
        from torchvision import transforms

        self.data = torch.from_numpy(images[:, 0])
        self.targets = torch.zeros(len(images), dtype=torch.int64)
        steps = [transforms.ToTensor()]
        if (mean, deviation) != (0, 1):
            steps.append(transforms.Normalize((mean,), (deviation,)))
        self.transform = transforms.Compose(steps)

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image, target = self.data[index], int(self.targets[index])
        return self.transform(Image.fromarray(image.numpy())), target


def dataset_of_pictures(model: Model, images: Bytes, batch: int) -> Loop:
    """Dataset + PIL + transforms + DataLoader + Adam, the loss read at every step: how PyTorch's examples train."""
    loader = DataLoader(Pictures(images, model.mean, model.deviation), batch_size=batch, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    batches = forever(loader)
    total = 0.0

    def loop(steps: int) -> None:
        nonlocal total
        for _ in range(steps):
            x, _ = next(batches)
            optimizer.zero_grad()
            loss = model.loss(x)
            loss.backward()
            total += loss.item()
            optimizer.step()

    return loop


def normalised(model: Model, images: Bytes) -> Tensor:
    """All images as the network takes them: float32 [n, 1, 28, 28]."""
    return torch.from_numpy(images).float().div_(255).sub_(model.mean).div_(model.deviation)


def dataset_of_tensors(model: Model, images: Bytes, batch: int) -> Loop:
    """TensorDataset + DataLoader + Adam: everything in memory as float32, collated image by image."""
    loader = DataLoader(TensorDataset(normalised(model, images)), batch_size=batch, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    batches = forever(loader)

    def loop(steps: int) -> None:
        for _ in range(steps):
            (x,) = next(batches)
            optimizer.zero_grad()
            model.loss(x).backward()
            optimizer.step()

    return loop


def slices(model: Model, images: Bytes, batch: int) -> Loop:
    """A uint8 tensor, indexed by a permutation, and fused Adam: plain autograd without a DataLoader."""
    data = torch.from_numpy(images)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
    rows = batches_of_rows(len(data), batch)

    def loop(steps: int) -> None:
        for _ in range(steps):
            x = data[next(rows)].float().div_(255)
            if (model.mean, model.deviation) != (0, 1):
                x = x.sub_(model.mean).div_(model.deviation)
            optimizer.zero_grad()
            model.loss(x).backward()
            optimizer.step()

    return loop


def batches_of_rows(count: int, batch: int) -> Iterator[Tensor]:
    """Indices of one batch after the other, a new permutation for each epoch: int64 [batch]."""
    while True:
        order = torch.randperm(count)
        for start in range(0, count - batch + 1, batch):
            yield order[start : start + batch]


def forever(loader: DataLoader[Any]) -> Iterator[Any]:
    """The batches of ``loader``, epoch after epoch, those that are not full left out."""
    while True:
        for item in loader:
            if len(item[0]) == loader.batch_size:
                yield item
