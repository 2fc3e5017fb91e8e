"""What goes wrong in training without an error, and what helps: judged from a few numbers, told once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

DEAD_SHARE = 0.35
"""Of a layer's units, dead. The lecture's network loses 5 to 15 % of its wide layers at a learning rate of 1e-3, and
25 to 50 % at 1e-2; its second layer about 30 % at any rate, without harm."""
DEAD_SHARE_UNDER_KL = 0.75
"""The same, where the code is a distribution: with a price on what the code says, units die that have nothing to say.
On digits 35 to 62 % of 128, at any learning rate, and with fewer of them the ELBO is no better."""
NARROW = 32
"""A layer with fewer units has too few for a share to mean much."""
COLLAPSED_NATS = 0.01
"""A dimension of the code whose mean KL is less says nothing about the image."""
UPDATE_RATIOS = (1e-5, 0.1)
"""Between them lies the length of a step against that of the weights, per layer; about 1e-3 is usual."""
MEAN_IMAGE_SHARE = 0.95
"""A reconstruction with this part of the mean image's error, or more, has learned nothing else."""
SPIKE_DEVIATIONS = 12.0
"""A loss so many mean deviations above its running mean is a spike, …"""
SPIKE_SHARE = 0.5
"""… if it is above it by this part of it, too."""
SPIKE_MEMORY = 50
"""Rows that the running mean of the loss reaches back; the first so many are not judged."""
_DEAD_HINT = "lower --lr or lengthen --warmup; the lecture's network loses about half of its first layer at 1e-2"
_CHARGE_HINT = "lower --lr, or what the code is charged for every active unit"

WORSE = 2.0
"""An alert is repeated when it has become so many times as severe."""


@dataclass(frozen=True, kw_only=True)
class Alert:
    """kind: one word per cause. value: the number that gave cause. severity: grows as it gets worse, > 0."""

    kind: str
    text: str
    hint: str
    value: float
    severity: float


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer with weights, around one step.

    units: its width, or its channels. dead: share of its units that fire for no image looked at, None where no ReLU
    follows. update_ratio: ‖change of the weights‖ / ‖weights‖ over the step.
    """

    units: int
    dead: float | None
    update_ratio: float


@dataclass(frozen=True, kw_only=True)
class Health:
    """What a network looked like after a step.

    layers: by name, from the image to the reconstruction. kl_nats: mean KL of each dimension of the code, () where it
    is no distribution. mse, mean_image_mse: per value, of the reconstruction and of the mean image in its place.
    rate_share: the step's learning rate against the highest. warm: warm-ups are over; settled: and steps enough are
    done to judge what was learned.
    """

    layers: Mapping[str, Layer]
    kl_nats: tuple[float, ...]
    mse: float
    mean_image_mse: float
    rate_share: float
    warm: bool
    settled: bool

    def row(self) -> dict[str, Any]:
        """As in ``health.jsonl``: what was found, not how it was judged."""
        layers = {name: vars(layer) for name, layer in self.layers.items()}
        collapsed = sum(value < COLLAPSED_NATS for value in self.kl_nats) / len(self.kl_nats) if self.kl_nats else None
        return {
            "kind": "health",
            "layers": layers,
            "collapsed": collapsed,
            "mse": self.mse,
            "mean_image_mse": self.mean_image_mse,
        }


def judge(health: Health) -> list[Alert]:
    """What is wrong, worst layer first."""
    found = [*_update_ratio(health)]
    if health.warm:
        found += _dead_units(health)
    if health.settled:
        found += [*_posterior_collapse(health), *_mean_image(health)]
    return found


def _dead_units(health: Health) -> Iterable[Alert]:
    wide = {name: layer for name, layer in health.layers.items() if layer.units >= NARROW}
    dead = {name: layer.dead for name, layer in wide.items() if layer.dead is not None}
    name = max(dead, key=lambda name: dead[name], default=None)
    limit = DEAD_SHARE_UNDER_KL if health.kl_nats else DEAD_SHARE
    if name is not None and (share := dead[name]) >= limit:
        yield Alert(
            kind="dead-units",
            text=f"{share:.0%} of the units of {name} are dead: they fire for no image and cannot learn any more",
            hint=_CHARGE_HINT if name.startswith("head") else _DEAD_HINT,
            value=share,
            severity=share,
        )


def _update_ratio(health: Health) -> Iterable[Alert]:
    low, high = UPDATE_RATIOS
    ratios = {name: layer.update_ratio for name, layer in health.layers.items()}
    name = max(ratios, key=lambda name: ratios[name], default=None)
    if name is not None and (ratio := ratios[name]) > high:
        yield Alert(
            kind="large-updates",
            text=f"one step changes the weights of {name} by {ratio:.0%} of their length; about 0.1 % is usual",
            hint="lower --lr, lengthen --warmup, or bound the gradient with --clip 1",
            value=ratio,
            severity=ratio / high,
        )
    # A schedule that has come down makes small steps on purpose.
    name = min(ratios, key=lambda name: ratios[name], default=None)
    if name is not None and health.rate_share >= 0.5 and (ratio := ratios[name]) < low:
        yield Alert(
            kind="small-updates",
            text=f"one step changes the weights of {name} by {ratio:.1g} of their length: they hardly learn",
            hint="--lr is too low, or the gradient has vanished; --lr auto looks for a rate",
            value=ratio,
            severity=low / max(ratio, 1e-30),
        )


def _posterior_collapse(health: Health) -> Iterable[Alert]:
    if health.kl_nats and all(value < COLLAPSED_NATS for value in health.kl_nats):
        yield Alert(
            kind="posterior-collapse",
            text=f"the posterior has collapsed: none of {len(health.kl_nats)} dimensions says anything about the image",
            hint="lower --variational.beta, or let it grow: --variational.kl-warmup; or --variational.free-bits 0.1",
            value=1.0,
            severity=1.0,
        )


def _mean_image(health: Health) -> Iterable[Alert]:
    share = health.mse / health.mean_image_mse if health.mean_image_mse > 0 else 0.0
    if share >= MEAN_IMAGE_SHARE:
        yield Alert(
            kind="mean-image",
            text=f"the network does no better than the mean image: its error is {share:.0%} of that of the mean image",
            hint="lower --lr or give another --seed; if the loss still falls, train longer",
            value=share,
            severity=1.0,
        )


@dataclass
class LossWatch:
    """Follows the training loss, row by row; what it knows is a function of the rows it has seen."""

    _mean: float = 0.0
    _deviation: float = 0.0
    _seen: int = 0

    def see(self, step: int, loss: float | None) -> Alert | None:
        """An alert where ``loss``, a row's, is a spike."""
        if loss is None or not math.isfinite(loss):
            return None
        usual, spread = self._mean, max(self._deviation, 1e-12 + 1e-6 * abs(self._mean))
        rise = loss - usual if self._seen else 0.0
        self._seen += 1
        part = max(1 / self._seen, 1 / SPIKE_MEMORY)
        spike = self._seen > SPIKE_MEMORY and rise > max(SPIKE_DEVIATIONS * spread, SPIKE_SHARE * abs(usual))
        # A spike counts as no more than what would not be one, or it would hide the next.
        counted = min(rise, SPIKE_DEVIATIONS * spread) if self._seen > SPIKE_MEMORY else rise
        self._deviation += part * (abs(counted) - self._deviation)
        self._mean = loss if self._seen == 1 else usual + part * counted
        if not spike:
            return None
        return Alert(
            kind="loss-spike",
            text=f"the loss jumped to {loss:.4g} at step {step}; it was about {usual:.4g}",
            hint="if it does not come back, lower --lr or bound the gradient with --clip 1",
            value=loss,
            severity=rise / spread,
        )


@dataclass
class Told:
    """Which alerts were given already, and how severe they were then."""

    severity: dict[str, float] = field(default_factory=dict)

    def is_news(self, alert: Alert) -> bool:
        """True for the first of its kind, and where it has become ``WORSE``; notes it."""
        if alert.kind in self.severity and alert.severity < WORSE * self.severity[alert.kind]:
            return False
        self.severity[alert.kind] = alert.severity
        return True
