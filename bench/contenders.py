"""Who takes part: for each work the ways to train the same network. Torch-free, so that the parent stays small."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One way to do a work; runs in a process of its own."""

    what: str
    """For the table."""
    make: str
    """module:function. With a model: (model, images, batch) → a loop. Without: (job, rounds), which serves rounds."""
    model: str | None = None
    """Class in ``bench.models``."""
    needs: str | None = None
    """Package that the extra ``bench`` brings."""
    batch: int = 128
    models: int = 1
    """Networks that a step trains."""

    @property
    def missing(self) -> bool:
        return self.needs is not None and importlib.util.find_spec(self.needs) is None

    @property
    def version(self) -> str | None:
        return importlib.metadata.version(self.needs) if self.needs and not self.missing else None


_OURS = "bench.ours:training_loop"

WORKS: dict[str, dict[str, Contender]] = {
    "lecture": {
        "aetui": Contender(what="aetui: the training loop, --no-io", make=_OURS),
        "pictures": Contender(
            what="Dataset + PIL + DataLoader, as examples are written",
            make="bench.loops:dataset_of_pictures",
            model="Lecture",
            needs="torchvision",
        ),
        "lightning": Contender(
            what="Lightning on tensors, no logger, no bar", make="bench.peers:lightning", needs="lightning"
        ),
        "pythae": Contender(what="pythae's trainer on tensors", make="bench.peers:pythae", needs="pythae"),
        "tensors": Contender(what="TensorDataset + DataLoader", make="bench.loops:dataset_of_tensors", model="Lecture"),
        "slices": Contender(
            what="slices of a uint8 tensor, autograd, fused Adam", make="bench.loops:slices", model="Lecture"
        ),
        "hand": Contender(
            what="forward and backward written by hand", make="bench.by_hand:hand_written", model="Lecture"
        ),
        "jax": Contender(what="JAX, the epoch in one lax.scan", make="bench.peers:jax", needs="jax"),
        "floor": Contender(
            what="floor: bare products, fused Adam, gather", make="bench.by_hand:floor", model="Lecture"
        ),
    },
    "vae": {
        "aetui": Contender(what="aetui: the training loop, --no-io", make=_OURS),
        "pictures": Contender(
            what="Dataset + PIL + DataLoader, as examples are written",
            make="bench.loops:dataset_of_pictures",
            model="UsualVae",
            needs="torchvision",
        ),
        "slices": Contender(
            what="slices of a uint8 tensor, autograd, fused Adam", make="bench.loops:slices", model="Vae"
        ),
    },
    "conv": {
        "aetui": Contender(what="aetui: the training loop, --no-io", make=_OURS),
        "pictures": Contender(
            what="Dataset + PIL + DataLoader, as examples are written",
            make="bench.loops:dataset_of_pictures",
            model="Conv",
            needs="torchvision",
        ),
        "slices": Contender(
            what="slices of a uint8 tensor, autograd, fused Adam", make="bench.loops:slices", model="Conv"
        ),
    },
    "more": {
        "aetui": Contender(what="aetui, batch 128", make=_OURS),
        "aetui-512": Contender(what="aetui, batch 512", make=_OURS, batch=512),
        "stacked": Contender(
            what="four networks in batched products, autograd, fused Adam",
            make="bench.by_hand:four_stacked",
            model="Lecture",
            models=4,
        ),
    },
}
"""work → name → contender; in each, the same network on the same images, float32, Adam 1e-3."""
