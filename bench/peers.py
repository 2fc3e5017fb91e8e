"""Other trainers on the lecture's network, each used as its documentation says. A missing one is told by the parent."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from bench import vision
from bench.loops import LEARNING_RATE, normalised
from bench.models import LECTURE, Lecture

if TYPE_CHECKING:
    from bench.worker import Job, Round, Rounds


def parameters_of(model: torch.nn.Module) -> int:
    return sum(weight.numel() for weight in model.parameters())


def counted(epoch: Callable[[int], float], batch: int) -> Round:
    """Rounds of a trainer that only knows epochs. epoch: trains one of so many steps, returns the seconds it took."""
    speed = 20.0

    def train(seconds: float) -> tuple[int, float]:
        nonlocal speed
        steps = max(5, round(seconds * speed))
        taken = epoch(steps)
        speed = steps / taken
        return steps * batch, taken

    return train


def lightning(job: Job, rounds: Rounds) -> None:
    """A LightningModule on a TensorDataset, without logger, bar, summary and checkpoints; start and end not counted."""
    vision.load()
    from lightning.pytorch import Callback, LightningModule, Trainer

    class Autoencoder(LightningModule):  # type: ignore[misc, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.network = Lecture()

        def training_step(self, batch: list[Tensor], index: int) -> Tensor:
            return self.network.loss(batch[0])

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters(), lr=LEARNING_RATE)

    class Watch(Callback):  # type: ignore[misc, unused-ignore]
        seconds = 0.0

        def on_train_epoch_start(self, trainer: Any, module: Any) -> None:
            self.seconds -= time.perf_counter()

        def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
            self.seconds += time.perf_counter()

    module = Autoencoder()
    loader = DataLoader(TensorDataset(normalised(module.network, job.images)), batch_size=job.batch, shuffle=True)

    def epoch(steps: int) -> float:
        watch = Watch()
        trainer = Trainer(
            accelerator="cpu", max_epochs=1, limit_train_batches=steps, callbacks=[watch], logger=False,
            enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
        )  # fmt: skip
        trainer.fit(module, loader)
        return watch.seconds

    rounds.serve(counted(epoch, job.batch), parameters_of(module))


def pythae(job: Job, rounds: Rounds) -> None:
    """pythae's AE with the lecture's two halves and its BaseTrainer; an epoch is its ``train_step``."""
    from pythae.data.datasets import BaseDataset
    from pythae.models import AE, AEConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder
    from pythae.trainers import BaseTrainer, BaseTrainerConfig

    network = Lecture()

    class Encoder(BaseEncoder):  # type: ignore[misc, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.layers = network.encoder

        def forward(self, x: Tensor) -> Any:
            return ModelOutput(embedding=self.layers(x))

    class Decoder(BaseDecoder):  # type: ignore[misc, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.layers = network.decoder

        def forward(self, z: Tensor) -> Any:
            return ModelOutput(reconstruction=self.layers(z).view(-1, 1, 28, 28))

    pixels = normalised(network, job.images)
    labels = torch.zeros(len(pixels))
    model = AE(AEConfig(input_dim=(1, 28, 28), latent_dim=LECTURE[-1]), Encoder(), Decoder())
    folder = tempfile.TemporaryDirectory()
    asked = BaseTrainerConfig(
        output_dir=folder.name,
        per_device_train_batch_size=job.batch,
        num_epochs=1,
        learning_rate=LEARNING_RATE,
        no_cuda=True,
    )
    trainer = BaseTrainer(model, BaseDataset(pixels[: job.batch], labels[: job.batch]), training_config=asked)
    trainer.prepare_training()

    def epoch(steps: int) -> float:
        some = torch.randperm(len(pixels))[: steps * job.batch]
        trainer.train_loader = trainer.get_train_dataloader(BaseDataset(pixels[some], labels[some]))
        start = time.perf_counter()
        trainer.train_step(1)
        return (time.perf_counter() - start) * steps / len(trainer.train_loader)

    rounds.serve(counted(epoch, job.batch), parameters_of(model))


def jax(job: Job, rounds: Rounds) -> None:
    """The same network and Adam in JAX, gather included, the whole epoch one compiled ``lax.scan``."""
    import os

    if job.threads == 1:
        # XLA takes a thread per core that it may run on; there is no option that holds everything to one.
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    import jax
    import jax.numpy as jnp
    import numpy as np

    network = Lecture()
    linear = [layer for layer in network.modules() if isinstance(layer, torch.nn.Linear)]
    weights = [(layer.weight.detach().numpy().T, layer.bias.detach().numpy()) for layer in linear]
    images = jnp.asarray(job.images.reshape(len(job.images), -1))
    steps = len(images) // job.batch

    def loss(weights: Any, x: Any) -> Any:
        y = x
        for place, (weight, bias) in enumerate(weights):
            y = y @ weight + bias
            if place == len(weights) - 1:
                y = jnp.tanh(y)
            elif place != len(LECTURE) - 2:
                y = jnp.maximum(y, 0)
        return jnp.square(y - x).sum() / (4 * len(x))

    def step(state: Any, rows: Any) -> Any:
        weights, mean, square, count = state
        x = images[rows].astype(jnp.float32) / 127.5 - 1
        value, gradients = jax.value_and_grad(loss)(weights, x)
        count = count + 1
        mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, gradients)
        square = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, square, gradients)
        rate, scale = LEARNING_RATE / (1 - 0.9**count), jnp.sqrt(1 - 0.999**count)
        weights = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) / scale + 1e-8), weights, mean, square)
        return (weights, mean, square, count), value

    run = jax.jit(lambda state, order: jax.lax.scan(step, state, order), donate_argnums=0)
    zeros = jax.tree.map(jnp.zeros_like, weights)
    state = (jax.tree.map(jnp.asarray, weights), zeros, jax.tree.map(jnp.zeros_like, weights), jnp.zeros(()))
    generator = np.random.default_rng(0)

    def train(seconds: float) -> tuple[int, float]:
        nonlocal state
        start, epochs = time.perf_counter(), 0
        while not epochs or time.perf_counter() - start < seconds:
            order = generator.permutation(len(images))[: steps * job.batch].reshape(steps, job.batch)
            state, _ = jax.block_until_ready(run(state, order))
            epochs += 1
        return epochs * steps * job.batch, time.perf_counter() - start

    rounds.serve(train, parameters_of(network))
