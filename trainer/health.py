"""What a network looks like at log-spaced steps: dead units, the length of its steps, what its code still says."""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from export.layers import BatchTopK, Heads
from trainer.alerts import Health, Layer
from trainer.batches import pixels
from trainer.config import Resolved, RunConfig
from trainer.data.dataset import DataSet, Split
from trainer.nets import Autoencoder
from trainer.spacing import log_spaced
from trainer.step import Stepper, learning_rate

PER_DECADE = 2
FIRST = 10
"""Before this step the weights have hardly moved."""
IMAGES = 1000
"""Training images that are looked at, or all where there are fewer."""
WARM_STEPS, SETTLED_STEPS = 100, 500
"""Before these steps nothing is said about dead units, and about what was learned; the latter also at the end of a
shorter run that has as many as the former."""


class Examiner:
    """Looks at a stepper's network around log-spaced steps, always with the same images."""

    def __init__(self, config: RunConfig, stepper: Stepper, data: DataSet, resolved: Resolved, step: int) -> None:
        self._config = config
        self._stepper = stepper
        self._train: Split = data.train
        self._images: Tensor | None = None
        self._mean_image_mse = 0.0
        self._steps_total = resolved.steps_total
        cost = min(len(data.train), IMAGES) / (2 * resolved.batch_size) + 1  # a forward pass is less than half a step
        self._schedule = log_spaced(self._steps_total, per_decade=PER_DECADE, cost=cost, first=FIRST)
        self._position = bisect.bisect_right(self._schedule, step)
        self._before: list[Tensor] = []

    def due(self, step: int) -> bool:
        """Whether the step that leads to ``step`` steps done is to be looked at; asked before every one."""
        return self._position < len(self._schedule) and step == self._schedule[self._position]

    @torch.no_grad()
    def begin(self) -> None:
        """Note the weights before such a step."""
        self._before = [weight.clone() for weight in _weights(self._stepper.model).values()]

    @torch.no_grad()
    def end(self, step: int) -> Health:
        """What there is to see after it."""
        self._position += 1
        model, fit = self._stepper.model, self._config.fit
        weights = _weights(model)
        before = torch._foreach_norm(self._before)
        moved = torch._foreach_norm(torch._foreach_sub(list(weights.values()), self._before))
        ratios = torch.stack(list(moved)) / torch.stack(list(before)).clamp(min=1e-12)
        self._before = []
        x = self._sample()
        with model.evaluating():
            look = _look(model, x)
        peak = self._stepper.peak_lr
        warmup = max(round(fit.warmup * self._steps_total), getattr(self._config.variant, "kl_warmup", 0))
        return Health(
            layers={
                name: Layer(units=len(weight), dead=look.dead.get(name), update_ratio=ratio)
                for (name, weight), ratio in zip(weights.items(), ratios.tolist(), strict=True)
            },
            kl_nats=look.kl_nats,
            mse=look.mse,
            mean_image_mse=self._mean_image_mse,
            rate_share=learning_rate(step - 1, self._steps_total, fit, peak) / peak,
            warm=step >= max(warmup, WARM_STEPS),
            settled=step >= max(min(max(2 * warmup, SETTLED_STEPS), self._steps_total), WARM_STEPS),
        )

    def _sample(self) -> Tensor:
        if self._images is None:
            images = self._train.rows(self._train.sample(IMAGES))
            self._images = torch.from_numpy(images).to(self._stepper.device)
            x = pixels(self._images)
            self._mean_image_mse = float((x - x.mean(dim=0)).square().mean())
        return pixels(self._images)


def _layers(model: Autoencoder) -> dict[nn.Module, str]:
    """Every layer with weights, from the image to the reconstruction, and its name for people."""
    heads = next(module for module in model.encoder.modules() if isinstance(module, Heads))
    names = {module: f"head {name}" for name, head in heads.items() for module in head.modules()}
    found: dict[nn.Module, str] = {}
    for half, top in (("encoder", model.encoder), ("decoder", model.decoder)):
        count = 0
        for module in top.modules():
            if isinstance(getattr(module, "weight", None), nn.Parameter):
                count += module not in names
                found[module] = names.get(module, f"{half} layer {count}")
    return found


def _weights(model: Autoencoder) -> dict[str, Tensor]:
    """The weights (not the biases) of every layer by name."""
    return {name: layer.get_parameter("weight").detach() for layer, name in _layers(model).items()}


@dataclass(frozen=True, kw_only=True)
class _Look:
    """What images did on their way through the network. dead: share of dead units, by the layer before the ReLU."""

    dead: dict[str, float]
    kl_nats: tuple[float, ...]
    mse: float


def _look(model: Autoencoder, x: Tensor) -> _Look:
    names = _layers(model)
    silent: dict[str, Tensor] = {}
    passed = [""]

    def hook(module: nn.Module, _: Any, result: Any) -> None:
        if module in names:
            passed[0] = names[module]
        elif isinstance(module, nn.ReLU | BatchTopK):
            others = [dimension for dimension in range(result.dim()) if dimension != 1]
            silent[passed[0]] = (result.amax(dim=others) <= 0).float().mean()

    hooks = [module.register_forward_hook(hook) for module in model.modules()]
    try:
        heads = model.encode(x)
        error = (model.decode(next(iter(heads.values()))).x_hat - x).square().mean()
    finally:
        for registered in hooks:
            registered.remove()
    kl = _kl_per_dimension(heads)
    numbers = torch.cat([torch.stack([error, *silent.values()]), kl]).tolist()
    dead = dict(zip(silent, numbers[1:], strict=False))
    return _Look(mse=numbers[0], dead=dead, kl_nats=tuple(numbers[1 + len(silent) :]))


def _kl_per_dimension(heads: Mapping[str, Tensor]) -> Tensor:
    """Mean KL of each dimension's marginal q(z_i|x) to N(0, 1), in nats: (latent_dim,); none without a distribution."""
    mean = next(iter(heads.values()))
    if "log_variance" in heads:
        variance = heads["log_variance"].exp()
    elif "scale_tril" in heads:
        variance = heads["scale_tril"].square().sum(dim=2)
    else:
        return mean.new_empty(0)
    return 0.5 * (mean.square() + variance - 1 - variance.log()).mean(dim=0)
