"""The probe images of a run and what its encoder makes of them: what the views of the latent space start from."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aetui.engine.client import Answer, Engine
from aetui.follow.entries import Entry
from aetui.latent.dimensions import Dimensions, dimensions_of
from aetui.latent.posterior import Posterior, posterior_of
from aetui.paint.images import Image
from aetui.paint.points import Points, are_points, as_shown, raster
from aetui.probes import Images, probe_of
from trainer.runs.probe import Probe

Ask = Callable[[Callable[[Engine], Awaitable[Answer]]], Awaitable[Answer]]
Key = tuple[object, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Encoded:
    """key: of the model that answered. x: float32 [n, C, H, W]; code: float32 [n, d], the mean where it is a
    distribution; posterior: that distribution, or None. step: of the weights."""

    entry: Entry
    key: Key
    probe: Probe
    x: Images
    code: npt.NDArray[np.float32]
    posterior: Posterior | None
    dimensions: Dimensions
    step: int

    @property
    def points(self) -> bool:
        """Whether the data are points, and not pictures."""
        return are_points(self.probe.images)

    @property
    def thing(self) -> str:
        """What one of the data is called."""
        return "point" if self.points else "image"

    def pictures(self, images: Images) -> Sequence[Image]:
        """``images`` [m, C, H, W] as the widgets draw them."""
        return as_shown(images, self.x if self.points else None)

    def to_save(self, images: Images) -> Images:
        """``images`` as pixels for a file: points become pictures of them."""
        if not self.points:
            return images
        cloud = self.x.reshape(len(self.x), -1)
        return np.stack([raster(Points(image.reshape(1, -1), cloud)) for image in images])

    def name_of(self, image: int) -> str:
        """``image 3 (Coat)``, or ``point 3 (upper moon)``."""
        label = int(self.probe.labels[image]) if image < len(self.probe.labels) else -1
        name = self.entry.class_name(label)
        return f"{self.thing} {image + 1}" + (f" ({name})" if name else "")

    def short_name_of(self, image: int) -> str:
        """``3 Coat``, for a caption."""
        label = int(self.probe.labels[image]) if image < len(self.probe.labels) else -1
        return f"{image + 1} {self.entry.class_name(label)}".rstrip()


def key_of(entry: Entry) -> Key:
    """Differs where another model, or newer weights, would answer."""
    return (entry.path, entry.model, entry.version)


async def encode(ask: Ask, entry: Entry, before: Encoded | None = None) -> Encoded:
    """What the model of ``entry``, which has one, makes of its probe images; ``before``, where it is still that.

    Raises ToolError.
    """
    key = key_of(entry)
    if before is not None and before.key == key:
        return before
    model = entry.model or entry.path
    probe = await asyncio.to_thread(probe_of, entry)
    x = probe.pixels()
    answer = await ask(lambda engine: engine.encode(model, x))
    code = answer.arrays["code"]
    posterior = posterior_of(answer.arrays)
    return Encoded(
        entry=entry,
        key=key,
        probe=probe,
        x=x,
        code=code,
        posterior=posterior,
        dimensions=dimensions_of(code, posterior),
        step=answer.step,
    )


async def decode(ask: Ask, encoded: Encoded, codes: npt.NDArray[np.float32]) -> Images:
    """The pictures [n, C, H, W] of ``codes`` [n, d]. Raises ToolError."""
    model = encoded.entry.model or encoded.entry.path
    answer = await ask(lambda engine: engine.decode(model, codes))
    return answer.arrays["reconstruction"]
